using System.Runtime.CompilerServices;
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
        if (p == 1 || float.IsPositiveInfinity(p))
        {
            Tensor size = x * Map(x, Tensor.Scalar(0), default(SignKernel));
            return p == 1 ? size.Sum(axes, keep) : size.Max(axes, keep);
        }

        Tensor sum = AbsPower(x, p, signed: false).Sum(axes, keep), none = Zeros(sum);
        return AbsPower(sum.MaskedFill(none, 1), 1 / p, signed: false).MaskedFill(none, 0);
    }

    private static Tensor EuclideanNorm(Tensor x, Over over, bool keep)
    {
        Tensor y = Tensor.Uninitialized(over.Result(keep));
        Reductions.SumTo(Map(x, x, default(MultiplyOp)).Span, x.Shape.AsSpan(), y.Writable, over.Kept.AsSpan());
        foreach (ref float value in y.Writable) value = MathF.Sqrt(value);
        // ∂y/∂x = x / y; where y is 0 so is x, and any other number may stand for y.
        return Tape.Record("norm", y, new Edge(x, dy => x * (dy / y.MaskedFill(Zeros(y), 1)).Reshape(over.Kept)));
    }

    /// <summary><c>|x|^p</c>, with the sign of x if <paramref name="signed"/>: each is, but for a factor, the slope of the other.</summary>
    private static Tensor AbsPower(Tensor x, float p, bool signed)
    {
        Tensor y = Tensor.Uninitialized(x.Shape);
        ReadOnlySpan<float> source = x.Span;
        Span<float> target = y.Writable;
        for (int i = 0; i < target.Length; i++)
        {
            float power = MathF.Pow(MathF.Abs(source[i]), p);
            target[i] = signed ? source[i] == 0 ? 0 : MathF.CopySign(power, source[i]) : power;
        }
        return Tape.Record("abs_power", y, new Edge(x, dy => dy * AbsPower(x, p - 1, !signed) * p));
    }

    private readonly struct SignKernel : IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V x, V zero) where V : struct, ISimd<V> =>
            V.Select(V.Less(x, zero), V.All(-1), V.Select(V.Less(zero, x), V.All(1), x));
    }
}
