using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>A part of one axis: <c>x.Slice(1, 2..^1)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="range">The places to take.</param>
    /// <param name="step">Every how many of them; a negative step walks from the end of the range to its start.</param>
    /// <remarks>Slices of the first axis share x's memory, all others copy.</remarks>
    /// <exception cref="ShapeException">The range does not lie in the axis, or the step is 0.</exception>
    public static Tensor Slice(this Tensor x, int axis, Range range, int step = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        (int start, int count) = Places(x.Shape, axis, range, step);
        return x.Walk(axis, start, count, step);
    }

    /// <summary>The part of one axis from <paramref name="start"/> on, <paramref name="length"/> places long.</summary>
    /// <exception cref="ShapeException">The part does not lie in the axis.</exception>
    public static Tensor Narrow(this Tensor x, int axis, int start, int length)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        ShapeException.Require(start >= 0 && length >= 0 && start <= x.Shape[axis] - length,
            $"Narrow: {length} places from {start} on do not lie in axis {axis} of {x.Shape}");
        return x.Walk(axis, start, length, 1);
    }

    /// <summary>One place of an axis; the axis disappears.</summary>
    /// <param name="x">Any shape but a scalar's.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="index">The place; -1 is the last.</param>
    /// <exception cref="ShapeException">The place lies outside the axis.</exception>
    public static Tensor Select(this Tensor x, int axis, int index)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        int size = x.Shape[axis];
        ShapeException.Require(index >= -size && index < size, $"Select: index {index} lies outside axis {axis} of {x.Shape}");
        return x.Walk(axis, index < 0 ? index + size : index, 1, 1).Reshape(x.Shape.Without(axis));
    }

    /// <summary>Some axes back to front.</summary>
    /// <exception cref="ShapeException">An axis does not exist.</exception>
    public static Tensor Flip(this Tensor x, params ReadOnlySpan<int> axes)
    {
        ArgumentNullException.ThrowIfNull(x);
        foreach (int axis in axes) x = x.Slice(x.Shape.Axis(axis), .., step: -1);
        return x;
    }

    /// <summary>Cuts an axis into parts of the given sizes.</summary>
    /// <exception cref="ShapeException">The sizes do not add up to the axis.</exception>
    public static Tensor[] Split(this Tensor x, ReadOnlySpan<int> sizes, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        int sum = 0;
        foreach (int size in sizes) sum += size;
        ShapeException.Require(sum == x.Shape[axis], $"Split: sizes ({string.Join(", ", sizes.ToArray())}) add up to {sum}, axis {axis} of {x.Shape} has {x.Shape[axis]}");
        Tensor[] parts = new Tensor[sizes.Length];
        for (int i = 0, start = 0; i < parts.Length; start += sizes[i++]) parts[i] = x.Narrow(axis, start, sizes[i]);
        return parts;
    }

    /// <summary>Cuts an axis into <paramref name="count"/> parts, equal but for the last, which may be shorter.</summary>
    /// <returns><paramref name="count"/> tensors, or fewer when the axis is too short.</returns>
    public static Tensor[] Chunk(this Tensor x, int count, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        int size = x.Shape[x.Shape.Axis(axis)], part = Math.Max(1, (size + count - 1) / count);
        int[] sizes = [.. Enumerable.Range(0, Math.Max(1, (size + part - 1) / part)).Select(i => Math.Min(part, size - i * part))];
        return x.Split(sizes, axis);
    }

    internal static (int Start, int Count) Places(Shape shape, int axis, Range range, int step)
    {
        int size = shape[axis], from = range.Start.GetOffset(size), to = range.End.GetOffset(size);
        ShapeException.Require(from >= 0 && to <= size && from <= to, $"Slice: range {range} does not lie in axis {axis} of {shape}");
        ShapeException.Require(step != 0, $"Slice: the step along axis {axis} of {shape} is 0");
        long stride = Math.Abs((long)step);
        int count = (int)((to - from + stride - 1) / stride);
        return (step > 0 || count == 0 ? from : to - 1, count);
    }

    // The core of all slices: count places of an axis, a step apart.
    private static Tensor Walk(this Tensor x, int axis, int start, int count, int step)
    {
        if (start == 0 && step == 1 && count == x.Shape[axis]) return x;
        Shape shape = x.Shape.With(axis, count);
        int[] strides = x.Shape.Strides();
        int first = start * strides[axis];
        Tensor y;
        if (step == 1 && x.Shape.Count(..axis) == 1)
        {
            y = x.View(shape, count == 0 ? 0 : first);
        }
        else
        {
            y = Tensor.Uninitialized(shape);
            strides[axis] *= step;
            StridedCopy.Run(x.Span, first, strides, y.Writable, 0, shape.Strides(), shape.AsSpan());
        }
        return Tape.Record("slice", y, new Edge(x, dy => dy.Place(x.Shape, axis, start, step, 0)));
    }

    /// <summary>The opposite of a slice: x's numbers at places of an axis a step apart, <paramref name="filler"/> everywhere else.</summary>
    private static Tensor Place(this Tensor x, Shape shape, int axis, int start, int step, float filler)
    {
        Tensor y = Tensor.Full(shape, filler);
        int[] strides = shape.Strides();
        int first = start * strides[axis];
        strides[axis] *= step;
        StridedCopy.Run(x.Span, 0, x.Shape.Strides(), y.Writable, first, strides, x.Shape.AsSpan());
        return Tape.Record("place", y, new Edge(x, dy => dy.Walk(axis, start, x.Shape[axis], step)));
    }
}
