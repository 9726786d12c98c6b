namespace Rindoku.Kernels;

/// <summary>Reads and sums at places given by integers, which the caller has checked.</summary>
/// <remarks>
/// Aliasing: none. Deterministic: work is cut by outputs; what is added to one place is added in the order of the indices.
/// </remarks>
internal static class Indexing
{
    private const int Grain = 16384;
    private const int Strip = 64;

    /// <summary>y[o, i, :] = x[o, index[i], :], from (outer, size, inner) to (outer, count, inner).</summary>
    public static unsafe void SelectRows(ReadOnlySpan<float> x, ReadOnlySpan<int> index, Span<float> y, int outer, int size, int inner)
    {
        fixed (float* px = x, py = y)
        fixed (int* pi = index)
            SelectRows(px, pi, py, outer, size, index.Length, inner);
    }

    private static unsafe void SelectRows(float* x, int* index, float* y, int outer, int size, int count, int inner)
    {
        if (inner == 1)
        {
            SelectNumbers(x, index, y, outer, size, count);
            return;
        }
        Threads.RunChunks(outer * count, Math.Max(1, Grain / Math.Max(1, inner)), (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                (int o, int i) = Math.DivRem(row, count);
                float* source = x + ((long)o * size + index[i]) * inner, target = y + (long)row * inner;
                new ReadOnlySpan<float>(source, inner).CopyTo(new Span<float>(target, inner));
            }
        });
    }

    private static unsafe void SelectNumbers(float* x, int* index, float* y, int outer, int size, int count) =>
        Threads.RunChunks(outer, Math.Max(1, Grain / Math.Max(1, count)), (from, to) =>
        {
            for (int o = from; o < to; o++)
            {
                float* source = x + (long)o * size, target = y + (long)o * count;
                for (int i = 0; i < count; i++) target[i] = source[index[i]];
            }
        });

    /// <summary>y[o, index[i], :] += x[o, i, :], from (outer, count, inner) into (outer, size, inner).</summary>
    public static unsafe void AddRows(ReadOnlySpan<float> x, ReadOnlySpan<int> index, Span<float> y, int outer, int size, int inner)
    {
        fixed (float* px = x, py = y)
        fixed (int* pi = index)
            AddRows(px, pi, py, outer, size, index.Length, inner);
    }

    private static unsafe void AddRows(float* x, int* index, float* y, int outer, int size, int count, int inner)
    {
        int strips = (inner + Strip - 1) / Strip;
        Threads.RunChunks(outer * strips, Math.Max(1, Grain / Math.Max(1, count * Math.Min(inner, Strip))), (from, to) =>
        {
            for (int task = from; task < to; task++)
            {
                (int o, int strip) = Math.DivRem(task, strips);
                int width = Math.Min(Strip, inner - strip * Strip);
                float* source = x + (long)o * count * inner + strip * Strip, target = y + (long)o * size * inner + strip * Strip;
                for (int i = 0; i < count; i++, source += inner)
                {
                    Span<float> sum = new(target + (long)index[i] * inner, width);
                    VectorMath.Add(sum, new ReadOnlySpan<float>(source, width), sum);
                }
            }
        });
    }

    /// <summary>y[o, i, n] = x[o, index[o, i, n], n], from (outer, size, inner) to (outer, count, inner).</summary>
    public static unsafe void Gather(ReadOnlySpan<float> x, ReadOnlySpan<int> index, Span<float> y, int outer, int size, int count, int inner)
    {
        fixed (float* px = x, py = y)
        fixed (int* pi = index)
            Gather(px, pi, py, outer, size, count, inner);
    }

    private static unsafe void Gather(float* x, int* index, float* y, int outer, int size, int count, int inner) =>
        Threads.RunChunks(outer * count, Math.Max(1, Grain / Math.Max(1, inner)), (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                float* source = x + (long)(row / count) * size * inner, target = y + (long)row * inner;
                int* places = index + (long)row * inner;
                for (int n = 0; n < inner; n++) target[n] = source[(long)places[n] * inner + n];
            }
        });

    /// <summary>y[o, index[o, i, n], n] += x[o, i, n], from (outer, count, inner) into (outer, size, inner).</summary>
    public static unsafe void ScatterAdd(ReadOnlySpan<float> x, ReadOnlySpan<int> index, Span<float> y, int outer, int size, int count, int inner)
    {
        fixed (float* px = x, py = y)
        fixed (int* pi = index)
            ScatterAdd(px, pi, py, outer, size, count, inner);
    }

    private static unsafe void ScatterAdd(float* x, int* index, float* y, int outer, int size, int count, int inner)
    {
        int strips = (inner + Strip - 1) / Strip;
        Threads.RunChunks(outer * strips, Math.Max(1, Grain / Math.Max(1, count * Math.Min(inner, Strip))), (from, to) =>
        {
            for (int task = from; task < to; task++)
            {
                (int o, int strip) = Math.DivRem(task, strips);
                int first = strip * Strip, last = Math.Min(inner, first + Strip);
                float* target = y + (long)o * size * inner;
                for (int i = 0; i < count; i++)
                {
                    long row = ((long)o * count + i) * inner;
                    for (int n = first; n < last; n++) target[(long)index[row + n] * inner + n] += x[row + n];
                }
            }
        });
    }
}
