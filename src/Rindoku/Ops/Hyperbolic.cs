using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Hyperbolic sine, number by number: <c>y = (eˣ − e⁻ˣ) / 2</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 3 ulp.</remarks>
    public static Tensor Sinh(this Tensor x) => Apply<SinhOp>(x);

    /// <summary>Hyperbolic cosine, number by number: <c>y = (eˣ + e⁻ˣ) / 2</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2 ulp.</remarks>
    public static Tensor Cosh(this Tensor x) => Apply<CoshOp>(x);

    /// <summary>Hyperbolic tangent, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 3 ulp.</remarks>
    public static Tensor Tanh(this Tensor x) => Apply<TanhOp>(x);

    /// <summary>Inverse hyperbolic tangent, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 4 ulp. ±1 → ±∞; outside NaN.</remarks>
    public static Tensor Atanh(this Tensor x) => Apply<AtanhOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Sinh</c>.</summary>
internal readonly struct SinhOp : IUnaryOp
{
    public static string Name => "sinh";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Sinh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.Cosh(x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * x.Cosh();
}

/// <summary>Forward kernel and gradient of <c>Cosh</c>.</summary>
internal readonly struct CoshOp : IUnaryOp
{
    public static string Name => "cosh";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Cosh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.Sinh(x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * x.Sinh();
}

/// <summary>Forward kernel and gradient of <c>Tanh</c>.</summary>
internal readonly struct TanhOp : IUnaryOp
{
    public static string Name => "tanh";
    public static bool SlopeReadsX => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Fma(-y, y, V.All(1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * (1 - y * y);
}

/// <summary>Forward kernel and gradient of <c>Atanh</c>.</summary>
internal readonly struct AtanhOp : IUnaryOp
{
    public static string Name => "atanh";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Atanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(1) / V.Fma(-x, x, V.All(1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy / (1 - x * x);
}
