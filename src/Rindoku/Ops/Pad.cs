using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>What stands outside the edges of a padded tensor.</summary>
public enum PadMode
{
    /// <summary>One number everywhere.</summary>
    Constant,

    /// <summary>The mirror image, without the edge itself: c b | a b c | b a.</summary>
    Reflect,

    /// <summary>The edge: a a | a b c | c c.</summary>
    Replicate,

    /// <summary>The other end: b c | a b c | a b.</summary>
    Circular,
}

public static partial class TensorOps
{
    /// <summary>Adds places before and after the last axes.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="widths">How many places before and after, for each of the last axes, in the order of the axes: <c>[(top, bottom), (left, right)]</c>.</param>
    /// <param name="mode">What stands there.</param>
    /// <param name="value">The number for <see cref="PadMode.Constant"/>.</param>
    /// <remarks>Reflections and circles may be wider than the axis: they go on.</remarks>
    /// <exception cref="ShapeException">There are more widths than axes, one is negative, or the axis has too few places for the mode.</exception>
    public static Tensor Pad(this Tensor x, ReadOnlySpan<(int Before, int After)> widths, PadMode mode = PadMode.Constant, float value = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        string asked = string.Join(", ", widths.ToArray());
        ShapeException.Require(widths.Length <= x.Rank, $"Pad: [{asked}] has more widths than {x.Shape} has axes");
        int[] before = new int[x.Rank], sizes = [.. x.Shape.AsSpan()];
        int first = x.Rank - widths.Length;
        for (int i = 0; i < widths.Length; i++)
        {
            (int start, int end) = widths[i];
            ShapeException.Require(start >= 0 && end >= 0, $"Pad: [{asked}] has a negative width for {x.Shape}; use Slice to cut");
            before[first + i] = start;
            sizes[first + i] = checked(sizes[first + i] + start + end);
        }
        if (mode == PadMode.Constant) return x.PadConstant(before, Shape.Own(sizes), value);

        for (int axis = first; axis < sizes.Length; axis++)
            if (sizes[axis] != x.Shape[axis]) x = x.IndexSelect(axis, PadPlaces(x.Shape, axis, before[axis], sizes[axis], mode));
        return x;
    }

    /// <summary>Adds places before and after one axis.</summary>
    /// <exception cref="ShapeException">A width is negative, or the axis has too few places for the mode.</exception>
    public static Tensor Pad(this Tensor x, int axis, int before, int after, PadMode mode = PadMode.Constant, float value = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        (int, int)[] widths = new (int, int)[x.Rank - x.Shape.Axis(axis)];
        widths[0] = (before, after);
        return x.Pad(widths, mode, value);
    }

    private static IntTensor PadPlaces(Shape shape, int axis, int before, int count, PadMode mode)
    {
        int size = shape[axis], needed = mode == PadMode.Reflect ? 2 : 1;
        ShapeException.Require(size >= needed, $"Pad: axis {axis} of {shape} has too few places for {mode}, which needs at least {needed}");
        int[] places = new int[count];
        for (int i = 0; i < count; i++)
        {
            int at = i - before;
            places[i] = mode switch
            {
                PadMode.Replicate => Math.Clamp(at, 0, size - 1),
                PadMode.Circular => Modulo(at, size),
                _ => Math.Min(Modulo(at, 2 * size - 2), 2 * size - 2 - Modulo(at, 2 * size - 2)),
            };
        }
        return IntTensor.Of(places);
    }

    private static int Modulo(int a, int n) => (a % n + n) % n;

    private static Tensor PadConstant(this Tensor x, int[] before, Shape shape, float value)
    {
        if (shape == x.Shape) return x;
        Tensor y = Tensor.Full(shape, value);
        int[] strides = shape.Strides();
        StridedCopy.Run(x.Span, 0, x.Shape.Strides(), y.Writable, Offset(before, strides), strides, x.Shape.AsSpan());
        return Tape.Record("pad", y, new Edge(x, dy => dy.Crop(before, x.Shape)));
    }

    /// <summary>The part of the given shape that starts at the given place of every axis: the opposite of a padding.</summary>
    private static Tensor Crop(this Tensor x, int[] before, Shape shape)
    {
        Tensor y = Tensor.Uninitialized(shape);
        int[] strides = x.Shape.Strides();
        StridedCopy.Run(x.Span, Offset(before, strides), strides, y.Writable, 0, shape.Strides(), shape.AsSpan());
        return Tape.Record("crop", y, new Edge(x, dy => dy.PadConstant(before, x.Shape, 0)));
    }

    private static int Offset(int[] place, int[] strides)
    {
        int offset = 0;
        for (int axis = 0; axis < place.Length; axis++) offset += place[axis] * strides[axis];
        return offset;
    }
}
