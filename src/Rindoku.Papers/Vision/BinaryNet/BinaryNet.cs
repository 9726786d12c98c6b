using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Nn.Binary;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.BinaryNet;

/// <summary>Which batch normalisation stands between the layers.</summary>
public enum NormKind
{
    /// <summary>The ordinary one.</summary>
    Batch,

    /// <summary>The one of shifts, <see cref="ShiftBatchNorm"/>.</summary>
    Shift,
}

/// <summary>How a network is built: what is binary, and what stands beside the weights.</summary>
public sealed record BinaryNetOptions
{
    /// <summary>Whether weights and activations are signs; otherwise real weights and hard tanh.</summary>
    public bool Binary { get; init; } = true;

    /// <summary>The normalisation.</summary>
    public NormKind Norm { get; init; }

    /// <summary>ε of the normalisation.</summary>
    public double Epsilon { get; init; } = 1e-4;

    /// <summary>How far running statistics move each step.</summary>
    public double Momentum { get; init; } = 0.1;

    /// <summary>Whether activations are drawn at random in training (the authors' Torch code) instead of being the signs.</summary>
    public bool Stochastic { get; init; }

    /// <summary>How likely an input is dropped in training.</summary>
    public double InputDropout { get; init; }

    /// <summary>How likely a hidden activation is dropped in training.</summary>
    public double HiddenDropout { get; init; }
}

/// <summary>
/// One layer of the paper's algorithm 1: product, pooling, normalisation, and (not in the last layer) the sign:
/// <c>s_k = a_{k−1} sign(W_k); a_k = sign(BN(pool(s_k)))</c>.
/// </summary>
/// <remarks>
/// Pooling comes before normalisation and sign: the largest of a few signs is nearly always +1. Dropout acts on what goes in.
/// </remarks>
public sealed class BinaryBlock : Layer
{
    private readonly BinaryNetOptions options;
    private readonly Dropout? dropout;
    private readonly Rng? draws;

    internal BinaryBlock(BinaryNetOptions options, Layer product, int outputs, bool pools, bool isLast, double dropout, Rng rng)
    {
        this.options = options;
        (Pools, IsLast) = (pools, isLast);
        if (dropout > 0) this.dropout = Register("dropout", new Dropout(dropout, rng.Split("dropout")));
        if (options is { Stochastic: true, Binary: true } && !isLast) draws = Register("draws", rng.Split("signs"));
        Product = Register("product", product);
        Norm = Register<Layer>("norm", options.Norm == NormKind.Batch ? new BatchNorm(outputs, options.Epsilon, options.Momentum)
            : new ShiftBatchNorm(outputs, options.Epsilon, options.Momentum));
    }

    /// <summary>The product: a layer of binary or real weights.</summary>
    public Layer Product { get; }

    /// <summary>The normalisation.</summary>
    public Layer Norm { get; }

    /// <summary>Whether the largest of 2 x 2 places goes on.</summary>
    public bool Pools { get; }

    /// <summary>Whether this is the last layer, which gives real scores.</summary>
    public bool IsLast { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        Tensor s = Product.Forward(dropout is null ? x : dropout.Forward(x));
        if (Pools) s = s.MaxPool2d(2);
        Tensor a = Norm.Forward(s);
        if (IsLast) return a;
        if (!options.Binary) return a.HardTanh();
        return draws is not null && IsTraining ? a.BinarySign(draws) : a.BinarySign();
    }
}

/// <summary>A binarized neural network, or the same network in real numbers.</summary>
/// <remarks>
/// Inputs are 8-bit numbers (<see cref="BinaryNet.FromPixels"/>); all weights, those of the first and last layer too, are signs. Source: Courbariaux et
/// al. 2016, arXiv:1602.02830, algorithm 1 and §2.
/// </remarks>
public sealed class BinaryNet : Layer
{
    private BinaryNet(IEnumerable<BinaryBlock> blocks)
    {
        Blocks = [.. blocks];
        Register("blocks", new ModuleList(Blocks));
    }

    /// <summary>The layers, from the first on.</summary>
    public IReadOnlyList<BinaryBlock> Blocks { get; }

    /// <summary>The layers with binary weights.</summary>
    public IEnumerable<BinaryLayer> BinaryLayers => Blocks.Select(block => block.Product).OfType<BinaryLayer>();

    /// <summary>The paper's network for MNIST: hidden layers of one width between flat images and classes.</summary>
    /// <param name="options">What is binary.</param>
    /// <param name="inputs">Pixels of an image.</param>
    /// <param name="width">Units of a hidden layer: 4096 in the Theano code, 2048 in the Torch code.</param>
    /// <param name="hidden">Hidden layers; 3 in the paper.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="rng">Where start values and draws come from.</param>
    public static BinaryNet Mlp(BinaryNetOptions options, int inputs, int width, int hidden, int classes, Rng rng)
    {
        int[] sizes = [inputs, .. Enumerable.Repeat(width, hidden), classes];
        return new BinaryNet(Enumerable.Range(0, hidden + 1).Select(k =>
        {
            Rng own = rng.Split($"layer {k}");
            return new BinaryBlock(options, Dense(options, sizes[k], sizes[k + 1], own), sizes[k + 1], pools: false, isLast: k == hidden,
                k == 0 ? options.InputDropout : options.HiddenDropout, own);
        }));
    }

    /// <summary>The paper's network for CIFAR-10 and SVHN: (2 x C3)-MP2-(2 x 2C3)-MP2-(2 x 4C3)-MP2-dense-dense-classes.</summary>
    /// <param name="options">What is binary.</param>
    /// <param name="channels">Channels of an image.</param>
    /// <param name="size">Its height and width, a multiple of 8.</param>
    /// <param name="width">C: 128 for CIFAR-10, 64 for SVHN.</param>
    /// <param name="dense">Units of the two layers after the convolutions; 1024 in the paper.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="rng">Where start values and draws come from.</param>
    public static BinaryNet ConvNet(BinaryNetOptions options, int channels, int size, int width, int dense, int classes, Rng rng)
    {
        if (size % 8 != 0) throw new ArgumentException($"BinaryNet: images of {size} pixels cannot be halved three times; needed is a multiple of 8", nameof(size));
        List<BinaryBlock> blocks = [];
        int inputs = channels;
        for (int k = 0; k < 6; k++)
        {
            int outputs = width << (k / 2);
            Rng own = rng.Split($"layer {k}");
            Layer conv = options.Binary ? new BinaryConv2d(inputs, outputs, 3, own, padding: 1, ofSigns: k > 0) : new Conv2d(inputs, outputs, 3, own, padding: 1);
            blocks.Add(new BinaryBlock(options, conv, outputs, pools: k % 2 == 1, isLast: false, k == 0 ? options.InputDropout : options.HiddenDropout, own));
            inputs = outputs;
        }
        int[] sizes = [inputs * (size / 8) * (size / 8), dense, dense, classes];
        for (int k = 0; k < 3; k++)
        {
            Rng own = rng.Split($"layer {k + 6}");
            blocks.Add(new BinaryBlock(options, Dense(options, sizes[k], sizes[k + 1], own), sizes[k + 1], pools: false, isLast: k == 2, options.HiddenDropout, own));
        }
        return new BinaryNet(blocks);
    }

    private static Layer Dense(BinaryNetOptions options, int inputs, int outputs, Rng rng) =>
        options.Binary ? new BinaryLinear(inputs, outputs, rng) : new Linear(inputs, outputs, rng);

    /// <summary>Pixels from 0 to 1 as 8-bit numbers around zero, (2 b − 255) / 256: sums of them are exact, and their bits are signs.</summary>
    public static Tensor FromPixels(Tensor pixels) => (pixels.Clamp(0, 1) * 255).Round() * (2 / 256f) - 255 / 256f;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        foreach (BinaryBlock block in Blocks)
        {
            if (x.Rank > 2 && block.Product is Linear or BinaryLinear) x = x.Reshape(x.Shape[0], x.Shape.Count(1..));
            x = block.Forward(x);
        }
        return x;
    }

    /// <summary>The scores of a batch without a record for gradients.</summary>
    public Tensor Infer(Tensor x)
    {
        using NoGrad noGrad = NoGrad.Enter();
        return Forward(x);
    }

    /// <summary>The squared hinge loss of one class against all others: the mean over batch and classes of <c>max(0, 1 − t y)²</c>, t = ±1.</summary>
    /// <param name="scores">y, (N, classes).</param>
    /// <param name="labels">The right classes, (N).</param>
    public static Tensor Loss(Tensor scores, IntTensor labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        Tensor targets = labels.OneHot(scores.Shape[1]) * 2 - 1;
        return (1 - targets * scores).Relu().Square().Mean();
    }

    /// <summary>After a step: binary layers' weights are brought back between −1 and 1.</summary>
    public void Clip()
    {
        foreach (BinaryLayer layer in BinaryLayers) layer.Clip();
    }

    /// <summary>Takes the running statistics of a whole set anew, weights staying as they are.</summary>
    /// <param name="batches">The inputs, batch by batch, often enough for the statistics to forget what they were.</param>
    public void EstimateStatistics(IEnumerable<Tensor> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        using NoGrad noGrad = NoGrad.Enter();
        Train();
        foreach (Tensor batch in batches) MemoryScope.Run(() => Forward(batch));
        Eval();
    }
}
