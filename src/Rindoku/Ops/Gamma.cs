using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Logarithm of the magnitude of the gamma function, number by number: <c>y = ln |Γ(x)|</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Correctly rounded up to 1 ulp (double arithmetic inside, one number at a time). 0, −1, −2 ... → +∞.</remarks>
    public static Tensor Lgamma(this Tensor x) => Apply<LgammaOp>(x);

    /// <summary>Slope of the logarithm of the gamma function, number by number: <c>y = ψ(x) = d ln Γ(x) / dx</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Double arithmetic inside, one number at a time. ±0 → ∓∞; −1, −2 ... → NaN.</remarks>
    public static Tensor Digamma(this Tensor x) => Apply<DigammaOp>(x);

    /// <summary>Derivative of order n of <see cref="Digamma"/>, number by number: <c>y = ψ⁽ⁿ⁾(x)</c>; n = 1 is trigamma.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="order">The order n, from 0 (digamma) to 20.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Double arithmetic inside, one number at a time. 0, −1, −2 ... → +∞ for odd orders, NaN for even ones.</remarks>
    public static Tensor Polygamma(this Tensor x, int order)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(order);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, 20);
        return Apply(x, new PolygammaOp(order));
    }
}

/// <summary>Forward kernel and gradient of <c>Lgamma</c>.</summary>
internal readonly struct LgammaOp : IUnaryOp
{
    public static string Name => "lgamma";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => Simd.InDouble(x, default(LogGammaInDouble));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => Simd.InDouble(x, new PolygammaInDouble(0));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * x.Digamma();
}

/// <summary>Forward kernel and gradient of <c>Digamma</c>.</summary>
internal readonly struct DigammaOp : IUnaryOp
{
    public static string Name => "digamma";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => Simd.InDouble(x, new PolygammaInDouble(0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => Simd.InDouble(x, new PolygammaInDouble(1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * x.Polygamma(1);
}

/// <summary>Forward kernel and gradient of <c>Polygamma</c>.</summary>
internal readonly struct PolygammaOp(int order) : IUnaryOp
{
    public static string Name => "polygamma";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => Simd.InDouble(x, new PolygammaInDouble(order));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => Simd.InDouble(x, new PolygammaInDouble(order + 1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * x.Polygamma(order + 1);
}
