using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Gaussian error linear unit, number by number: <c>y = x · Φ(x)</c>, Φ the normal distribution function.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Φ(x) = erfc(−x/√2) / 2, precise in the left tail too, to 7 ulp. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.</remarks>
    public static Tensor Gelu(this Tensor x) => Apply<GeluOp>(x);

    /// <summary>Approximate Gaussian error linear unit, number by number: <c>y = x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Computed as <c>x · σ(2√(2/π) (x + 0.044715 x³))</c>, the same function. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.</remarks>
    public static Tensor GeluTanh(this Tensor x) => Apply<GeluTanhOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Gelu</c>.</summary>
internal readonly struct GeluOp : IUnaryOp
{
    public static string Name => "gelu";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V>
    {
        // x Φ(x) for negative x, x - x Φ(-x) for positive.
        V distance = SimdMath.NormalDistance(x);
        return V.Fma(-distance, SimdMath.NormalTail(distance, out _), V.MaxNative(V.Zero, x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V>
    {
        V tail = SimdMath.NormalTail(SimdMath.NormalDistance(x), out V power);
        return V.Fma(x * V.All(GeluConstants.NormalPeak), power, V.Select(V.Less(V.Zero, x), V.All(1) - tail, tail));
    }

    // y' = Φ(x) + x φ(x).
    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor phi = GeluConstants.NormalPeak * (x * x * -0.5f).Exp();
        return dy * (0.5f * (x * -GeluConstants.RootHalf).Erfc() + x * phi);
    }
}

/// <summary>Forward kernel and gradient of <c>GeluTanh</c>.</summary>
internal readonly struct GeluTanhOp : IUnaryOp
{
    public static string Name => "gelu tanh";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => x * SimdMath.Sigmoid(Inner(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V>
    {
        V s = SimdMath.Sigmoid(Inner(x));
        V slope = V.Fma(x * x, V.All(3 * GeluConstants.Cube), V.All(GeluConstants.Line));
        // Where s is 0 or 1, x · slope may have overflowed.
        V bend = s * (V.All(1) - s);
        return s + V.Select(V.Equal(bend, V.Zero), V.Zero, bend * x * slope);
    }

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor s = (x * (GeluConstants.Line + GeluConstants.Cube * (x * x))).Sigmoid();
        return dy * (s + s * (1 - s) * x * (GeluConstants.Line + 3 * GeluConstants.Cube * (x * x)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Inner<V>(V x) where V : struct, ISimd<V> =>
        x * V.Fma(x * x, V.All(GeluConstants.Cube), V.All(GeluConstants.Line));
}

internal static class GeluConstants
{
    /// <summary>√½.</summary>
    public const float RootHalf = 0.707106781f;

    /// <summary>1 / √(2π), the normal density at 0.</summary>
    public const float NormalPeak = 0.398942280f;

    /// <summary>2√(2/π), the factor of x inside the sigmoid.</summary>
    public const float Line = 1.59576912f;

    /// <summary>2√(2/π) · 0.044715, the factor of x³.</summary>
    public const float Cube = 0.0713548163f;
}
