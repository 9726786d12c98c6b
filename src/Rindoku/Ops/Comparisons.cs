using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

// Comparisons have no history: their value does not change when a and b change a little, so no gradient could flow.
public static partial class TensorOps
{
    /// <summary>1 where <c>a &gt; b</c>, else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>False where either is NaN.</remarks>
    public static Tensor Greater(this Tensor a, Tensor b) => Map(a, b, default(GreaterKernel), "greater");

    /// <summary>1 where <c>a &gt; b</c>, else 0, for a number b. No gradient flows through it.</summary>
    public static Tensor Greater(this Tensor a, float b) => Map(a, b, default(GreaterKernel));

    /// <summary>1 where <c>a ≥ b</c>, else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>False where either is NaN.</remarks>
    public static Tensor GreaterOrEqual(this Tensor a, Tensor b) => Map(a, b, default(GreaterOrEqualKernel), "greater or equal");

    /// <summary>1 where <c>a ≥ b</c>, else 0, for a number b. No gradient flows through it.</summary>
    public static Tensor GreaterOrEqual(this Tensor a, float b) => Map(a, b, default(GreaterOrEqualKernel));

    /// <summary>1 where <c>a &lt; b</c>, else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>False where either is NaN.</remarks>
    public static Tensor Less(this Tensor a, Tensor b) => Map(a, b, default(LessKernel), "less");

    /// <summary>1 where <c>a &lt; b</c>, else 0, for a number b. No gradient flows through it.</summary>
    public static Tensor Less(this Tensor a, float b) => Map(a, b, default(LessKernel));

    /// <summary>1 where <c>a ≤ b</c>, else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>False where either is NaN.</remarks>
    public static Tensor LessOrEqual(this Tensor a, Tensor b) => Map(a, b, default(LessOrEqualKernel), "less or equal");

    /// <summary>1 where <c>a ≤ b</c>, else 0, for a number b. No gradient flows through it.</summary>
    public static Tensor LessOrEqual(this Tensor a, float b) => Map(a, b, default(LessOrEqualKernel));

    /// <summary>1 where <c>a = b</c>, else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>False where either is NaN.</remarks>
    public static Tensor Equal(this Tensor a, Tensor b) => Map(a, b, default(EqualKernel), "equal");

    /// <summary>1 where <c>a = b</c>, else 0, for a number b. No gradient flows through it.</summary>
    public static Tensor Equal(this Tensor a, float b) => Map(a, b, default(EqualKernel));

    /// <summary>1 where <c>a ≠ b</c>, else 0, place by place; shapes broadcast. No gradient flows through it.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>NaN differs from every number, itself included.</remarks>
    public static Tensor NotEqual(this Tensor a, Tensor b) => Map(a, b, default(NotEqualKernel), "not equal");

    /// <summary>1 where <c>a ≠ b</c>, else 0, for a number b. No gradient flows through it.</summary>
    public static Tensor NotEqual(this Tensor a, float b) => Map(a, b, default(NotEqualKernel));

    /// <summary>1 where x is NaN, else 0. No gradient flows through it.</summary>
    public static Tensor IsNaN(this Tensor x) => Map(x, default(IsNaNKernel));

    /// <summary>1 where x is neither infinite nor NaN, else 0. No gradient flows through it.</summary>
    public static Tensor IsFinite(this Tensor x) => Map(x, default(IsFiniteKernel));

    /// <summary>1 where x is +∞ or −∞, else 0. No gradient flows through it.</summary>
    public static Tensor IsInfinite(this Tensor x) => Map(x, default(IsInfiniteKernel));
}

internal readonly struct GreaterKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Less(b, a));
}

internal readonly struct GreaterOrEqualKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(V.LessOrEqual(b, a));
}

internal readonly struct LessKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Less(a, b));
}

internal readonly struct LessOrEqualKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(V.LessOrEqual(a, b));
}

internal readonly struct EqualKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Equal(a, b));
}

internal readonly struct NotEqualKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.OneWhere(SimdMath.Not(V.Equal(a, b)));
}

internal readonly struct IsNaNKernel : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.OneWhere(SimdMath.IsNaN(x));
}

internal readonly struct IsFiniteKernel : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Less(V.Abs(x), V.All(float.PositiveInfinity)));
}

internal readonly struct IsInfiniteKernel : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Equal(V.Abs(x), V.All(float.PositiveInfinity)));
}
