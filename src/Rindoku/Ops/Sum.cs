using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The sum of all numbers, as a scalar.</summary>
    public static Tensor Sum(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor y = Tensor.Scalar(Reductions.Sum(x.Span));
        return Tape.Record("sum", y, new Edge(x, dy => dy.Expand(x.Shape)));
    }

    /// <summary>The sums along some axes: <c>y = Σ x</c> over them.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">The axes to add up; -1 is the last.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Sum(this Tensor x, ReadOnlySpan<int> axes, bool keep = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        (Shape kept, Shape reduced) = ReducedShapes(x.Shape, axes, "Sum");
        if (kept == x.Shape) return x.Reshape(keep ? kept : reduced);

        Tensor y = Tensor.Uninitialized(keep ? kept : reduced);
        Reductions.SumTo(x.Span, x.Shape.AsSpan(), y.Writable, kept.AsSpan());
        return Tape.Record("sum", y, new Edge(x, dy => dy.Reshape(kept).Expand(x.Shape)));
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

    /// <summary>The shape after a reduction, with the reduced axes kept as 1 and without them.</summary>
    private static (Shape Kept, Shape Reduced) ReducedShapes(Shape shape, ReadOnlySpan<int> axes, string operation)
    {
        int[] kept = [.. shape.Sizes];
        bool[] gone = new bool[shape.Rank];
        foreach (int named in axes)
        {
            int axis = shape.Axis(named, operation);
            ShapeException.Require(!gone[axis], $"{operation}: axis {named} of {shape} is named twice");
            gone[axis] = true;
            kept[axis] = 1;
        }
        return (Shape.Own(kept), Shape.Own([.. shape.Sizes.Where((_, axis) => !gone[axis])]));
    }
}
