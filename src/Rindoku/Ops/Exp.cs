using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Exponential function, number by number: <c>y = eˣ</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 1.5 ulp. Special values: above 88.73 +∞; below −103.98 0.</remarks>
    public static Tensor Exp(this Tensor x) => Apply<ExpOp>(x);

    /// <summary>Exponential function less one, number by number, precise near zero: <c>y = eˣ − 1</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 2 ulp.</remarks>
    public static Tensor Expm1(this Tensor x) => Apply<Expm1Op>(x);
}

/// <summary>Forward kernel and gradient of <c>Exp</c>.</summary>
internal readonly struct ExpOp : IUnaryOp
{
    public static string Name => "exp";
    public static bool SlopeReadsX => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Exp(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => y;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * y;
}

/// <summary>Forward kernel and gradient of <c>Expm1</c>.</summary>
internal readonly struct Expm1Op : IUnaryOp
{
    public static string Name => "expm1";
    public static bool SlopeReadsX => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Expm1(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => y + V.All(1);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * (y + 1);
}
