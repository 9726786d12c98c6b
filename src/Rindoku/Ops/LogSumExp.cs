using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The logarithm of a sum of exponentials along some axes: <c>y = log Σ eˣ</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">The axes to go over; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <remarks>
    /// The maximum is taken out first, so nothing overflows. Where all numbers are -∞ (or there are none) y is -∞ and the gradient 0;
    /// where some are +∞ y is +∞ and they share the gradient.
    /// </remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor LogSumExp(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, axes, nameof(LogSumExp));
        Tensor y = Tensor.Uninitialized(over.Result(keep));
        if (over.Count == 0)
        {
            y.Writable.Fill(float.NegativeInfinity);
            return Tape.Record("logsumexp", y, new Edge(x, dy => dy.Reshape(over.Kept).Expand(x.Shape)));
        }
        (Tensor source, int outer, int reduced, int inner) = over.Arrange(x);
        Tensor largest = Tensor.Uninitialized(over.Kept);
        Folds.Run(default(MaxFold), source.Span, largest.Writable, outer, reduced, inner);
        Tensor exponentials = Map(source.View([outer, reduced, inner]), largest.View([outer, 1, inner]), default(ExpDifferenceKernel));
        Reductions.SumMiddle(exponentials.Span, y.Writable, outer, reduced, inner);
        for (int i = 0; i < y.Length; i++) y.Writable[i] = largest.Span[i] + MathF.Log(y.Span[i]);
        return Tape.Record("logsumexp", y, new Edge(x, dy => dy.Reshape(over.Kept) * Shares(x, largest, over)));
    }

    // The softmax, from the maximum as above: from y, which is rounded, e^(x - y) would be off by 0.001 for x near 10,000.
    private static Tensor Shares(Tensor x, Tensor largest, Over over)
    {
        Tensor exponentials = ExpDifference(x, largest), sums = exponentials.Sum(over.Axes, keep: true);
        return exponentials / sums.MaskedFill(sums.Equal(0), 1);
    }

    /// <summary><c>e^(a - b)</c>, broadcasting.</summary>
    private static Tensor ExpDifference(Tensor a, Tensor b)
    {
        Tensor y = Map(a, b, default(ExpDifferenceKernel));
        return Tape.Record("exp_difference", y,
            new Edge(a, dy => (dy * y).SumTo(a.Shape)),
            new Edge(b, dy => -(dy * y).SumTo(b.Shape)));
    }

    // Equal infinities differ by 0 if they are positive; -∞ less anything gives e^-∞ = 0.
    private readonly struct ExpDifferenceKernel : IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b) where V : struct, ISimd<V>
        {
            V difference = V.Select(V.Equal(a, b), V.Zero, a - b);
            return V.Select(V.Equal(a, V.All(float.NegativeInfinity)), V.Zero, SimdMath.Exp(difference));
        }
    }
}
