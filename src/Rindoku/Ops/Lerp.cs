using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>On the way from a to b: <c>y = a + weight · (b − a)</c>; shapes broadcast.</summary>
    /// <param name="a">Where weight 0 is.</param>
    /// <param name="b">Where weight 1 is, exactly.</param>
    /// <param name="weight">How far to go.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Lerp(this Tensor a, Tensor b, float weight) => Apply(a, b, new LerpOp(weight));

    /// <summary>On the way from a to b: <c>y = a + weight · (b − a)</c>; all three shapes broadcast.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Lerp(this Tensor a, Tensor b, Tensor weight) => MultiplyAdd(weight, b - a, a);
}

internal readonly struct LerpOp(float weight) : IBinaryOp
{
    public static string Name => "lerp";

    // From the nearer end, so that weights 0 and 1 give a and b exactly.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> =>
        weight < 0.5f ? V.Fma(b - a, V.All(weight), a) : V.Fma(a - b, V.All(1 - weight), b);

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * (1 - weight);
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * weight;
}
