using System.Runtime.InteropServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>What models do with integers: one-hot vectors, slices, joins, comparisons.</summary>
public static class IntTensorOps
{
    extension(IntTensor)
    {
        /// <summary>Integers one after the other along an axis that they have.</summary>
        /// <param name="tensors">At least one; their shapes differ at most in that axis.</param>
        /// <param name="axis">The axis; -1 is the last.</param>
        /// <exception cref="ShapeException">There is no tensor, or other axes differ.</exception>
        public static IntTensor Concat(ReadOnlySpan<IntTensor> tensors, int axis = 0)
        {
            ShapeException.Require(tensors.Length > 0, $"Concat: needs at least one tensor");
            Shape first = tensors[0].Shape;
            axis = first.Axis(axis);
            int size = 0;
            for (int i = 0; i < tensors.Length; i++)
            {
                Shape shape = tensors[i].Shape;
                ShapeException.Require(shape.Rank == first.Rank && shape.With(axis, 0) == first.With(axis, 0),
                    $"Concat: tensor {i} is {shape}, tensor 0 is {first}; they may differ only in axis {axis}");
                size = checked(size + shape[axis]);
            }
            IntTensor y = IntTensor.Uninitialized(first.With(axis, size));
            int outer = first.Count(..axis), inner = first.Count((axis + 1)..), start = 0;
            foreach (IntTensor x in tensors)
            {
                int width = x.Shape[axis] * inner;
                StridedCopy.Run(Bits(x.Span), 0, [width, 1], Bits(y.Writable), start, [size * inner, 1], [outer, width]);
                start += width;
            }
            return y;
        }
    }

    /// <summary>Vectors with a one at the place of the class and zeros elsewhere.</summary>
    /// <param name="labels">Any shape; numbers from 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <returns>The shape of <paramref name="labels"/> with a last axis of <paramref name="classes"/>.</returns>
    /// <exception cref="ShapeException">A label lies outside.</exception>
    public static Tensor OneHot(this IntTensor labels, int classes)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        Tensor y = Tensor.Zeros(labels.Shape.Insert(labels.Rank, classes));
        Span<float> span = y.Writable;
        for (int i = 0; i < labels.Length; i++)
        {
            int label = labels[i];
            ShapeException.Require((uint)label < (uint)classes, $"OneHot: label {label} (number {i} of {labels.Shape}) lies outside 0 to {classes - 1}");
            span[i * classes + label] = 1;
        }
        return y;
    }

    /// <summary>A part of one axis: <c>x.Slice(1, 2..^1)</c>; a negative step walks from the end of the range to its start.</summary>
    /// <exception cref="ShapeException">The range does not lie in the axis, or the step is 0.</exception>
    public static IntTensor Slice(this IntTensor x, int axis, Range range, int step = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        (int start, int count) = TensorOps.Places(x.Shape, axis, range, step);
        int[] strides = x.Shape.Strides();
        int first = start * strides[axis];
        strides[axis] *= step;
        IntTensor y = IntTensor.Uninitialized(x.Shape.With(axis, count));
        StridedCopy.Run(Bits(x.Span), first, strides, Bits(y.Writable), 0, y.Shape.Strides(), y.Shape.AsSpan());
        return y;
    }

    /// <summary>One place of an axis; the axis disappears; -1 is the last place.</summary>
    /// <exception cref="ShapeException">The place lies outside the axis.</exception>
    public static IntTensor Select(this IntTensor x, int axis, int index)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        int size = x.Shape[axis];
        ShapeException.Require(index >= -size && index < size, $"Select: index {index} lies outside axis {axis} of {x.Shape}");
        int at = index < 0 ? index + size : index;
        return x.Slice(axis, at..(at + 1)).Reshape(x.Shape.Without(axis));
    }

    /// <summary>Stretches axes of size 1 (and adds axes in front) to reach <paramref name="shape"/>.</summary>
    /// <exception cref="ShapeException">x does not broadcast to <paramref name="shape"/>.</exception>
    public static IntTensor Expand(this IntTensor x, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape == shape) return x;
        ShapeException.Require(Shape.Broadcast(x.Shape, shape) == shape, $"Expand: {x.Shape} does not expand to {shape}");
        int[] strides = new int[shape.Rank], own = x.Shape.Strides();
        for (int i = 1; i <= x.Rank; i++) strides[^i] = x.Shape[^i] == 1 ? 0 : own[^i];
        IntTensor y = IntTensor.Uninitialized(shape);
        StridedCopy.Run(Bits(x.Span), 0, strides, Bits(y.Writable), 0, shape.Strides(), shape.AsSpan());
        return y;
    }

    /// <summary>1 where the integers are equal, else 0.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor EqualTo(this IntTensor a, IntTensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ShapeException.Require(a.Shape == b.Shape, $"EqualTo: {a.Shape} and {b.Shape} differ");
        return Tensor.Generate(a.Shape, i => a[i] == b[i] ? 1 : 0);
    }

    /// <summary>1 where the integer is <paramref name="b"/>, else 0.</summary>
    public static Tensor EqualTo(this IntTensor a, int b)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Tensor.Generate(a.Shape, i => a[i] == b ? 1 : 0);
    }

    // A copy moves 32 bits, whatever they mean.
    private static ReadOnlySpan<float> Bits(ReadOnlySpan<int> integers) => MemoryMarshal.Cast<int, float>(integers);

    private static Span<float> Bits(Span<int> integers) => MemoryMarshal.Cast<int, float>(integers);
}
