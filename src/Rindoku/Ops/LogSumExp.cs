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
    /// where one is +∞ y is +∞ and the gradient goes to those.
    /// </remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor LogSumExp(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, axes, nameof(LogSumExp));
        Tensor y = Tensor.Uninitialized(over.Kept);
        if (over.Count == 0)
        {
            y.Writable.Fill(float.NegativeInfinity);
        }
        else
        {
            (Tensor source, int outer, int reduced, int inner) = over.Arrange(x);
            Folds.Run(default(MaxFold), source.Span, y.Writable, outer, reduced, inner);
            Tensor largest = y.View([outer, 1, inner]);
            Tensor sums = Tensor.Uninitialized([outer, inner]);
            Tensor exponentials = Map(source.View([outer, reduced, inner]), largest, default(ExpDifferenceOp));
            Reductions.SumMiddle(exponentials.Span, sums.Writable, outer, reduced, inner);
            for (int i = 0; i < y.Length; i++) y.Writable[i] += MathF.Log(sums.Span[i]);
        }
        Tensor result = y.View(over.Result(keep));
        return Tape.Record("logsumexp", result, new Edge(x, dy => dy.Reshape(over.Kept) * Apply<ExpDifferenceOp>(x, result.Reshape(over.Kept))));
    }
}

/// <summary><c>e^(a - b)</c>, where equal infinities differ by 0 if positive, and -∞ less anything gives 0.</summary>
internal readonly struct ExpDifferenceOp : IBinaryOp
{
    public static string Name => "exp_difference";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V>
    {
        V difference = V.Select(V.Equal(a, b), V.Zero, a - b);
        return V.Select(V.Equal(a, V.All(float.NegativeInfinity)), V.Zero, SimdMath.Exp(difference));
    }

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * y;
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => -(dy * y);
}
