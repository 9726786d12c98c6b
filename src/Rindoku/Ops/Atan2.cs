using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The angle of the point (x, y) from the x axis in radians, −π to π; shapes broadcast.</summary>
    /// <param name="y">The second coordinates.</param>
    /// <param name="x">The first coordinates.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>Error up to 3 ulp. Zeros and infinities as in IEEE 754: <c>atan2(±0, −0) = ±π</c>.</remarks>
    public static Tensor Atan2(this Tensor y, Tensor x) => ApplySmooth<Atan2Op>(y, x);
}

internal readonly struct Atan2Op : IBinaryOp, ISmoothBinaryKernel
{
    public static string Name => "atan2";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.Atan2(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeA<V>(V a, V b, V y) where V : struct, ISimd<V> => b / V.Fma(a, a, b * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeB<V>(V a, V b, V y) where V : struct, ISimd<V> => -a / V.Fma(a, a, b * b);

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * b / (a * a + b * b);
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => -dy * a / (a * a + b * b);
}
