using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Sine of an angle in radians, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2 ulp for every float. ±∞ → NaN.</remarks>
    public static Tensor Sin(this Tensor x) => Apply<SinOp>(x);

    /// <summary>Cosine of an angle in radians, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2 ulp for every float. ±∞ → NaN.</remarks>
    public static Tensor Cos(this Tensor x) => Apply<CosOp>(x);

    /// <summary>Tangent of an angle in radians, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 3 ulp for every float. ±∞ → NaN.</remarks>
    public static Tensor Tan(this Tensor x) => Apply<TanOp>(x);

    /// <summary>Inverse sine, number by number, −π/2 to π/2.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 3 ulp. Outside −1 to 1 NaN.</remarks>
    public static Tensor Asin(this Tensor x) => Apply<AsinOp>(x);

    /// <summary>Inverse cosine, number by number, 0 to π.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 3 ulp. Outside −1 to 1 NaN.</remarks>
    public static Tensor Acos(this Tensor x) => Apply<AcosOp>(x);

    /// <summary>Inverse tangent, number by number, −π/2 to π/2.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2 ulp.</remarks>
    public static Tensor Atan(this Tensor x) => Apply<AtanOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Sin</c>.</summary>
internal readonly struct SinOp : IUnaryOp
{
    public static string Name => "sin";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Sin(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.Cos(x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * x.Cos();
}

/// <summary>Forward kernel and gradient of <c>Cos</c>.</summary>
internal readonly struct CosOp : IUnaryOp
{
    public static string Name => "cos";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Cos(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => -SimdMath.Sin(x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => -dy * x.Sin();
}

/// <summary>Forward kernel and gradient of <c>Tan</c>.</summary>
internal readonly struct TanOp : IUnaryOp
{
    public static string Name => "tan";
    public static bool SlopeReadsX => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Tan(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Fma(y, y, V.All(1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * (1 + y * y);
}

/// <summary>Forward kernel and gradient of <c>Asin</c>.</summary>
internal readonly struct AsinOp : IUnaryOp
{
    public static string Name => "asin";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Asin(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(1) / V.Sqrt(V.Fma(-x, x, V.All(1)));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * (1 - x * x).Rsqrt();
}

/// <summary>Forward kernel and gradient of <c>Acos</c>.</summary>
internal readonly struct AcosOp : IUnaryOp
{
    public static string Name => "acos";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Acos(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(-1) / V.Sqrt(V.Fma(-x, x, V.All(1)));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => -dy * (1 - x * x).Rsqrt();
}

/// <summary>Forward kernel and gradient of <c>Atan</c>.</summary>
internal readonly struct AtanOp : IUnaryOp
{
    public static string Name => "atan";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Atan(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(1) / V.Fma(x, x, V.All(1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy / (1 + x * x);
}
