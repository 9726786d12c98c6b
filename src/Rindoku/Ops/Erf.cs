using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Error function, number by number: <c>y = 2/√π ∫₀ˣ e^(−t²) dt</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2 ulp.</remarks>
    public static Tensor Erf(this Tensor x) => Apply<ErfOp>(x);

    /// <summary>One less the error function, number by number, precise in the right tail: <c>y = 1 − erf x</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 5 ulp.</remarks>
    public static Tensor Erfc(this Tensor x) => Apply<ErfcOp>(x);

    /// <summary>Inverse of the error function, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 5 ulp. ±1 → ±∞; outside NaN.</remarks>
    public static Tensor ErfInv(this Tensor x) => Apply<ErfInvOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Erf</c>.</summary>
internal readonly struct ErfOp : IUnaryOp
{
    public static string Name => "erf";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(1.12837917f) * SimdMath.Exp(-x * x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * 1.12837917f * (-x * x).Exp();
}

/// <summary>Forward kernel and gradient of <c>Erfc</c>.</summary>
internal readonly struct ErfcOp : IUnaryOp
{
    public static string Name => "erfc";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Erfc(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(-1.12837917f) * SimdMath.Exp(-x * x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * -1.12837917f * (-x * x).Exp();
}

/// <summary>Forward kernel and gradient of <c>ErfInv</c>.</summary>
internal readonly struct ErfInvOp : IUnaryOp
{
    public static string Name => "erfinv";
    public static bool SlopeReadsX => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.ErfInv(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(0.886226925f) * SimdMath.Exp(y * y);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * 0.886226925f * (y * y).Exp();
}
