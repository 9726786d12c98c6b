using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Picks along an axis, each place for itself: <c>y[i, j] = x[index[i, j], j]</c> for axis 0 of a matrix.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis to pick along; -1 is the last.</param>
    /// <param name="index">As many axes as x; in the others no longer than x.</param>
    /// <returns>The shape of <paramref name="index"/>.</returns>
    /// <exception cref="ShapeException">The shapes do not fit, or an index lies outside the axis.</exception>
    public static Tensor Gather(this Tensor x, int axis, IntTensor index)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(index);
        axis = x.Shape.Axis(axis);
        Tensor source = FitOthers(x, axis, index, nameof(Gather));
        RequireInside(index, x.Shape, axis, nameof(Gather));
        Tensor y = Tensor.Uninitialized(index.Shape);
        (int outer, int size, int inner) = Around(source.Shape, axis);
        Indexing.Gather(source.Span, index.Span, y.Writable, outer, size, index.Shape[axis], inner);
        return Tape.Record("gather", y, new Edge(source, dy => Tensor.Zeros(source.Shape).ScatterAdd(axis, index, dy)));
    }

    /// <summary>Adds numbers to picked places: <c>y[index[i, j], j] += source[i, j]</c>, starting from x, for axis 0 of a matrix.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis to pick along; -1 is the last.</param>
    /// <param name="index">Of x's shape but for that axis.</param>
    /// <param name="source">What to add, of the shape of <paramref name="index"/>.</param>
    /// <returns>The shape of <paramref name="x"/>.</returns>
    /// <remarks>What goes to one place is added in the order of the indices, so the result is always the same to the last bit.</remarks>
    /// <exception cref="ShapeException">The shapes do not fit, or an index lies outside the axis.</exception>
    public static Tensor ScatterAdd(this Tensor x, int axis, IntTensor index, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(source);
        axis = x.Shape.Axis(axis);
        ShapeException.Require(index.Shape == source.Shape, $"ScatterAdd: the index is {index.Shape}, the source {source.Shape}; they must have one shape");
        ShapeException.Require(index.Rank == x.Rank && index.Shape.With(axis, 0) == x.Shape.With(axis, 0),
            $"ScatterAdd: the index {index.Shape} does not fit {x.Shape}; they may differ only in axis {axis}");
        RequireInside(index, x.Shape, axis, nameof(ScatterAdd));
        Tensor y = Copied(x);
        (int outer, int size, int inner) = Around(x.Shape, axis);
        Indexing.ScatterAdd(source.Span, index.Span, y.Writable, outer, size, index.Shape[axis], inner);
        return Tape.Record("scatter_add", y, new Edge(x, dy => dy), new Edge(source, dy => dy.Gather(axis, index)));
    }

    /// <summary>Picks along an axis where the axes of x and index that are not picked along broadcast.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis to pick along; -1 is the last.</param>
    /// <param name="index">As many axes as x.</param>
    /// <exception cref="ShapeException">The shapes do not fit, or an index lies outside the axis.</exception>
    public static Tensor TakeAlong(this Tensor x, int axis, IntTensor index)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(index);
        axis = x.Shape.Axis(axis);
        ShapeException.Require(index.Rank == x.Rank, $"TakeAlong: the index {index.Shape} has not as many axes as {x.Shape}");
        Shape common = Shape.Broadcast(x.Shape.With(axis, 1), index.Shape.With(axis, 1));
        return x.Expand(common.With(axis, x.Shape[axis])).Gather(axis, index.Expand(common.With(axis, index.Shape[axis])));
    }

    // An index shorter than x in the other axes looks at x's first places only.
    private static Tensor FitOthers(Tensor x, int axis, IntTensor index, string operation)
    {
        ShapeException.Require(index.Rank == x.Rank, $"{operation}: the index {index.Shape} has not as many axes as {x.Shape}");
        Tensor fitting = x;
        for (int other = 0; other < x.Rank; other++)
        {
            if (other == axis) continue;
            ShapeException.Require(index.Shape[other] <= x.Shape[other],
                $"{operation}: the index {index.Shape} is longer than {x.Shape} in axis {other}, which is not picked along");
            fitting = fitting.Narrow(other, 0, index.Shape[other]);
        }
        return fitting;
    }

    private static void RequireInside(IntTensor index, Shape shape, int axis, string operation)
    {
        int size = shape[axis];
        ReadOnlySpan<int> places = index.Span;
        for (int i = 0; i < places.Length; i++)
            if ((uint)places[i] >= (uint)size)
                throw new ShapeException($"{operation}: index {places[i]} (number {i} of {index.Shape}) lies outside axis {axis} of {shape}; indices go from 0 to {size - 1}");
    }

    private static (int Outer, int Size, int Inner) Around(Shape shape, int axis) =>
        (shape.Count(..axis), shape[axis], shape.Count((axis + 1)..));

    private static Tensor Copied(Tensor x)
    {
        Tensor y = Tensor.Uninitialized(x.Shape);
        x.Span.CopyTo(y.Writable);
        return y;
    }
}
