using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The greater of two numbers, place by place: <c>y = max(a, b)</c>; shapes broadcast.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>NaN if either is NaN. Where both are equal, each gets half of the gradient, as in PyTorch.</remarks>
    public static Tensor Maximum(this Tensor a, Tensor b) => ApplySmooth<MaximumOp>(a, b);

    /// <summary>The lesser of two numbers, place by place: <c>y = min(a, b)</c>; shapes broadcast.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>NaN if either is NaN. Where both are equal, each gets half of the gradient, as in PyTorch.</remarks>
    public static Tensor Minimum(this Tensor a, Tensor b) => ApplySmooth<MinimumOp>(a, b);

    /// <summary><c>y = max(a, b)</c> for a number b.</summary>
    /// <remarks>NaN where a is NaN. Where both are equal, half of the gradient passes, as in PyTorch.</remarks>
    public static Tensor Maximum(this Tensor a, float b) => Apply(a, new BoundOp<MaximumOp>(b));

    /// <summary><c>y = min(a, b)</c> for a number b.</summary>
    /// <remarks>NaN where a is NaN. Where both are equal, half of the gradient passes, as in PyTorch.</remarks>
    public static Tensor Minimum(this Tensor a, float b) => Apply(a, new BoundOp<MinimumOp>(b));
}

internal readonly struct MaximumOp : IBinaryOp, ISmoothBinaryKernel
{
    public static string Name => "maximum";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => V.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeA<V>(V a, V b, V y) where V : struct, ISimd<V> => ShareKernel.Part(b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeB<V>(V a, V b, V y) where V : struct, ISimd<V> => ShareKernel.Part(a, b);

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * TensorOps.Share(b, a);
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * TensorOps.Share(a, b);
}

internal readonly struct MinimumOp : IBinaryOp, ISmoothBinaryKernel
{
    public static string Name => "minimum";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => V.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeA<V>(V a, V b, V y) where V : struct, ISimd<V> => ShareKernel.Part(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeB<V>(V a, V b, V y) where V : struct, ISimd<V> => ShareKernel.Part(b, a);

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * TensorOps.Share(a, b);
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * TensorOps.Share(b, a);
}

/// <summary>Maximum or minimum with a number.</summary>
internal readonly struct BoundOp<K>(float b) : IUnaryOp where K : struct, IBinaryOp, ISmoothBinaryKernel
{
    public static string Name => K.Name;
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => default(K).Value(x, V.All(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => default(K).SlopeA(x, V.All(b), y);

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

public static partial class TensorOps
{
    /// <summary>The part of the gradient that the lesser, a, gets: 1, or ½ where both are equal, or 0.</summary>
    internal static Tensor Share(Tensor a, Tensor b) => Map(a, b, default(ShareKernel));
}

internal readonly struct ShareKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => Part(a, b);

    /// <summary>1 where a is less than b (or either is NaN), ½ where equal, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Part<V>(V a, V b) where V : struct, ISimd<V> =>
        V.Select(V.Equal(a, b), V.All(0.5f), V.Select(V.Less(b, a), V.Zero, V.All(1)));
}
