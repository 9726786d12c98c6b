namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Without the given axes of size 1; none named means all that there are.</summary>
    /// <exception cref="ShapeException">A named axis has another size.</exception>
    public static Tensor Squeeze(this Tensor x, params ReadOnlySpan<int> axes)
    {
        ArgumentNullException.ThrowIfNull(x);
        bool[] gone = new bool[x.Rank];
        foreach (int named in axes)
        {
            int axis = x.Shape.Axis(named);
            ShapeException.Require(x.Shape[axis] == 1, $"Squeeze: axis {named} of {x.Shape} has size {x.Shape[axis]}, not 1");
            gone[axis] = true;
        }
        if (axes.IsEmpty)
            for (int axis = 0; axis < gone.Length; axis++) gone[axis] = x.Shape[axis] == 1;
        return x.Reshape(Shape.Own([.. x.Shape.Where((_, axis) => !gone[axis])]));
    }

    /// <summary>With a new axis of size 1 before <paramref name="axis"/>; -1 puts it last.</summary>
    /// <exception cref="ShapeException">There is no such place.</exception>
    public static Tensor Unsqueeze(this Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(axis >= -x.Rank - 1 && axis <= x.Rank,
            $"Unsqueeze: no place {axis} for a new axis in {x.Shape}; places go from {-x.Rank - 1} to {x.Rank}");
        return x.Reshape(x.Shape.Insert(axis, 1));
    }

    /// <summary>With the axes from <paramref name="start"/> to <paramref name="end"/>, both included, made one.</summary>
    /// <exception cref="ShapeException">There are no such axes, or they are in the wrong order.</exception>
    public static Tensor Flatten(this Tensor x, int start = 0, int end = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank == 0) return x.Reshape([1]);
        int first = x.Shape.Axis(start), last = x.Shape.Axis(end);
        ShapeException.Require(first <= last, $"Flatten: axis {start} does not come before axis {end} in {x.Shape}");
        return x.Reshape([.. x.Shape[..first], x.Shape.Count(first..(last + 1)), .. x.Shape[(last + 1)..]]);
    }
}
