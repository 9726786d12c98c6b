namespace Rindoku.Kernels;

/// <summary>Moves numbers between arrays whose axes have any strides: permutations, slices, diagonals, and their opposites.</summary>
/// <remarks>Aliasing: none. Deterministic: numbers are only moved.</remarks>
internal static class StridedCopy
{
    private const int Grain = 16384;
    private const int Band = 4 * TransposeTile.Size;
    private const int LeastCalled = 1 << 15; // numbers of a plane that is larger than a first-level cache

    /// <summary>Axes merged as far as source and destination both run on evenly; at least two.</summary>
    private readonly record struct Plan(int[] Sizes, int[] StridesX, int[] StridesY)
    {
        public int Rows => Sizes[..^1].Aggregate(1, (a, b) => a * b);
    }

    /// <summary>For every place of <paramref name="sizes"/>: y[startY + place · stridesY] = x[startX + place · stridesX].</summary>
    public static unsafe void Run(ReadOnlySpan<float> x, int startX, ReadOnlySpan<int> stridesX,
        Span<float> y, int startY, ReadOnlySpan<int> stridesY, ReadOnlySpan<int> sizes)
    {
        if (sizes.Contains(0)) return;
        Plan plan = Merge(sizes, stridesX, stridesY);
        fixed (float* px = x, py = y)
        {
            int crossing = CrossingAxis(plan);
            if (crossing < 0) Rows(plan, px + startX, py + startY);
            else Planes(Crossed(plan, crossing), px + startX, py + startY);
        }
    }

    /// <summary>From (outer, rows, columns) to (outer, columns, rows).</summary>
    public static void Transpose(ReadOnlySpan<float> x, Span<float> y, int outer, int rows, int columns) =>
        Run(x, 0, [rows * columns, 1, columns], y, 0, [rows * columns, rows, 1], [outer, columns, rows]);

    private static Plan Merge(ReadOnlySpan<int> sizes, ReadOnlySpan<int> stridesX, ReadOnlySpan<int> stridesY)
    {
        List<int> size = [], x = [], y = [];
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
        {
            if (sizes[axis] == 1) continue;
            if (size.Count > 0 && stridesX[axis] == x[^1] * size[^1] && stridesY[axis] == y[^1] * size[^1])
            {
                size[^1] *= sizes[axis];
                continue;
            }
            size.Add(sizes[axis]);
            x.Add(stridesX[axis]);
            y.Add(stridesY[axis]);
        }
        while (size.Count < 2)
        {
            size.Add(1);
            x.Add(0);
            y.Add(0);
        }
        size.Reverse();
        x.Reverse();
        y.Reverse();
        return new Plan([.. size], [.. x], [.. y]);
    }

    // The axis along which the source is contiguous, where the destination is so along the last: a transposed plane.
    private static int CrossingAxis(Plan plan) =>
        plan.StridesY[^1] == 1 && plan.StridesX[^1] != 1 ? Array.IndexOf(plan.StridesX, 1, 0, plan.StridesX.Length - 1) : -1;

    private static Plan Crossed(Plan plan, int axis)
    {
        int[] order = [.. Enumerable.Range(0, plan.Sizes.Length - 1).Where(i => i != axis), axis, plan.Sizes.Length - 1];
        return new Plan([.. order.Select(i => plan.Sizes[i])], [.. order.Select(i => plan.StridesX[i])], [.. order.Select(i => plan.StridesY[i])]);
    }

    private static (int X, int Y) Offsets(Plan plan, int place)
    {
        int x = 0, y = 0;
        for (int axis = plan.Sizes.Length - 3; axis >= 0; axis--)
        {
            (place, int at) = Math.DivRem(place, plan.Sizes[axis]);
            x += at * plan.StridesX[axis];
            y += at * plan.StridesY[axis];
        }
        return (x, y);
    }

    private static unsafe void Rows(Plan plan, float* x, float* y)
    {
        int inner = plan.Sizes[^1], middle = plan.Sizes[^2];
        if (inner > Grain)
        {
            LongRows(plan, x, y);
            return;
        }
        Threads.RunChunks(plan.Rows, Math.Max(1, Grain / inner), (from, to) =>
        {
            while (from < to)
            {
                (int outer, int first) = Math.DivRem(from, middle);
                (int offsetX, int offsetY) = Offsets(plan, outer);
                int last = Math.Min(middle, first + to - from);
                for (int row = first; row < last; row++)
                    Row(x + offsetX + row * plan.StridesX[^2], plan.StridesX[^1], y + offsetY + row * plan.StridesY[^2], plan.StridesY[^1], inner);
                from += last - first;
            }
        });
    }

    // Rows that are worth several tasks each: there may be but one of them.
    private static unsafe void LongRows(Plan plan, float* x, float* y)
    {
        int inner = plan.Sizes[^1], pieces = (inner + Grain - 1) / Grain;
        Threads.Run(plan.Rows * pieces, i =>
        {
            (int row, int piece) = Math.DivRem(i, pieces);
            (int outer, int at) = Math.DivRem(row, plan.Sizes[^2]);
            (int offsetX, int offsetY) = Offsets(plan, outer);
            long first = (long)piece * Grain;
            Row(x + offsetX + at * plan.StridesX[^2] + first * plan.StridesX[^1], plan.StridesX[^1],
                y + offsetY + at * plan.StridesY[^2] + first * plan.StridesY[^1], plan.StridesY[^1], (int)Math.Min(Grain, inner - first));
        });
    }

    private static unsafe void Row(float* x, int strideX, float* y, int strideY, int count)
    {
        if (strideX == 1 && strideY == 1)
        {
            new ReadOnlySpan<float>(x, count).CopyTo(new Span<float>(y, count));
            return;
        }
        for (int i = 0; i < count; i++, x += strideX, y += strideY) *y = *x;
    }

    // A task takes a band of rows of one plane and goes through it tile by tile. A band is some tiles high: of each line of x
    // that it comes to, it takes a few cache lines side by side.
    private static unsafe void Planes(Plan plan, float* x, float* y)
    {
        int rows = plan.Sizes[^2], columns = plan.Sizes[^1], strideX = plan.StridesX[^1], strideY = plan.StridesY[^2];
        int bands = (rows + Band - 1) / Band;
        bool large = (long)rows * columns >= LeastCalled;
        Threads.RunChunks(plan.Rows / rows * bands, Math.Max(1, Grain / (Math.Min(rows, Band) * columns)), (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                (int outer, int band) = Math.DivRem(i, bands);
                (int offsetX, int offsetY) = Offsets(plan, outer);
                int first = band * Band, last = Math.Min(rows, first + Band);
                for (int column = 0; column < columns; column += TransposeTile.Size)
                    for (int row = first; row < last; row += TransposeTile.Size)
                    {
                        if (large && column + TransposeTile.Size < columns)
                            TransposeTile.Call(y + offsetY + row * strideY + column + TransposeTile.Size, strideY, Math.Min(TransposeTile.Size, last - row));
                        TransposeTile.Run(x + offsetX + row + column * strideX, strideX, y + offsetY + row * strideY + column, strideY,
                            Math.Min(TransposeTile.Size, last - row), Math.Min(TransposeTile.Size, columns - column));
                    }
            }
        });
    }
}
