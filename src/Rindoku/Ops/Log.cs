using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Natural logarithm, number by number: <c>y = ln x</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 1.5 ulp. Special values: ±0 → −∞; negative → NaN.</remarks>
    public static Tensor Log(this Tensor x) => Apply<LogOp>(x);

    /// <summary>Logarithm to base 2, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2.5 ulp. Special values: ±0 → −∞; negative → NaN.</remarks>
    public static Tensor Log2(this Tensor x) => Apply<Log2Op>(x);

    /// <summary>Logarithm to base 10, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2.5 ulp. Special values: ±0 → −∞; negative → NaN.</remarks>
    public static Tensor Log10(this Tensor x) => Apply<Log10Op>(x);

    /// <summary>Logarithm of one more, number by number, precise near zero: <c>y = ln(1 + x)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2 ulp. Special values: −1 → −∞; below −1 NaN.</remarks>
    public static Tensor Log1p(this Tensor x) => Apply<Log1pOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Log</c>.</summary>
internal readonly struct LogOp : IUnaryOp
{
    public static string Name => "log";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Log(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(1) / x;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy / x;
}

/// <summary>Forward kernel and gradient of <c>Log2</c>.</summary>
internal readonly struct Log2Op : IUnaryOp
{
    public static string Name => "log2";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Log2(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(1.44269504f) / x;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * 1.44269504f / x;
}

/// <summary>Forward kernel and gradient of <c>Log10</c>.</summary>
internal readonly struct Log10Op : IUnaryOp
{
    public static string Name => "log10";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Log10(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(0.434294482f) / x;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * 0.434294482f / x;
}

/// <summary>Forward kernel and gradient of <c>Log1p</c>.</summary>
internal readonly struct Log1pOp : IUnaryOp
{
    public static string Name => "log1p";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Log1p(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(1) / (V.All(1) + x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy / (1 + x);
}
