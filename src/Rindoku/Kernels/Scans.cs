namespace Rindoku.Kernels;

/// <summary>Running sums and linear recurrences along the middle axis of (outer, steps, inner).</summary>
/// <remarks>Aliasing: the destination may be a source. Deterministic: every line runs on one thread, in order.</remarks>
internal static class Scans
{
    private const int Grain = 16384;
    private const int Width = 256; // lines that run side by side

    // Neighbouring lines share cache lines, so a task takes several of them.
    private static int LinesPerTask(int steps, int inner) => Math.Max(inner == 1 ? 1 : 32, Grain / Math.Max(1, steps));

    /// <summary><c>y_t = x_t + y_{t-1}</c>, or <c>y_t = x_t + y_{t+1}</c> when reversed. Summed in double.</summary>
    public static unsafe void Sum(ReadOnlySpan<float> x, Span<float> y, int outer, int steps, int inner, bool reversed)
    {
        fixed (float* px = x, py = y) Sum(px, py, outer, steps, inner, reversed);
    }

    private static unsafe void Sum(float* x, float* y, int outer, int steps, int inner, bool reversed)
    {
        if (inner == 1) SumLines(x, y, outer, steps, reversed);
        else SumSideBySide(x, y, outer, steps, inner, reversed);
    }

    // One line would wait for each addition to end before the next: four lines together do not.
    private static unsafe void SumLines(float* x, float* y, int lines, int steps, bool reversed) =>
        Threads.RunChunks((lines + 3) / 4, Math.Max(1, Grain / Math.Max(1, 4 * steps)), (from, to) =>
        {
            for (long line = 4L * from; line < Math.Min(4L * to, lines); line += 4)
            {
                // Lines beyond the last stand in for it: they write the same numbers to the same places.
                long a = line * steps, b = Math.Min(line + 1, lines - 1) * steps, c = Math.Min(line + 2, lines - 1) * steps, d = Math.Min(line + 3, lines - 1) * steps;
                double sumA = 0, sumB = 0, sumC = 0, sumD = 0;
                for (int step = 0; step < steps; step++)
                {
                    int at = reversed ? steps - 1 - step : step;
                    float nextA = x[a + at], nextB = x[b + at], nextC = x[c + at], nextD = x[d + at];
                    y[a + at] = (float)(sumA += nextA);
                    y[b + at] = (float)(sumB += nextB);
                    y[c + at] = (float)(sumC += nextC);
                    y[d + at] = (float)(sumD += nextD);
                }
            }
        });

    private static unsafe void SumSideBySide(float* x, float* y, int outer, int steps, int inner, bool reversed) =>
        Threads.RunChunks(outer * inner, LinesPerTask(steps, inner), (from, to) =>
        {
            Span<double> room = stackalloc double[Width];
            for (int first = from; first < to;)
            {
                (int o, int column) = Math.DivRem(first, inner);
                int count = Math.Min(Math.Min(to - first, inner - column), Width);
                Span<double> sums = room[..count];
                sums.Clear();
                long start = (long)o * steps * inner + column;
                for (int step = 0; step < steps; step++)
                {
                    long at = start + (long)(reversed ? steps - 1 - step : step) * inner;
                    for (int i = 0; i < count; i++) y[at + i] = (float)(sums[i] += x[at + i]);
                }
                first += count;
            }
        });

    /// <summary><c>y_t = a_t y_{t-1} + x_t</c>, starting from 0.</summary>
    public static unsafe void Linear(ReadOnlySpan<float> a, ReadOnlySpan<float> x, Span<float> y, int outer, int steps, int inner)
    {
        fixed (float* pa = a, px = x, py = y) Linear(pa, px, py, outer, steps, inner);
    }

    private static unsafe void Linear(float* a, float* x, float* y, int outer, int steps, int inner) =>
        Threads.RunChunks(outer * inner, LinesPerTask(steps, inner), (from, to) =>
        {
            for (int first = from; first < to;)
            {
                (int o, int column) = Math.DivRem(first, inner);
                int count = Math.Min(to - first, inner - column);
                long at = (long)o * steps * inner + column;
                for (int i = 0; i < count && steps > 0; i++) y[at + i] = x[at + i];
                for (int step = 1; step < steps; step++)
                {
                    long before = at;
                    at += inner;
                    for (int i = 0; i < count; i++) y[at + i] = MathF.FusedMultiplyAdd(a[at + i], y[before + i], x[at + i]);
                }
                first += count;
            }
        });

    /// <summary><c>y_t = x_t y_{t-1}</c>, starting from 1. Multiplied in double.</summary>
    public static unsafe void Product(ReadOnlySpan<float> x, Span<float> y, int outer, int steps, int inner)
    {
        fixed (float* px = x, py = y) Product(px, py, outer, steps, inner);
    }

    private static unsafe void Product(float* x, float* y, int outer, int steps, int inner) =>
        Threads.RunChunks(outer * inner, LinesPerTask(steps, inner), (from, to) =>
        {
            Span<double> room = stackalloc double[Width];
            for (int first = from; first < to;)
            {
                (int o, int column) = Math.DivRem(first, inner);
                int count = Math.Min(Math.Min(to - first, inner - column), Width);
                Span<double> products = room[..count];
                products.Fill(1);
                long at = (long)o * steps * inner + column;
                for (int step = 0; step < steps; step++, at += inner)
                    for (int i = 0; i < count; i++) y[at + i] = (float)(products[i] *= x[at + i]);
                first += count;
            }
        });
}
