using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>Tensors joined along an axis: <c>Tensor.Concat([a, b], axis: 1)</c>.</summary>
public static class Joining
{
    extension(Tensor)
    {
        /// <summary>Tensors one after the other along an axis that they have.</summary>
        /// <param name="tensors">At least one; their shapes differ at most in that axis.</param>
        /// <param name="axis">The axis; -1 is the last.</param>
        /// <exception cref="ShapeException">There is no tensor, or other axes differ.</exception>
        public static Tensor Concat(ReadOnlySpan<Tensor> tensors, int axis = 0) => TensorOps.Concat(tensors.ToArray(), axis);

        /// <summary>Tensors of one shape side by side along a new axis.</summary>
        /// <param name="tensors">At least one, all of one shape.</param>
        /// <param name="axis">Where the new axis goes; -1 puts it last.</param>
        /// <exception cref="ShapeException">There is no tensor, or the shapes differ.</exception>
        public static Tensor Stack(ReadOnlySpan<Tensor> tensors, int axis = 0) => TensorOps.Stack(tensors.ToArray(), axis);
    }
}

public static partial class TensorOps
{
    internal static Tensor Concat(Tensor[] tensors, int axis)
    {
        ShapeException.Require(tensors.Length > 0, $"Concat: needs at least one tensor");
        Shape first = tensors[0].Shape;
        axis = first.Axis(axis);
        if (tensors.Length == 1) return tensors[0];

        int[] starts = new int[tensors.Length];
        int size = 0;
        for (int i = 0; i < tensors.Length; i++)
        {
            Shape shape = tensors[i].Shape;
            ShapeException.Require(shape.Rank == first.Rank && shape.With(axis, 0) == first.With(axis, 0),
                $"Concat: tensor {i} is {shape}, tensor 0 is {first}; they may differ only in axis {axis}");
            starts[i] = size;
            size = checked(size + shape[axis]);
        }

        Tensor y = Tensor.Uninitialized(first.With(axis, size));
        Edge[] edges = new Edge[tensors.Length];
        int outer = first.Count(..axis), inner = first.Count((axis + 1)..);
        for (int i = 0; i < tensors.Length; i++)
        {
            Tensor x = tensors[i];
            int start = starts[i], width = x.Shape[axis] * inner;
            StridedCopy.Run(x.Span, 0, [width, 1], y.Writable, start * inner, [size * inner, 1], [outer, width]);
            edges[i] = new Edge(x, dy => dy.Narrow(axis, start, x.Shape[axis]));
        }
        return Tape.Record("concat", y, edges);
    }

    internal static Tensor Stack(Tensor[] tensors, int axis)
    {
        ShapeException.Require(tensors.Length > 0, $"Stack: needs at least one tensor");
        Shape first = tensors[0].Shape;
        int at = axis < 0 ? axis + first.Rank + 1 : axis;
        ShapeException.Require(at >= 0 && at <= first.Rank, $"Stack: no place {axis} for a new axis in {first}");
        for (int i = 1; i < tensors.Length; i++)
            ShapeException.Require(tensors[i].Shape == first, $"Stack: tensor {i} is {tensors[i].Shape}, tensor 0 is {first}; all must have one shape");
        return Concat([.. tensors.Select(x => x.Reshape(first.Insert(at, 1)))], at);
    }
}
