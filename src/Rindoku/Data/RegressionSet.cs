using Rindoku.Ops;

namespace Rindoku.Data;

/// <summary>Examples of a number to be predicted from others, all in memory.</summary>
public sealed class RegressionSet
{
    /// <summary>A set.</summary>
    /// <param name="inputs">(n, features).</param>
    /// <param name="targets">(n).</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public RegressionSet(Tensor inputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        ShapeException.Require(inputs.Rank == 2 && targets.Rank == 1 && inputs.Shape[0] == targets.Length,
            $"RegressionSet: needs inputs (n, features) and targets (n), got {inputs.Shape} and {targets.Shape}");
        (Inputs, Targets) = (inputs.Detach(), targets.Detach());
    }

    /// <summary>(n, features).</summary>
    public Tensor Inputs { get; }

    /// <summary>(n).</summary>
    public Tensor Targets { get; }

    /// <summary>How many examples.</summary>
    public int Count => Targets.Length;

    /// <summary>How many numbers each prediction starts from.</summary>
    public int Features => Inputs.Shape[1];

    /// <summary>Some of the examples, in the order given.</summary>
    public RegressionSet Subset(ReadOnlySpan<int> indices)
    {
        IntTensor rows = IntTensor.Of(indices);
        return new RegressionSet(Inputs.IndexSelect(0, rows).Keep(), Targets.IndexSelect(0, rows).Keep());
    }

    /// <summary>Two parts in random order; the first has the given fraction of the examples, rounded.</summary>
    public (RegressionSet First, RegressionSet Second) Split(double fraction, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        if (!(fraction is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "RegressionSet.Split: the fraction must lie between 0 and 1");
        int[] order = rng.Permutation(Count);
        int first = (int)Math.Round(fraction * Count);
        return (Subset(order.AsSpan(..first)), Subset(order.AsSpan(first..)));
    }

    /// <summary>Both parts with every input and the target brought to mean 0 and deviation 1 over the training part.</summary>
    /// <returns>The parts, and the deviation of the targets, by which errors are brought back to their unit.</returns>
    public static (RegressionSet Train, RegressionSet Test, float TargetDeviation) Standardise(RegressionSet train, RegressionSet test)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        (Tensor mean, Tensor deviation) = Moments(train.Inputs);
        (Tensor middle, Tensor spread) = Moments(train.Targets.Reshape([train.Count, 1]));
        return (Change(train), Change(test), spread.Span[0]);

        RegressionSet Change(RegressionSet set) => new(((set.Inputs - mean) / deviation).Keep(), ((set.Targets - middle) / spread).Keep());
    }

    // A column that is the same everywhere is only shifted.
    private static (Tensor Mean, Tensor Deviation) Moments(Tensor x)
    {
        (int rows, int columns) = (x.Shape[0], x.Shape[1]);
        float[] mean = new float[columns], deviation = new float[columns];
        for (int c = 0; c < columns; c++)
        {
            double sum = 0, squares = 0;
            for (int r = 0; r < rows; r++) sum += x.Span[r * columns + c];
            double middle = sum / Math.Max(1, rows);
            for (int r = 0; r < rows; r++) squares += (x.Span[r * columns + c] - middle) * (x.Span[r * columns + c] - middle);
            (mean[c], deviation[c]) = ((float)middle, squares > 0 ? (float)Math.Sqrt(squares / rows) : 1);
        }
        return (Tensor.Own(mean, [columns]), Tensor.Own(deviation, [columns]));
    }

    /// <summary>The size.</summary>
    public override string ToString() => $"{Count} x {Features}";
}
