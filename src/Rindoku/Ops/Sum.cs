using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The sum along some axes: <c>y = Σ x</c> over them.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">The axes to add up; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Sum(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, axes, nameof(Sum));
        if (over.Kept == x.Shape) return x.Reshape(over.Result(keep));

        Tensor y = Tensor.Uninitialized(over.Result(keep));
        Reductions.SumTo(x.Span, x.Shape.AsSpan(), y.Writable, over.Kept.AsSpan());
        return Tape.Record("sum", y, new Edge(x, dy => dy.Reshape(over.Kept).Expand(x.Shape)));
    }

    /// <summary>The sums over the axes along which <paramref name="shape"/> would be stretched to x's shape: the opposite of <see cref="Expand"/>.</summary>
    /// <exception cref="ShapeException"><paramref name="shape"/> does not expand to x's shape.</exception>
    public static Tensor SumTo(this Tensor x, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape == shape) return x;
        ShapeException.Require(Shape.Broadcast(x.Shape, shape, "SumTo") == x.Shape, $"SumTo: {shape} does not expand to {x.Shape}");
        int[] kept = new int[x.Rank];
        for (int i = 1; i <= kept.Length; i++) kept[^i] = i <= shape.Rank ? shape[^i] : 1;

        Tensor y = Tensor.Uninitialized(shape);
        Reductions.SumTo(x.Span, x.Shape.AsSpan(), y.Writable, kept);
        return Tape.Record("sum", y, new Edge(x, dy => dy.Expand(x.Shape)));
    }
}
