using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Magnitude, number by number: <c>y = |x|</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient at 0 is 0, as in PyTorch.</remarks>
    public static Tensor Abs(this Tensor x) => Apply<AbsOp>(x);

    /// <summary>-1, 0 or 1, number by number, as x is negative, zero or positive; NaN for NaN.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Flat everywhere: its gradient is zero.</remarks>
    public static Tensor Sign(this Tensor x) => Apply<SignOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Abs</c>.</summary>
internal readonly struct AbsOp : IUnaryOp
{
    public static string Name => "abs";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.SignOf(x);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

/// <summary>Forward kernel and gradient of <c>Sign</c>.</summary>
internal readonly struct SignOp : IUnaryOp
{
    public static string Name => "sign";
    public static bool SlopeReadsX => false;
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.SignOf(x) | SimdMath.IsNaN(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Zero;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => Tensor.Zeros(x.Shape);
}
