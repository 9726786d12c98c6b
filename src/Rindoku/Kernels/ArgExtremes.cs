namespace Rindoku.Kernels;

/// <summary>Where the largest or smallest numbers stand along the middle axis of (outer, reduced, inner).</summary>
/// <remarks>Aliasing: none. Deterministic: every output is computed alone. The first of equal numbers; a NaN comes before all.</remarks>
internal static class ArgExtremes
{
    private const int Grain = 65536;

    /// <summary>The first place of each value, which is what a fold with <see cref="MaxFold"/> or <see cref="MinFold"/> gave.</summary>
    public static unsafe void Find(ReadOnlySpan<float> x, ReadOnlySpan<float> values, Span<int> places, int outer, int reduced, int inner)
    {
        fixed (float* px = x, pv = values)
        fixed (int* pp = places)
            Find(px, pv, pp, outer, reduced, inner);
    }

    private static unsafe void Find(float* x, float* values, int* places, int outer, int reduced, int inner) =>
        Threads.RunChunks(outer, Math.Max(1, Grain / Math.Max(1, reduced * inner)), (from, to) =>
        {
            for (int o = from; o < to; o++)
            {
                float* block = x + (long)o * reduced * inner;
                if (inner == 1) places[o] = First(new ReadOnlySpan<float>(block, reduced), values[o]);
                else Columns(block, values + (long)o * inner, places + (long)o * inner, reduced, inner);
            }
        });

    private static int First(ReadOnlySpan<float> row, float value)
    {
        if (!float.IsNaN(value)) return row.IndexOf(value);
        for (int i = 0; i < row.Length; i++)
            if (float.IsNaN(row[i])) return i;
        return -1;
    }

    // From the last row to the first, so that the first place is the one that stays. A NaN is the extreme of its column.
    private static unsafe void Columns(float* x, float* values, int* places, int rows, int columns)
    {
        for (int row = rows - 1; row >= 0; row--)
            for (int c = 0; c < columns; c++)
            {
                float at = x[(long)row * columns + c];
                if (at == values[c] || float.IsNaN(at)) places[c] = row;
            }
    }
}
