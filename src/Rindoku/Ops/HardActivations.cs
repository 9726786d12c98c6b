using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary><c>y = min(max(low, x), high)</c>, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient at the bounds is 0, as in PyTorch (<see cref="Clamp(Tensor, float, float)"/> has 1 there).</remarks>
    public static Tensor HardTanh(this Tensor x, float low = -1, float high = 1) => Apply(x, new HardTanhOp(low, high));

    /// <summary><c>y = min(max(0, x + 3), 6) / 6</c>, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient at ±3 is 0, as in PyTorch. Source: Howard et al. 2019, arXiv:1905.02244.</remarks>
    public static Tensor HardSigmoid(this Tensor x) => Apply<HardSigmoidOp>(x);

    /// <summary><c>y = x · min(max(0, x + 3), 6) / 6</c>, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient is −½ at −3 and 1½ at 3, as in PyTorch. Source: Howard et al. 2019, arXiv:1905.02244, section 5.2.</remarks>
    public static Tensor HardSwish(this Tensor x) => Apply<HardSwishOp>(x);

    /// <summary><c>y = x</c> where <c>|x| &gt; λ</c>, else 0, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="lambda">Half the width of the flat part, λ; not negative.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    public static Tensor HardShrink(this Tensor x, float lambda = 0.5f) => Apply(x, new HardShrinkOp(lambda));

    /// <summary><c>y = sign(x) · max(0, |x| − λ)</c>, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="lambda">Half the width of the flat part, λ; not negative.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    public static Tensor SoftShrink(this Tensor x, float lambda = 0.5f) => Apply(x, new SoftShrinkOp(lambda));
}

/// <summary>Forward kernel and gradient of <c>HardTanh</c>.</summary>
internal readonly struct HardTanhOp(float low, float high) : IUnaryOp
{
    public static string Name => "hard tanh";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Min(V.Max(x, V.All(low)), V.All(high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => SimdMath.OneWhere(V.Less(V.All(low), x) & V.Less(x, V.All(high)));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

/// <summary>Forward kernel and gradient of <c>HardSigmoid</c>.</summary>
internal readonly struct HardSigmoidOp : IUnaryOp
{
    public static string Name => "hard sigmoid";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Min(V.Max(x + V.All(3), V.Zero), V.All(6)) / V.All(6);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Select(V.Less(V.Abs(x), V.All(3)), V.All(1f / 6), V.Zero);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

/// <summary>Forward kernel and gradient of <c>HardSwish</c>.</summary>
internal readonly struct HardSwishOp : IUnaryOp
{
    public static string Name => "hard swish";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => x * V.Min(V.Max(x + V.All(3), V.Zero), V.All(6)) / V.All(6);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V>
    {
        V bend = V.Fma(x, V.All(1f / 3), V.All(0.5f));
        return V.Select(V.Less(x, V.All(-3)), V.Zero, V.Select(V.LessOrEqual(x, V.All(3)), bend, V.All(1)));
    }

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor above = x.Greater(3), between = x.GreaterOrEqual(-3) * (1 - above);
        return dy * (above + between * (x / 3 + 0.5f));
    }
}

/// <summary>Forward kernel and gradient of <c>HardShrink</c>.</summary>
internal readonly struct HardShrinkOp(float lambda) : IUnaryOp
{
    public static string Name => "hard shrink";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Select(V.LessOrEqual(V.Abs(x), V.All(lambda)), V.Zero, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Select(V.LessOrEqual(V.Abs(x), V.All(lambda)), V.Zero, V.All(1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

/// <summary>Forward kernel and gradient of <c>SoftShrink</c>.</summary>
internal readonly struct SoftShrinkOp(float lambda) : IUnaryOp
{
    public static string Name => "soft shrink";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V>
    {
        V smaller = SimdMath.CopySign(V.Abs(x) - V.All(lambda), x);
        return V.Select(V.LessOrEqual(V.Abs(x), V.All(lambda)), V.Zero, smaller);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.Select(V.LessOrEqual(V.Abs(x), V.All(lambda)), V.Zero, V.All(1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}
