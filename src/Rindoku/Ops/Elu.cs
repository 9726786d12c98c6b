using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Exponential linear unit, number by number: <c>y = x</c> above 0, else <c>α (eˣ − 1)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="alpha">What −y tends to as x → −∞, α.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient at 0 is α, as in PyTorch. Source: Clevert, Unterthiner and Hochreiter 2016, arXiv:1511.07289.</remarks>
    public static Tensor Elu(this Tensor x, float alpha = 1) => Apply(x, new EluOp(alpha));

    /// <summary>Scaled exponential linear unit, number by number: <c>y = λ x</c> above 0, else <c>λ α (eˣ − 1)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>λ = 1.0507, α = 1.6733. Source: Klambauer et al. 2017, arXiv:1706.02515.</remarks>
    public static Tensor Selu(this Tensor x) => Apply<SeluOp>(x);

    /// <summary>Continuously differentiable exponential linear unit, number by number: <c>y = x</c> above 0, else <c>α (e^(x/α) − 1)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="alpha">What −y tends to as x → −∞, α; not 0.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Source: Barron 2017, arXiv:1704.07483.</remarks>
    public static Tensor Celu(this Tensor x, float alpha = 1) => Apply(x, new CeluOp(alpha));
}

/// <summary>Forward kernel and gradient of <c>Elu</c>.</summary>
internal readonly struct EluOp(float alpha) : IUnaryOp
{
    public static string Name => "elu";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, x), x, V.All(alpha) * SimdMath.Expm1(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, x), V.All(1), V.All(alpha) * SimdMath.Exp(x));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor above = x.Greater(0);
        return dy * (above + (1 - above) * alpha * x.Minimum(0).Exp());
    }
}

/// <summary>Forward kernel and gradient of <c>Selu</c>.</summary>
internal readonly struct SeluOp : IUnaryOp
{
    // The fixed point of mean 0 and variance 1 (paper, equation 14).
    private const float Alpha = 1.67326324f, Scale = 1.05070099f;

    public static string Name => "selu";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.All(Scale) * V.Select(V.Less(V.Zero, x), x, V.All(Alpha) * SimdMath.Expm1(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(Scale) * V.Select(V.Less(V.Zero, x), V.All(1), V.All(Alpha) * SimdMath.Exp(x));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor above = x.Greater(0);
        return dy * (Scale * (above + (1 - above) * Alpha * x.Minimum(0).Exp()));
    }
}

/// <summary>Forward kernel and gradient of <c>Celu</c>.</summary>
internal readonly struct CeluOp(float alpha) : IUnaryOp
{
    public static string Name => "celu";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, x), x, V.All(alpha) * SimdMath.Expm1(x / V.All(alpha)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, x), V.All(1), SimdMath.Exp(x / V.All(alpha)));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * (x.Minimum(0) / alpha).Exp();
}
