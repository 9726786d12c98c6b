using Rindoku.Nn;
using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.FractalNet;

/// <summary>What comes first at the end of a block; mean and maximum do not commute, so these are two networks.</summary>
public enum JoinOrder
{
    /// <summary>Each column is pooled, then they are joined: the authors' code.</summary>
    PoolThenJoin,

    /// <summary>The columns are joined, then the join is pooled: the paper's figure 1.</summary>
    JoinThenPool,
}

/// <summary>The sizes of a FractalNet.</summary>
/// <param name="Columns">C: the block is f_C.</param>
/// <param name="Filters">For each of the B blocks the outputs of its convolutions.</param>
public sealed record FractalSize(int Columns, IReadOnlyList<int> Filters)
{
    /// <summary>The probability of dropout in each block; empty for none at all.</summary>
    public IReadOnlyList<double> Dropout { get; init; } = [];

    /// <summary>What comes first at the end of a block.</summary>
    public JoinOrder Order { get; init; }

    /// <summary>B 2^(C−1): the convolutions on the longest path.</summary>
    public int Depth => Filters.Count << (Columns - 1);

    /// <summary>B (2^C − 1): all convolutions.</summary>
    public int Convolutions => Filters.Count * ((1 << Columns) - 1);
}

/// <summary>FractalNet: blocks by the rule <c>f_1(z) = conv(z), f_{C+1}(z) = (f_C ∘ f_C)(z) ⊕ conv(z)</c> (paper, equation 1), each followed by 2 × 2 pooling.</summary>
/// <remarks>
/// <para>Shapes: images <c>(N, C, H, W)</c> → logits <c>(N, classes)</c>. In training the ways through the network are drawn by <see cref="DropPath"/>
/// anew for each batch; in evaluation every join takes the mean of all its inputs.</para>
/// <para>Source: Larsson, Maire and Shakhnarovich 2016, arXiv:1605.07648, and gustavla/fractalnet.</para>
/// </remarks>
public sealed class FractalNet : Layer
{
    private readonly FractalBlock[] blocks;
    private readonly Linear fc;
    private readonly DropPath? dropPath;

    /// <summary>A network with random start values.</summary>
    /// <param name="size">The sizes.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="rng">Source of the start values and of what is dropped.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="dropPath">What is dropped in training; null for nothing.</param>
    /// <exception cref="ArgumentException">There are no columns, no blocks, or not as many rates of dropout as blocks.</exception>
    public FractalNet(FractalSize size, int classes, Rng rng, int channels = 3, DropPath? dropPath = null)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(rng);
        if (size.Columns is < 1 or > 10 || size.Filters.Count == 0)
            throw new ArgumentException($"FractalNet: {size.Columns} columns and {size.Filters.Count} blocks; needed are 1 to 10 columns and 1 block or more", nameof(size));
        if (size.Dropout.Count != 0 && size.Dropout.Count != size.Filters.Count)
            throw new ArgumentException($"FractalNet: {size.Dropout.Count} rates of dropout for {size.Filters.Count} blocks; needed is one for each, or none", nameof(size));
        Size = size;
        this.dropPath = dropPath;
        if (dropPath is not null) Register("drop_path", dropPath.Randomness);
        Rng dropout = rng.Split("dropout");
        blocks = new FractalBlock[size.Filters.Count];
        for (int b = 0; b < blocks.Length; b++)
        {
            double rate = size.Dropout.Count == 0 ? 0 : size.Dropout[b];
            blocks[b] = Register($"block{b + 1}", new FractalBlock(size.Columns, channels, size.Filters[b], rate, size.Order, rng, dropout));
            channels = size.Filters[b];
        }
        fc = Register("fc", new Linear(channels, classes, rng));
    }

    /// <summary>The sizes.</summary>
    public FractalSize Size { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, IsTraining && dropPath is not null ? dropPath.Draw(Size.Columns) : Paths.All);

    /// <summary>The logits by the given ways through the network.</summary>
    public Tensor Forward(Tensor x, Paths paths)
    {
        foreach (FractalBlock block in blocks) x = block.Forward(x, paths);
        return fc.Forward(x.Mean([2, 3]));
    }

    /// <summary>One column as a network of its own: the plain network of B 2^(c−1) convolutions that is left if every join passes this column.</summary>
    /// <remarks>It has the same layers, not copies: trained parameters and each convolution's own statistics. Its <c>State()</c> is a checkpoint without the rest.</remarks>
    /// <param name="column">c, from 1 (the shallow one) to C (the deep one).</param>
    public Sequential Column(int column)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(column, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(column, Size.Columns);
        Sequential extracted = new([.. blocks.SelectMany(block => block.Column(column)), new Lambda("mean over the image", x => x.Mean([2, 3])), fc]);
        if (!IsTraining) extracted.Eval();
        return extracted;
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"FractalNet({Size.Filters.Count} blocks, {Size.Columns} columns, {ParameterCount:N0} parameters)";
}

/// <summary>A block f_C, with the pooling that follows it.</summary>
/// <remarks>
/// Written as the authors' generator has it: of rows 1 ... 2^(C−1) column c computes a convolution in those divisible by 2^(C−c). The columns that
/// compute in a row are joined, and all of them go on from the join.
/// </remarks>
public sealed class FractalBlock : Module
{
    private readonly Layer[][] columns; // columns[c - 1][k]: convolution k of column c
    private readonly JoinOrder order;

    /// <summary>A block with random start values.</summary>
    /// <param name="count">C.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of all its convolutions.</param>
    /// <param name="dropout">The probability of dropout.</param>
    /// <param name="order">Whether the last join stands before or behind the pooling.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="dropoutSource">Source of what dropout drops.</param>
    public FractalBlock(int count, int inputs, int outputs, double dropout, JoinOrder order, Rng rng, Rng dropoutSource)
    {
        this.order = order;
        columns = new Layer[count][];
        for (int c = 1; c <= count; c++)
        {
            // Only the first convolution of a column sees the block's input.
            columns[c - 1] = [.. Enumerable.Range(0, 1 << (c - 1)).Select(k => Unit(k == 0 ? inputs : outputs, outputs, dropout, rng, dropoutSource))];
            Register($"column{c}", new ModuleList(columns[c - 1]));
        }
    }

    /// <summary>The columns that compute in a row, shallow ones first; a row with more than one has a join.</summary>
    /// <param name="row">From 1 to 2^(C−1).</param>
    /// <param name="count">C.</param>
    public static IReadOnlyList<int> Firing(int row, int count) => [.. Enumerable.Range(1, count).Where(c => row % (1 << (count - c)) == 0)];

    /// <summary>The block's output by the given ways, half as high and wide as its input.</summary>
    public Tensor Forward(Tensor x, Paths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        int count = columns.Length, rows = 1 << (count - 1);
        Tensor[] inputs = [.. Enumerable.Repeat(x, count)];
        int[] used = new int[count];
        Tensor y = x;
        for (int row = 1; row <= rows; row++)
        {
            int[] firing = [.. Firing(row, count).Where(paths.Computes)];
            if (firing.Length == 0) continue;
            Tensor[] outputs = [.. firing.Select(c => columns[c - 1][used[c - 1]++].Forward(inputs[c - 1]))];
            if (row == rows && order == JoinOrder.PoolThenJoin) outputs = [.. outputs.Select(Pool)];
            y = Join(outputs, paths.Keep(firing));
            foreach (int c in firing) inputs[c - 1] = y;
        }
        return order == JoinOrder.PoolThenJoin ? y : Pool(y);
    }

    /// <summary>⊕: the mean of the inputs that are kept; what is dropped does not count, so nothing has to be scaled in evaluation.</summary>
    /// <param name="inputs">Tensors of one shape.</param>
    /// <param name="kept">For each whether it is kept; one at least is.</param>
    /// <exception cref="ArgumentException">None is kept.</exception>
    public static Tensor Join(IReadOnlyList<Tensor> inputs, IReadOnlyList<bool> kept)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        Tensor[] present = [.. inputs.Where((_, i) => kept[i])];
        if (present.Length == 0) throw new ArgumentException($"FractalNet.Join: none of {inputs.Count} inputs is kept; needed is one at least", nameof(kept));
        return present.Length == 1 ? present[0] : present.Aggregate((sum, input) => sum + input) * (1f / present.Length);
    }

    internal IEnumerable<Layer> Column(int column) => [.. columns[column - 1], new Lambda("max pooling 2 x 2", Pool)];

    private static Tensor Pool(Tensor x) => x.MaxPool2d(2);

    // Convolution, dropout, batch normalisation without scale and shift, ReLU: the order of the generator; "xavier" of Caffe, U(-b, b) with b = √(3 / fan-in).
    private static Sequential Unit(int inputs, int outputs, double dropout, Rng rng, Rng dropoutSource)
    {
        Conv2d conv = new(inputs, outputs, 3, rng, padding: 1, start: (source, shape) => Initialise.KaimingUniform(source, shape, Gain.Linear));
        List<Layer> layers = [conv];
        if (dropout > 0) layers.Add(new Dropout(dropout, dropoutSource));
        return new Sequential([.. layers, new BatchNorm(outputs, affine: false), Activation.Relu]);
    }
}
