using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Smooth rectifier, number by number: <c>y = ln(1 + e^(βx)) / β</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="beta">How sharp the bend is, β; not 0.</param>
    /// <param name="threshold">Where βx is above this, y = x: the difference is beyond the precision.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    public static Tensor Softplus(this Tensor x, float beta = 1, float threshold = 20) => Apply(x, new SoftplusOp(beta, threshold));

    /// <summary>Logarithm of the logistic function, number by number: <c>y = −ln(1 + e⁻ˣ)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Written as <c>min(x, 0) − ln(1 + e^(−|x|))</c>, which neither over- nor underflows.</remarks>
    public static Tensor LogSigmoid(this Tensor x) => Apply<LogSigmoidOp>(x);

    /// <summary>Self-regularised activation, number by number: <c>y = x · tanh(ln(1 + eˣ))</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Source: Misra 2019, arXiv:1908.08681.</remarks>
    public static Tensor Mish(this Tensor x) => Apply<MishOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Softplus</c>.</summary>
internal readonly struct SoftplusOp(float beta, float threshold) : IUnaryOp
{
    public static string Name => "softplus";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V>
    {
        V bx = x * V.All(beta);
        return V.Select(V.Less(V.All(threshold), bx), x, SimdMath.Log1p(SimdMath.Exp(bx)) / V.All(beta));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V>
    {
        V bx = x * V.All(beta);
        return V.Select(V.Less(V.All(threshold), bx), V.All(1), SimdMath.Sigmoid(bx));
    }

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor straight = (x * beta).Greater(threshold);
        return dy * (straight + (1 - straight) * (x * beta).Sigmoid());
    }
}

/// <summary>Forward kernel and gradient of <c>LogSigmoid</c>.</summary>
internal readonly struct LogSigmoidOp : IUnaryOp
{
    public static string Name => "log sigmoid";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Min(x, V.Zero) - SimdMath.Log1p(SimdMath.Exp(-V.Abs(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.Sigmoid(-x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * (-x).Sigmoid();
}

/// <summary>Forward kernel and gradient of <c>Mish</c>.</summary>
internal readonly struct MishOp : IUnaryOp
{
    public static string Name => "mish";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V>
    {
        // tanh ln(1 + e) = (e² + 2e) / (e² + 2e + 2), where no difference of near numbers remains; 1 from 20 on.
        V e = SimdMath.Exp(V.Min(x, V.All(20)));
        V n = e * (e + V.All(2));
        return x * (n / (n + V.All(2)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V>
    {
        V e = SimdMath.Exp(V.Min(x, V.All(20)));
        V n = e * (e + V.All(2)), d = n + V.All(2);
        V straight = V.Less(V.All(20), x);
        V bend = V.All(4) * x * (e / d) * ((e + V.All(1)) / d);
        return n / d + V.Select(straight, V.Zero, bend);
    }

    // y' = t + x (1 − t²) σ(x) with t = tanh(softplus(x)).
    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor t = x.Softplus().Tanh();
        return dy * (t + x * (1 - t * t) * x.Sigmoid());
    }
}
