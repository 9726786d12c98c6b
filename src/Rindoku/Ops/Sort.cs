using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The numbers along an axis in order, and the places that they came from.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="descending">Whether the largest comes first.</param>
    /// <remarks>Equal numbers stay in their order; NaN counts as the largest number.</remarks>
    /// <exception cref="ShapeException">The axis does not exist.</exception>
    public static (Tensor Values, IntTensor Indices) Sort(this Tensor x, int axis = -1, bool descending = false)
    {
        IntTensor places = x.ArgSort(axis, descending);
        return (x.Gather(axis, places), places);
    }

    /// <summary>The places that numbers in order along an axis come from.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="descending">Whether the largest comes first.</param>
    /// <remarks>Equal numbers stay in their order; NaN counts as the largest number.</remarks>
    /// <exception cref="ShapeException">The axis does not exist.</exception>
    public static IntTensor ArgSort(this Tensor x, int axis = -1, bool descending = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        return OrderedPlaces(x, x.Shape.Axis(axis), x.Shape[x.Shape.Axis(axis)], descending);
    }

    /// <summary>The <paramref name="count"/> largest (or smallest) numbers along an axis, in order, and their places.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="count">How many.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="largest">Whether the largest are wanted, else the smallest.</param>
    /// <remarks>Of equal numbers the first are taken; NaN counts as the largest number.</remarks>
    /// <exception cref="ShapeException">The axis does not exist or has fewer places.</exception>
    public static (Tensor Values, IntTensor Indices) TopK(this Tensor x, int count, int axis = -1, bool largest = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        ShapeException.Require(count >= 0 && count <= x.Shape[axis], $"TopK: {count} numbers asked for, axis {axis} of {x.Shape} has {x.Shape[axis]}");
        IntTensor places = OrderedPlaces(x, axis, count, largest);
        return (x.Gather(axis, places), places);
    }

    private static IntTensor OrderedPlaces(Tensor x, int axis, int count, bool descending)
    {
        (int outer, int size, int inner) = Around(x.Shape, axis);
        IntTensor places = IntTensor.Uninitialized(x.Shape.With(axis, count));
        Sorting.Places(x.Span, places.Writable, outer, size, inner, count, descending);
        return places;
    }
}
