using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The greatest whole number that is not above x, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Flat everywhere: its gradient is zero.</remarks>
    public static Tensor Floor(this Tensor x) => Apply<FloorOp>(x);

    /// <summary>The least whole number that is not below x, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Flat everywhere: its gradient is zero.</remarks>
    public static Tensor Ceiling(this Tensor x) => Apply<CeilingOp>(x);

    /// <summary>The nearest whole number, number by number; halves go to the even one.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Flat everywhere: its gradient is zero. See <see cref="StraightThrough"/> for another.</remarks>
    public static Tensor Round(this Tensor x) => Apply<RoundOp>(x);

    /// <summary>The whole number next to x in the direction of zero, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>Flat everywhere: its gradient is zero.</remarks>
    public static Tensor Truncate(this Tensor x) => Apply<TruncateOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Floor</c>.</summary>
internal readonly struct FloorOp : IUnaryOp
{
    public static string Name => "floor";
    public static bool SlopeReadsX => false;
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Floor(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Zero;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => Tensor.Zeros(x.Shape);
}

/// <summary>Forward kernel and gradient of <c>Ceiling</c>.</summary>
internal readonly struct CeilingOp : IUnaryOp
{
    public static string Name => "ceiling";
    public static bool SlopeReadsX => false;
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Ceiling(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Zero;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => Tensor.Zeros(x.Shape);
}

/// <summary>Forward kernel and gradient of <c>Round</c>.</summary>
internal readonly struct RoundOp : IUnaryOp
{
    public static string Name => "round";
    public static bool SlopeReadsX => false;
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Round(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Zero;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => Tensor.Zeros(x.Shape);
}

/// <summary>Forward kernel and gradient of <c>Truncate</c>.</summary>
internal readonly struct TruncateOp : IUnaryOp
{
    public static string Name => "truncate";
    public static bool SlopeReadsX => false;
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Truncate(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Zero;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => Tensor.Zeros(x.Shape);
}
