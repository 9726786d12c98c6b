using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>What division leaves, with the sign of the divisor, as in Python: <c>y = a − b · floor(a / b)</c>; shapes broadcast.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>Exact, but for one rounding where signs differ. b = 0 or a = ±∞ → NaN.</remarks>
    public static Tensor Remainder(this Tensor a, Tensor b) => Apply<RemainderOp>(a, b);

    /// <summary>What division by a number leaves, with its sign: <c>y = a − b · floor(a / b)</c>.</summary>
    public static Tensor Remainder(this Tensor a, float b) => a.Remainder(Tensor.Scalar(b));
}

internal readonly struct RemainderOp : IBinaryOp
{
    public static string Name => "remainder";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.Remainder(a, b);

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy;
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => -dy * (a.Detach() / b.Detach()).Floor();
}
