using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The length of vectors: <c>y = (Σ |x|^p)^(1/p)</c> along some axes; the largest |x| for p = ∞.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="p">The order, above 0: 1, 2, infinity or another.</param>
    /// <param name="axes">The axes to go over; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <remarks>A vector of zeros has length 0, where the length has a kink; its gradient is taken as 0 there.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice, or p is infinite and there are no numbers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">p is not above 0.</exception>
    public static Tensor Norm(this Tensor x, float p = 2, ReadOnlySpan<int> axes = default, bool keep = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!(p > 0)) throw new ArgumentOutOfRangeException(nameof(p), p, $"Norm: the order of a norm of {x.Shape} must be above 0");
        if (p == 2) return EuclideanNorm(x, Over.Of(x.Shape, axes, nameof(Norm)), keep);
        if (p == 1) return x.Abs().Sum(axes, keep);
        if (float.IsPositiveInfinity(p)) return x.Abs().Max(axes, keep);
        Tensor sum = x.Abs().Pow(p).Sum(axes, keep), none = sum.Equal(0);
        return sum.MaskedFill(none, 1).Pow(1 / p).MaskedFill(none, 0);
    }

    private static Tensor EuclideanNorm(Tensor x, Over over, bool keep)
    {
        Tensor y = Tensor.Uninitialized(over.Result(keep));
        Reductions.SumTo(Map(x, x, default(MultiplyOp)).Span, x.Shape.AsSpan(), y.Writable, over.Kept.AsSpan());
        foreach (ref float value in y.Writable) value = MathF.Sqrt(value);
        // ∂y/∂x = x / y; where y is 0 so is x, and any other number may stand for y.
        return Tape.Record("norm", y, new Edge(x, dy => x * (dy / y.MaskedFill(y.Equal(0), 1)).Reshape(over.Kept)));
    }
}
