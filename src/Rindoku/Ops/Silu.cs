using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Sigmoid-weighted linear unit, number by number: <c>y = x · σ(x)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>
    /// Special values: +∞ → +∞; −∞ → NaN (−∞ · 0); NaN → NaN.
    /// Source: Ramachandran, Zoph and Le 2017, arXiv:1710.05941, with β = 1.
    /// </remarks>
    public static Tensor Silu(this Tensor x) => Apply<SiluOp>(x);

    /// <summary>Logistic function, number by number: <c>y = 1 / (1 + e⁻ˣ)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>, between 0 and 1.</returns>
    public static Tensor Sigmoid(this Tensor x) => Apply<SigmoidOp>(x);
}

/// <summary>Forward kernel and gradient of <see cref="TensorOps.Silu"/>, side by side.</summary>
internal readonly struct SiluOp : IUnaryOp
{
    public static string Name => "silu";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => x * SimdMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V>
    {
        V s = SimdMath.Sigmoid(x);
        return V.Fma(y, V.All(1) - s, s);
    }

    // y' = σ + y(1 − σ). Tensor algebra: the gradient is itself on the tape, so second derivatives need no further code.
    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor s = x.Sigmoid();
        return dy * (s + y * (1 - s));
    }
}

/// <summary>Forward kernel and gradient of <see cref="TensorOps.Sigmoid"/>.</summary>
internal readonly struct SigmoidOp : IUnaryOp
{
    public static string Name => "sigmoid";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => y * (V.All(1) - y);

    public static bool SlopeReadsX => false;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * y * (1 - y);
}
