using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Softmax along an axis: <c>y = e^x / Σ e^x</c>, so that the numbers along it are positive and add up to 1.</summary>
    /// <param name="x">Any shape of at least one axis.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <remarks>The maximum is subtracted first, so nothing overflows. -∞ gives 0; a line of -∞ alone gives NaN, as does one with +∞.</remarks>
    public static Tensor Softmax(this Tensor x, int axis = -1)
    {
        Tensor y = SoftmaxValues(x, axis, logarithm: false, "Softmax");
        return Tape.RecordFused("softmax", y, (dy, _) => [SoftmaxGradient(y, dy, axis, logarithm: false)],
            new Edge(x, dy => y * (dy - (dy * y).Sum([axis], keep: true))));
    }

    /// <summary>The logarithm of <see cref="Softmax"/>: <c>y = x - log Σ e^x</c>, exact where the softmax itself would round to 0.</summary>
    /// <param name="x">Any shape of at least one axis.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public static Tensor LogSoftmax(this Tensor x, int axis = -1)
    {
        Tensor y = SoftmaxValues(x, axis, logarithm: true, "LogSoftmax");
        return Tape.RecordFused("log_softmax", y, (dy, _) => [SoftmaxGradient(y, dy, axis, logarithm: true)],
            new Edge(x, dy => dy - x.Softmax(axis) * dy.Sum([axis], keep: true)));
    }

    private static Tensor SoftmaxValues(Tensor x, int axis, bool logarithm, string operation)
    {
        ArgumentNullException.ThrowIfNull(x);
        (int outer, int size, int inner) = AroundAxis(x.Shape, x.Shape.Axis(axis, operation));
        Tensor y = Tensor.Uninitialized(x.Shape);
        SoftmaxKernel.Forward(x.Span, y.Writable, outer, size, inner, logarithm);
        return y;
    }

    private static Tensor SoftmaxGradient(Tensor y, Tensor dy, int axis, bool logarithm)
    {
        (int outer, int size, int inner) = AroundAxis(y.Shape, y.Shape.Axis(axis));
        Tensor dx = Tensor.Uninitialized(y.Shape);
        SoftmaxKernel.Backward(y.Span, dy.Span, dx.Writable, outer, size, inner, logarithm);
        return dx;
    }

    /// <summary>The shape as (what lies before the axis, the axis, what lies after it).</summary>
    private static (int Outer, int Size, int Inner) AroundAxis(Shape shape, int axis) =>
        (shape.Count(..axis), shape[axis], shape.Count((axis + 1)..));
}
