using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Rectified linear unit with a learned slope: <c>y = x</c> above 0, else <c>slope · x</c>.</summary>
    /// <param name="x">(N, C, ...) or any shape.</param>
    /// <param name="slope">(C), a slope for each channel (axis 1), or one number for all.</param>
    /// <exception cref="ShapeException">There are neither one nor C slopes.</exception>
    /// <remarks>The gradient at 0 is the slope, as in PyTorch. Source: He et al. 2015, arXiv:1502.01852.</remarks>
    public static Tensor Prelu(this Tensor x, Tensor slope)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(slope);
        if (slope.Length == 1) return Apply<PreluOp>(x, slope.Reshape(Shape.Scalar));
        ShapeException.Require(x.Rank >= 2 && slope.Rank == 1 && slope.Length == x.Shape[1],
            $"Prelu: {slope.Shape} slopes for x {x.Shape}; needs one slope, or one for each channel (axis 1 of x)");
        int[] sizes = new int[x.Rank - 1];
        Array.Fill(sizes, 1);
        sizes[0] = slope.Length;
        return ApplySmooth<PreluOp>(x, slope.Reshape(Shape.Own(sizes)));
    }
}

internal readonly struct PreluOp : IBinaryOp, ISmoothBinaryKernel
{
    public static string Name => "prelu";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, a), a, a * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeA<V>(V a, V b, V y) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, a), V.All(1), b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeB<V>(V a, V b, V y) where V : struct, ISimd<V> => V.Select(V.Less(V.Zero, a), V.Zero, a);

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => Tensor.Where(a.Greater(0), dy, dy * b);
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => Tensor.Where(a.Greater(0), 0, dy * a);
}
