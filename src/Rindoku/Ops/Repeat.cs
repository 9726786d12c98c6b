namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The whole tensor side by side, <c>counts[i]</c> times along axis i (a tiling).</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="counts">One for each axis; more add axes in front.</param>
    /// <returns>Size i is x's size times <c>counts[i]</c>.</returns>
    /// <exception cref="ShapeException">There are fewer counts than axes, or one is negative.</exception>
    public static Tensor Repeat(this Tensor x, params ReadOnlySpan<int> counts)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(counts.Length >= x.Rank, $"Repeat: ({string.Join(", ", counts.ToArray())}) has fewer counts than {x.Shape} has axes");
        ShapeException.Require(!counts.ContainsAnyExceptInRange(0, int.MaxValue), $"Repeat: ({string.Join(", ", counts.ToArray())}) has a negative count for {x.Shape}");
        int added = counts.Length - x.Rank;
        List<int> spread = [], stretched = [], joined = [];
        for (int i = 0; i < counts.Length; i++)
        {
            int size = i < added ? 1 : x.Shape[i - added];
            spread.AddRange([1, size]);
            stretched.AddRange([counts[i], size]);
            joined.Add(checked(counts[i] * size));
        }
        return x.Reshape([.. spread]).Expand([.. stretched]).Reshape([.. joined]);
    }

    /// <summary>Every place of an axis <paramref name="count"/> times, one beside the other: a, a, b, b, ...</summary>
    /// <exception cref="ShapeException">The axis does not exist.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public static Tensor RepeatInterleave(this Tensor x, int count, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        axis = x.Shape.Axis(axis);
        Shape spread = x.Shape.Insert(axis + 1, 1);
        return x.Reshape(spread).Expand(spread.With(axis + 1, count)).Reshape(x.Shape.With(axis, checked(x.Shape[axis] * count)));
    }

    /// <summary>The places of an axis moved on by <paramref name="shift"/>; what falls off the end comes in at the start.</summary>
    /// <exception cref="ShapeException">The axis does not exist.</exception>
    public static Tensor Roll(this Tensor x, int shift, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        int size = x.Shape[axis];
        if (size == 0) return x;
        int start = ((shift % size) + size) % size;
        return start == 0 ? x : Tensor.Concat([x.Narrow(axis, size - start, start), x.Narrow(axis, 0, size - start)], axis);
    }
}
