namespace Rindoku.Kernels;

/// <summary>Reads and adds rows of a table by their numbers; a negative number stands for a row of zeros that takes nothing.</summary>
/// <remarks>
/// Aliasing: none. Deterministic: additions are split over strips of columns, and every strip goes through the rows in order.
/// </remarks>
internal static unsafe class TableKernel
{
    private const int Grain = 16384;
    private const int Strip = 64;

    /// <summary><c>y[i] = table[indices[i]]</c>.</summary>
    public static void Gather(ReadOnlySpan<float> table, ReadOnlySpan<int> indices, Span<float> y, int width)
    {
        fixed (float* pt = table, py = y)
        fixed (int* pi = indices)
        {
            float* t = pt, target = py;
            int* index = pi;
            Threads.RunChunks(indices.Length, Math.Max(1, Grain / Math.Max(1, width)), (from, to) =>
            {
                for (int i = from; i < to; i++)
                {
                    Span<float> row = new(target + (long)i * width, width);
                    if (index[i] < 0) row.Clear();
                    else new ReadOnlySpan<float>(t + (long)index[i] * width, width).CopyTo(row);
                }
            });
        }
    }

    /// <summary><c>table[indices[i]] += x[i]</c>, i in order.</summary>
    public static void ScatterAdd(ReadOnlySpan<float> x, ReadOnlySpan<int> indices, Span<float> table, int width)
    {
        fixed (float* px = x, pt = table)
        fixed (int* pi = indices)
        {
            float* source = px, t = pt;
            int* index = pi;
            int count = indices.Length;
            Threads.Run((width + Strip - 1) / Strip, strip =>
            {
                int column = strip * Strip, columns = Math.Min(Strip, width - column);
                for (int i = 0; i < count; i++)
                {
                    if (index[i] < 0) continue;
                    Span<float> row = new(t + (long)index[i] * width + column, columns);
                    VectorMath.Add(row, new ReadOnlySpan<float>(source + (long)i * width + column, columns), row);
                }
            });
        }
    }
}
