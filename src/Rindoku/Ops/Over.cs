namespace Rindoku.Ops;

/// <summary>The axes that a reduction goes over, and the shapes that come of it.</summary>
/// <param name="Axes">The axes, in order.</param>
/// <param name="Kept">The result's shape when the axes stay with size 1.</param>
/// <param name="Reduced">The result's shape without them.</param>
/// <param name="Count">How many numbers go into each result.</param>
internal readonly record struct Over(int[] Axes, Shape Kept, Shape Reduced, int Count)
{
    /// <summary>Works the axes out; none named means all of them.</summary>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Over Of(Shape shape, ReadOnlySpan<int> axes, string operation)
    {
        bool[] gone = new bool[shape.Rank];
        if (axes.IsEmpty) Array.Fill(gone, true);
        foreach (int named in axes)
        {
            int axis = shape.Axis(named, operation);
            ShapeException.Require(!gone[axis], $"{operation}: axis {named} of {shape} is named twice");
            gone[axis] = true;
        }

        List<int> reduced = [], left = [];
        int[] kept = [.. shape.AsSpan()];
        int count = 1;
        for (int axis = 0; axis < gone.Length; axis++)
        {
            if (gone[axis])
            {
                reduced.Add(axis);
                count *= shape[axis];
                kept[axis] = 1;
            }
            else
            {
                left.Add(shape[axis]);
            }
        }
        return new Over([.. reduced], Shape.Own(kept), Shape.Own([.. left]), count);
    }

    /// <summary>The result's shape.</summary>
    public Shape Result(bool keep) => keep ? Kept : Reduced;

    /// <summary>Requires that there is something to reduce: for reductions of which nothing has no answer.</summary>
    public void RequireNumbers(Shape shape, string operation) =>
        ShapeException.Require(Count > 0, $"{operation}: no numbers along axes ({string.Join(", ", Axes)}) of {shape}; needs at least one");

    /// <summary>x as (outer, reduced, inner), so that kernels know but one form; axes that lie apart are brought to the end.</summary>
    /// <remarks>Not recorded. The result of a kernel, (outer, inner), has the order of <see cref="Kept"/> either way.</remarks>
    public (Tensor Source, int Outer, int Reduced, int Inner) Arrange(Tensor x)
    {
        int first = -1, last = -2;
        bool together = true;
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (x.Shape[axis] == 1 || Array.IndexOf(Axes, axis) < 0) continue;
            if (first < 0) first = axis;
            else if (x.Shape.Count((last + 1)..axis) != 1) together = false;
            last = axis;
        }
        if (first < 0) return (x, x.Length, 1, 1);
        if (together) return (x, x.Shape.Count(..first), x.Shape.Count(first..(last + 1)), x.Shape.Count((last + 1)..));
        return (TensorOps.MovedToEnd(x, Axes), Reduced.Length, Count, 1);
    }
}
