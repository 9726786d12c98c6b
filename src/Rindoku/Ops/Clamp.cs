using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Keeps every number within bounds: <c>y = min(max(x, low), high)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="low">The lower bound, or −∞.</param>
    /// <param name="high">The upper bound, or +∞.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>; everywhere <paramref name="high"/> if that is below <paramref name="low"/>.</returns>
    /// <remarks>NaN → NaN. The gradient passes within the bounds and on them, as in PyTorch.</remarks>
    public static Tensor Clamp(this Tensor x, float low = float.NegativeInfinity, float high = float.PositiveInfinity) =>
        Apply(x, new ClampOp(low, high));

    /// <summary>Keeps every number within bounds of its own: <c>y = min(max(x, low), high)</c>; all three shapes broadcast.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="low">The lower bounds.</param>
    /// <param name="high">The upper bounds; they win where they are below the lower ones.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>The gradient goes to x within the bounds and on them, to a bound where x lies beyond it, as in PyTorch.</remarks>
    public static Tensor Clamp(this Tensor x, Tensor low, Tensor high)
    {
        Tensor y = Map(x, low, high, default(ClampKernel), "clamp");
        return Tape.Record("clamp", y,
            new Edge(x, dy => (dy * x.GreaterOrEqual(low).LogicalAnd(x.LessOrEqual(high))).SumTo(x.Shape)),
            new Edge(low, dy => (dy * x.Less(low).LogicalAnd(low.Less(high))).SumTo(low.Shape)),
            new Edge(high, dy => (dy * x.Greater(high).LogicalOr(high.Less(low))).SumTo(high.Shape)));
    }
}

internal readonly struct ClampOp(float low, float high) : IUnaryOp
{
    public static string Name => "clamp";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.Min(V.Max(x, V.All(low)), V.All(high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> =>
        SimdMath.OneWhere(V.LessOrEqual(V.All(low), x) & V.LessOrEqual(x, V.All(high)));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => this.TimesConstantSlope(x, y, dy);
}

internal readonly struct ClampKernel : ITernaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b, V c) where V : struct, ISimd<V> => V.Min(V.Max(a, b), c);
}
