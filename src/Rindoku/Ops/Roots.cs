using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Square root, number by number: <c>y = √x</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Correctly rounded. Negative → NaN; the gradient at 0 is infinite.</remarks>
    public static Tensor Sqrt(this Tensor x) => Apply<SqrtOp>(x);

    /// <summary>One over the square root, number by number: <c>y = 1 / √x</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Error up to 1 ulp. 0 → +∞; negative → NaN.</remarks>
    public static Tensor Rsqrt(this Tensor x) => Apply<RsqrtOp>(x);

    /// <summary>Square, number by number: <c>y = x²</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    public static Tensor Square(this Tensor x) => Apply<SquareOp>(x);

    /// <summary>One over x, number by number: <c>y = 1 / x</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    public static Tensor Reciprocal(this Tensor x) => Apply<ReciprocalOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Sqrt</c>.</summary>
internal readonly struct SqrtOp : IUnaryOp
{
    public static string Name => "sqrt";
    public static bool SlopeReadsX => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(0.5f) / y;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * 0.5f / y;
}

/// <summary>Forward kernel and gradient of <c>Rsqrt</c>.</summary>
internal readonly struct RsqrtOp : IUnaryOp
{
    public static string Name => "rsqrt";
    public static bool SlopeReadsX => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.All(1) / V.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(-0.5f) * y * y * y;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * -0.5f * y * y * y;
}

/// <summary>Forward kernel and gradient of <c>Square</c>.</summary>
internal readonly struct SquareOp : IUnaryOp
{
    public static string Name => "square";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => x + x;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * 2 * x;
}

/// <summary>Forward kernel and gradient of <c>Reciprocal</c>.</summary>
internal readonly struct ReciprocalOp : IUnaryOp
{
    public static string Name => "reciprocal";
    public static bool SlopeReadsX => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.All(1) / x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => -y * y;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => -dy * y * y;
}
