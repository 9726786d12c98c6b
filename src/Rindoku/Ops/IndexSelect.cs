using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Places of an axis in any order and number: <c>y[i, :] = x[index[i], :]</c> for axis 0.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="index">The places, with one axis.</param>
    /// <returns>x's shape with the axis as long as <paramref name="index"/>.</returns>
    /// <exception cref="ShapeException">The index has not one axis, or a place lies outside.</exception>
    public static Tensor IndexSelect(this Tensor x, int axis, IntTensor index)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = CheckedIndex(x.Shape, axis, index, nameof(IndexSelect));
        Tensor y = Tensor.Uninitialized(x.Shape.With(axis, index.Length));
        (int outer, int size, int inner) = Around(x.Shape, axis);
        Indexing.SelectRows(x.Span, index.Span, y.Writable, outer, size, inner);
        return Tape.Record("index_select", y, new Edge(x, dy => Tensor.Zeros(x.Shape).IndexAdd(axis, index, dy)));
    }

    /// <summary>Adds rows to picked places: <c>y[index[i], :] += source[i, :]</c>, starting from x, for axis 0.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="index">The places, with one axis.</param>
    /// <param name="source">x's shape with the axis as long as <paramref name="index"/>.</param>
    /// <returns>The shape of <paramref name="x"/>.</returns>
    /// <remarks>What goes to one place is added in the order of the indices, so the result is always the same to the last bit.</remarks>
    /// <exception cref="ShapeException">The shapes do not fit, or a place lies outside.</exception>
    public static Tensor IndexAdd(this Tensor x, int axis, IntTensor index, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(source);
        axis = CheckedIndex(x.Shape, axis, index, nameof(IndexAdd));
        Shape needed = x.Shape.With(axis, index.Length);
        ShapeException.Require(source.Shape == needed, $"IndexAdd: the source is {source.Shape}; {index.Length} places in axis {axis} of {x.Shape} need {needed}");
        Tensor y = Copied(x);
        (int outer, int size, int inner) = Around(x.Shape, axis);
        Indexing.AddRows(source.Span, index.Span, y.Writable, outer, size, inner);
        return Tape.Record("index_add", y, new Edge(x, dy => dy), new Edge(source, dy => dy.IndexSelect(axis, index)));
    }

    /// <summary>The numbers where the mask is not 0, in order, with one axis.</summary>
    /// <exception cref="ShapeException">The mask has another shape than x.</exception>
    public static Tensor MaskedSelect(this Tensor x, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(mask);
        ShapeException.Require(mask.Shape == x.Shape, $"MaskedSelect: the mask is {mask.Shape}, the tensor {x.Shape}; they must have one shape");
        ReadOnlySpan<float> set = mask.Span;
        List<int> places = [];
        for (int i = 0; i < set.Length; i++)
            if (set[i] != 0) places.Add(i);
        return x.Reshape([x.Length]).IndexSelect(0, IntTensor.Of([.. places]));
    }

    private static int CheckedIndex(Shape shape, int axis, IntTensor index, string operation)
    {
        ArgumentNullException.ThrowIfNull(index);
        axis = shape.Axis(axis, operation);
        ShapeException.Require(index.Rank == 1, $"{operation}: the index must have one axis, got {index.Shape} for {shape}");
        RequireInside(index, shape, axis, operation);
        return axis;
    }
}
