using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The variance along some axes: <c>y = Σ (x - mean)² / (n - 1)</c>, or <c>/ n</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">The axes to go over; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <param name="unbiased">Whether to divide by n - 1 (an unbiased estimate from a sample) rather than by n.</param>
    /// <remarks>NaN where the divisor is 0. Distances from the mean are squared, never large squares subtracted, so it is exact for large means too.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Var(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false, bool unbiased = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, axes, nameof(Var));
        float divisor = Divisor(over, unbiased);
        Tensor y = Spread(x, over, divisor).View(over.Result(keep));
        return Tape.Record("var", y, new Edge(x, dy => dy.Reshape(over.Kept) * Centred(x, over) * (2 / divisor)));
    }

    /// <summary>The standard deviation along some axes: the square root of <see cref="Var"/>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">The axes to go over; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <param name="unbiased">Whether to divide by n - 1 rather than by n.</param>
    /// <remarks>Where all numbers are equal the deviation has a kink; its gradient is taken as 0 there.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Std(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false, bool unbiased = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, axes, nameof(Std));
        float divisor = Divisor(over, unbiased);
        Tensor y = Spread(x, over, divisor).View(over.Result(keep));
        foreach (ref float value in y.Writable) value = MathF.Sqrt(value);
        // ∂y/∂x = (x - mean) / (divisor · y); where y is 0 so is x - mean, and any other number may stand for y.
        return Tape.Record("std", y, new Edge(x, dy =>
            dy.Reshape(over.Kept) / y.MaskedFill(y.Equal(0), 1).Reshape(over.Kept) * Centred(x, over) * (1 / divisor)));
    }

    private static float Divisor(Over over, bool unbiased) => unbiased ? Math.Max(0, over.Count - 1) : over.Count;

    private static Tensor Spread(Tensor x, Over over, float divisor)
    {
        Tensor y = Tensor.Uninitialized(over.Kept);
        (Tensor source, int outer, int reduced, int inner) = over.Arrange(x);
        if (over.Count == 0) y.Writable.Fill(float.NaN);
        else Variances.Run(source.Span, y.Writable, outer, reduced, inner, divisor);
        return y;
    }

    private static Tensor Centred(Tensor x, Over over) => x - x.Mean(over.Axes, keep: true);
}
