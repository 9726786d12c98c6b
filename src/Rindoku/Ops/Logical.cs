using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

// Logic on tensors of truth values: 0 is false, everything else true. Like comparisons, results have no history.
public static partial class TensorOps
{
    /// <summary>1 where both are true (not 0), else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor LogicalAnd(this Tensor a, Tensor b) => Map(a, b, default(LogicalAndKernel), "logical and");

    /// <summary>1 where either is true (not 0), else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor LogicalOr(this Tensor a, Tensor b) => Map(a, b, default(LogicalOrKernel), "logical or");

    /// <summary>1 where exactly one is true (not 0), else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor LogicalXor(this Tensor a, Tensor b) => Map(a, b, default(LogicalXorKernel), "logical xor");

    /// <summary>1 where x is 0, else 0. No gradient flows through it.</summary>
    public static Tensor LogicalNot(this Tensor x) => x.Equal(0);
}

internal readonly struct LogicalAndKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(SimdMath.Not(V.Equal(a, V.Zero) | V.Equal(b, V.Zero)));
}

internal readonly struct LogicalOrKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(SimdMath.Not(V.Equal(a, V.Zero) & V.Equal(b, V.Zero)));
}

internal readonly struct LogicalXorKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Equal(a, V.Zero) ^ V.Equal(b, V.Zero));
}
