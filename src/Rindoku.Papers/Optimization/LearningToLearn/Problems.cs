using Rindoku.Data;
using Rindoku.Ops;

namespace Rindoku.Papers.Optimization.LearningToLearn;

/// <summary>Several functions to be minimised side by side, each of coordinates of its own; all are one vector θ to an optimizer.</summary>
public abstract class Problems
{
    /// <summary>Functions of so many coordinates each.</summary>
    protected Problems(int count, int coordinates) => (Count, Coordinates) = (count, count * coordinates);

    /// <summary>How many functions.</summary>
    public int Count { get; }

    /// <summary>n, the coordinates of all of them.</summary>
    public int Coordinates { get; }

    /// <summary>θ₀, (n).</summary>
    public abstract Tensor Start { get; }

    /// <summary>f(θ) of each function, (count), at a step: what is drawn anew for each step depends on nothing but its number.</summary>
    public abstract Tensor Each(Tensor theta, long step);

    /// <summary>f(θ) of each function as the final measure takes it: on all data.</summary>
    public abstract Tensor Measure(Tensor theta);

    /// <summary>The sum over the functions: each then has just its own gradient.</summary>
    public Tensor Sum(Tensor theta, long step) => Each(theta, step).Sum();
}

/// <summary>Random quadratics <c>f(θ) = ‖W θ − y‖²</c>, W and y from U(0, 1) as in the authors' code, θ₀ from N(0, 0.01²).</summary>
public sealed class Quadratics : Problems
{
    private readonly Tensor w, y;
    private readonly int dimensions;

    /// <summary>Draws functions.</summary>
    public Quadratics(int count, int dimensions, Rng rng) : base(count, dimensions)
    {
        ArgumentNullException.ThrowIfNull(rng);
        this.dimensions = dimensions;
        w = rng.Uniform([count, dimensions, dimensions]).Keep();
        y = rng.Uniform([count, dimensions]).Keep();
        Start = rng.Normal([count * dimensions], 0, 0.01f).Keep();
    }

    /// <summary>W, (count, d, d).</summary>
    public Tensor W => w;

    /// <summary>y, (count, d).</summary>
    public Tensor Y => y;

    /// <inheritdoc/>
    public override Tensor Start { get; }

    /// <inheritdoc/>
    public override Tensor Each(Tensor theta, long step)
    {
        ArgumentNullException.ThrowIfNull(theta);
        Tensor error = w.MatMul(theta.Reshape(Count, dimensions, 1)).Reshape(Count, dimensions) - y;
        return (error * error).Sum([1]);
    }

    /// <inheritdoc/>
    public override Tensor Measure(Tensor theta) => Each(theta, 0);
}

/// <summary>What the small networks compute.</summary>
/// <param name="Hidden">Units of each hidden layer.</param>
/// <param name="Relu">Whether ReLU stands in the place of the logistic function.</param>
public sealed record NetworkShape(IReadOnlyList<int> Hidden, bool Relu = false);

/// <summary>Small networks that classify images, by their cross-entropy on a batch that is drawn anew for each step; start values from N(0, 0.01²).</summary>
public sealed class Networks : Problems
{
    private readonly LabelledSet images;
    private readonly NetworkShape shape;
    private readonly int[] sizes;
    private readonly int batch;
    private readonly Rng batches;

    /// <summary>Draws networks of one shape.</summary>
    /// <param name="count">How many; they see the same batches and differ in their start values.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="images">What they learn.</param>
    /// <param name="batch">Images in a batch.</param>
    /// <param name="rng">The source of start values and batches.</param>
    public Networks(int count, NetworkShape shape, LabelledSet images, int batch, Rng rng) : base(count, ParametersOf(shape, images))
    {
        ArgumentNullException.ThrowIfNull(rng);
        (this.images, this.shape, this.batch) = (images, shape, Math.Min(batch, images.Count));
        sizes = SizesOf(shape, images);
        batches = rng.Split("batches");
        Start = rng.Split("start").Normal([Coordinates], 0, 0.01f).Keep();
    }

    /// <inheritdoc/>
    public override Tensor Start { get; }

    /// <summary>Weights and biases of one network: 15,910 for 784-20-10.</summary>
    public static int ParametersOf(NetworkShape shape, LabelledSet images)
    {
        int[] sizes = SizesOf(shape, images);
        return Enumerable.Range(1, sizes.Length - 1).Sum(l => (sizes[l - 1] + 1) * sizes[l]);
    }

    /// <inheritdoc/>
    public override Tensor Each(Tensor theta, long step)
    {
        Rng rng = batches.Split(step);
        return Each(theta, images.Subset([.. Enumerable.Range(0, batch).Select(_ => rng.NextInt(images.Count))]));
    }

    /// <inheritdoc/>
    public override Tensor Measure(Tensor theta) => Each(theta, images);

    private Tensor Each(Tensor theta, LabelledSet set)
    {
        Tensor x = set.Inputs.Reshape(1, set.Count, sizes[0]), all = theta.Reshape(Count, theta.Length / Count);
        int from = 0;
        Tensor Next(int rows, int columns)
        {
            Tensor part = all.Narrow(1, from, rows * columns);
            from += rows * columns;
            return part.Reshape(Count, rows, columns);
        }
        for (int l = 1; l < sizes.Length; l++)
        {
            x = x.MatMul(Next(sizes[l], sizes[l - 1]), transposeB: true) + Next(1, sizes[l]);
            if (l + 1 < sizes.Length) x = shape.Relu ? x.Relu() : x.Sigmoid();
        }
        IntTensor labels = IntTensor.Of([.. Enumerable.Repeat(set.Labels.ToArray(), Count).SelectMany(y => y)]);
        return x.Reshape(Count * set.Count, sizes[^1]).CrossEntropy(labels, reduction: Reduction.None).Reshape(Count, set.Count).Mean([1]);
    }

    private static int[] SizesOf(NetworkShape shape, LabelledSet images)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(images);
        return [images.InputShape.Length, .. shape.Hidden, images.ClassCount];
    }
}
