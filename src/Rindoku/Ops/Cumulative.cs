using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Running sums along an axis: <c>y_t = x_1 + ... + x_t</c>.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <exception cref="ShapeException">The axis does not exist.</exception>
    public static Tensor CumSum(this Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        return CumSum(x, x.Shape.Axis(axis), reversed: false);
    }

    private static Tensor CumSum(Tensor x, int axis, bool reversed)
    {
        Tensor y = Tensor.Uninitialized(x.Shape);
        (int outer, int size, int inner) = Around(x.Shape, axis);
        Scans.Sum(x.Span, y.Writable, outer, size, inner, reversed);
        return Tape.Record("cumsum", y, new Edge(x, dy => CumSum(dy, axis, !reversed)));
    }

    /// <summary>Running products along an axis: <c>y_t = x_1 · ... · x_t</c>.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <remarks>Gradients divide by nothing, so zeros in x do them no harm.</remarks>
    /// <exception cref="ShapeException">The axis does not exist.</exception>
    public static Tensor CumProd(this Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        Tensor y = Tensor.Uninitialized(x.Shape);
        (int outer, int size, int inner) = Around(x.Shape, axis);
        Scans.Product(x.Span, y.Writable, outer, size, inner);
        // ∂L/∂x_t = (product before t) · r_t, where r_t = dy_t + x_{t+1} r_{t+1}: what y_t, y_{t+1}, ... have of the rest.
        return Tape.Record("cumprod", y, new Edge(x, dy =>
            ProductBefore(x, axis) * dy.Flip(axis).LinearScan(Shifted(x.Flip(axis), axis, 1, 0), axis).Flip(axis)));
    }

    /// <summary>A linear recurrence along an axis, from nothing: <c>y_t = a_t · y_{t-1} + x_t</c>, <c>y_1 = x_1</c>.</summary>
    /// <param name="x">What is added at every step; any shape but a scalar's.</param>
    /// <param name="decay">The factors a, of x's shape; the first along the axis has no effect.</param>
    /// <param name="axis">The axis along which steps go; -1 is the last.</param>
    /// <remarks>Exponential averages, discounted returns and state-space models are such recurrences.</remarks>
    /// <exception cref="ShapeException">The shapes differ, or the axis does not exist.</exception>
    public static Tensor LinearScan(this Tensor x, Tensor decay, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(decay);
        axis = x.Shape.Axis(axis);
        ShapeException.Require(x.Shape == decay.Shape, $"LinearScan: x is {x.Shape}, the factors are {decay.Shape}; they must have one shape");
        Tensor y = Tensor.Uninitialized(x.Shape);
        (int outer, int size, int inner) = Around(x.Shape, axis);
        Scans.Linear(decay.Span, x.Span, y.Writable, outer, size, inner);
        return Tape.Record("linear_scan", y,
            new Edge(x, dy => Backwards(dy)),
            new Edge(decay, dy => Backwards(dy) * Shifted(y, axis, 1, 0)));

        // The same recurrence from the end: g_t = dy_t + a_{t+1} g_{t+1}.
        Tensor Backwards(Tensor dy) => dy.Flip(axis).LinearScan(Shifted(decay.Flip(axis), axis, 1, 0), axis).Flip(axis);
    }

    // The product of all that comes before each place; 1 for the first.
    private static Tensor ProductBefore(Tensor x, int axis) => Shifted(x, axis, 1, 1).CumProd(axis);

    // One place later along the axis, with a filler in front; the last falls off.
    private static Tensor Shifted(Tensor x, int axis, int by, float filler)
    {
        int size = x.Shape[axis];
        return size == 0 ? x : x.Narrow(axis, 0, size - by).Pad(axis, by, 0, value: filler);
    }
}
