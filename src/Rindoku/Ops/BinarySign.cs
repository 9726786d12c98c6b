using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The sign as one of two values, <c>y = +1 where x ≥ 0, else −1</c>, with the straight-through gradient <c>dy · [|x| ≤ 1]</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>
    /// <para>The gradient is that of the hard tanh, and passes at |x| = 1, as in the authors' first code (Torch's hard tanh lets it pass inside (−1, 1)
    /// only). NaN gives NaN. Unlike <see cref="Sign"/>, zero is +1: there is no third value.</para>
    /// <para>Source: Courbariaux et al. 2016, arXiv:1602.02830, equations 1 and 4.</para>
    /// </remarks>
    public static Tensor BinarySign(this Tensor x) => Apply<BinarySignOp>(x);

    /// <summary>The sign drawn at random: <c>+1 with probability clip((x + 1) / 2, 0, 1), else −1</c>, with the gradient of <see cref="BinarySign(Tensor)"/>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="rng">The source of randomness.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Source: Courbariaux et al. 2016, arXiv:1602.02830, equations 2 and 3.</remarks>
    public static Tensor BinarySign(this Tensor x, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(rng);
        // x is above a threshold drawn from [−1, 1) with just that probability.
        Tensor y = (x.Detach() - rng.Uniform(x.Shape, -1, 1)).BinarySign();
        return Tape.Record("binary_sign", y, new Edge(x, dy => default(BinarySignOp).TimesConstantSlope(x, y, dy)));
    }

    /// <summary>The power of two nearest in the exponent, number by number: <c>AP2(x) = sign(x) · 2^round(log₂|x|)</c>; 0 for 0.</summary>
    /// <param name="x">Any shape. Numbers below the least normal float count as 0.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>
    /// Multiplying by it is a shift. Flat between its steps: its gradient is zero. Source: Courbariaux et al. 2016, arXiv:1602.02830, §1.4.
    /// </remarks>
    public static Tensor NearestPowerOfTwo(this Tensor x) => Apply<NearestPowerOfTwoOp>(x);
}

/// <summary>Forward kernel and gradient of <c>BinarySign</c>.</summary>
internal readonly struct BinarySignOp : IUnaryOp
{
    public static string Name => "binary_sign";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Select(V.LessOrEqual(V.Zero, x), V.All(1), V.All(-1)) | SimdMath.IsNaN(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.OneWhere(V.LessOrEqual(V.Abs(x), V.All(1)));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

/// <summary>Forward kernel and gradient of <see cref="TensorOps.NearestPowerOfTwo"/>.</summary>
internal readonly struct NearestPowerOfTwoOp : IUnaryOp
{
    public static string Name => "nearest_power_of_two";
    public static bool SlopeReadsX => false;
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.NearestPowerOfTwo(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Zero;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => Tensor.Zeros(x.Shape);
}
