using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Rectified linear unit, number by number: <c>y = max(0, x)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient at 0 is 0, as in PyTorch. NaN → NaN.</remarks>
    public static Tensor Relu(this Tensor x) => Apply<ReluOp>(x);

    /// <summary>Rectified linear unit with a ceiling, number by number: <c>y = min(max(0, x), 6)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient at 0 and 6 is 0, as in PyTorch.</remarks>
    public static Tensor Relu6(this Tensor x) => Apply<Relu6Op>(x);

    /// <summary>Leaky rectified linear unit, number by number: <c>y = x</c> above 0, else <c>slope · x</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="slope">The slope below 0.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient at 0 is the slope, as in PyTorch. Source: Maas, Hannun and Ng 2013.</remarks>
    public static Tensor LeakyRelu(this Tensor x, float slope = 0.01f) => Apply(x, new LeakyReluOp(slope));

    /// <summary><c>y = x</c> above a threshold, else a fixed value, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="threshold">Where x begins to pass.</param>
    /// <param name="value">What stands for x up to there.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient at the threshold is 0, as in PyTorch.</remarks>
    public static Tensor Threshold(this Tensor x, float threshold, float value) => Apply(x, new ThresholdOp(threshold, value));
}

/// <summary>Forward kernel and gradient of <c>Relu</c>.</summary>
internal readonly struct ReluOp : IUnaryOp
{
    public static string Name => "relu";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Max(x, V.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Less(V.Zero, x));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

/// <summary>Forward kernel and gradient of <c>Relu6</c>.</summary>
internal readonly struct Relu6Op : IUnaryOp
{
    public static string Name => "relu6";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Min(V.Max(x, V.Zero), V.All(6));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Less(V.Zero, x) & V.Less(x, V.All(6)));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

/// <summary>Forward kernel and gradient of <c>LeakyRelu</c>.</summary>
internal readonly struct LeakyReluOp(float slope) : IUnaryOp
{
    public static string Name => "leaky relu";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, x), x, x * V.All(slope));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, x), V.All(1), V.All(slope));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

/// <summary>Forward kernel and gradient of <c>Threshold</c>.</summary>
internal readonly struct ThresholdOp(float threshold, float value) : IUnaryOp
{
    public static string Name => "threshold";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Select(V.LessOrEqual(x, V.All(threshold)), V.All(value), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Less(V.All(threshold), x));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}
