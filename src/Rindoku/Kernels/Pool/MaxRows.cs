namespace Rindoku.Kernels;

/// <summary>Maxima over the windows of a flat plane with the places they stand at, a row of windows at a time.</summary>
/// <remarks>
/// First the largest number of every column is found among the rows of the windows, for many columns at once; then the largest of as many
/// neighbouring columns as a window is wide, for every column that a window might begin at. Of equals the first in the plane's order is taken.
/// </remarks>
internal static unsafe class MaxRows
{
    private const int LargestPlane = 1 << 24; // places are kept as floats, which are exact up to here
    private const int NarrowestPlane = 8;

    /// <summary>Whether windows can be worked on like this.</summary>
    public static bool Applies(PoolWindows windows) =>
        windows.D is { Size: 1, Count: 1 } && windows.W.Step == 1 && windows.W.Size >= NarrowestPlane && windows.InputPlane <= LargestPlane;

    /// <summary>Computes one plane; windows at its borders that are cut, and rows with a NaN, are left to <see cref="Pooling.MaxOfWindow"/>.</summary>
    public static void Run(PoolWindows windows, float* x, float* y, int* places)
    {
        if (Simd.Bits == 512) Run<V512>(windows, x, y, places);
        else if (Simd.Bits == 256) Run<V256>(windows, x, y, places);
        else Run<V128>(windows, x, y, places);
    }

    private static void Run<V>(PoolWindows windows, float* x, float* y, int* places) where V : struct, ISimd<V>
    {
        (PoolAxis h, PoolAxis w) = (windows.H, windows.W);
        int widest = 0, room = w.Size + 2 * V.Count;
        for (int i = 0; i < w.Count; i++) widest = Math.Max(widest, w.Ends[i] - w.Starts[i]);
        using Workspace workspace = new(4L * (room + widest));
        float* columns = workspace.Start, rows = columns + room + widest, best = rows + room + widest, shifts = best + room + widest;
        for (int oy = 0; oy < h.Count; oy++)
        {
            bool whole = OfColumns<V>(x, h.Starts[oy], h.Ends[oy], h.Step, w.Size, columns, rows);
            if (whole) OfNeighbours<V>(columns, rows, w.Size - widest + 1, widest, best, shifts);
            for (int ox = 0; ox < w.Count; ox++, y++, places++)
            {
                int start = w.Starts[ox];
                if (whole && w.Ends[ox] - start == widest) (*y, *places) = (best[start], start + (int)shifts[start]);
                else Pooling.MaxOfWindow(windows, x, 0, oy, ox, out *y, out *places);
            }
        }
    }

    /// <summary>The largest number of every column and where its row begins; false if there is a NaN.</summary>
    private static bool OfColumns<V>(float* x, int from, int to, int step, int size, float* columns, float* rows) where V : struct, ISimd<V>
    {
        bool whole = true;
        for (int i = 0; i < size; i += V.Count)
        {
            int count = Math.Min(V.Count, size - i);
            V best = SimdMemory.Load<V>(x + (long)from * size + i, count), row = V.All(from * size);
            V numbers = V.Equal(best, best);
            for (int r = from + step; r < to; r += step)
            {
                V candidate = SimdMemory.Load<V>(x + (long)r * size + i, count), larger = V.Less(best, candidate);
                numbers &= V.Equal(candidate, candidate);
                best = V.Select(larger, candidate, best);
                row = V.Select(larger, V.All(r * size), row);
            }
            whole &= !V.Any(V.Select(numbers, V.Zero, V.All(1)));
            V.Store(best, ref columns[i]);
            V.Store(row, ref rows[i]);
        }
        return whole;
    }

    /// <summary>For every start the largest of <paramref name="width"/> neighbouring columns, and how far behind the start its place is.</summary>
    private static void OfNeighbours<V>(float* columns, float* rows, int starts, int width, float* best, float* shifts) where V : struct, ISimd<V>
    {
        for (int i = 0; i < starts; i += V.Count)
        {
            V largest = V.Load(ref columns[i]), shift = V.Load(ref rows[i]);
            for (int k = 1; k < width; k++)
            {
                V candidate = V.Load(ref columns[i + k]), there = V.Load(ref rows[i + k]) + V.All(k);
                V takes = V.Less(largest, candidate) | (V.Equal(largest, candidate) & V.Less(there, shift));
                largest = V.Select(takes, candidate, largest);
                shift = V.Select(takes, there, shift);
            }
            V.Store(largest, ref best[i]);
            V.Store(shift, ref shifts[i]);
        }
    }
}
