using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>Softmax and its relatives along the middle axis of (outer, size, inner).</summary>
/// <remarks>
/// The maximum of a line is subtracted before anything is raised, so no finite input overflows. A line of -∞ alone, or with +∞ or
/// NaN in it, gives NaN. Lines with inner = 1 lie together in memory and are worked along; others are worked across, one vector of
/// neighbouring lines at a time, as are short lines, which are turned on the way in and back on the way out. Aliasing: none. Deterministic: every line is computed alone.
/// </remarks>
internal static unsafe partial class SoftmaxKernel
{
    private const int Grain = 16384;
    private const int LineWork = 16; // the cost of a line in numbers

    // Sums of vectors of floats are moved to a double after this many numbers, so that a vocabulary of 50,000 loses no digits.
    private const int Block = 4096;

    /// <summary><c>y = e^(x - max) / Σ e^(x - max)</c>, or its logarithm.</summary>
    public static void Forward(ReadOnlySpan<float> x, Span<float> y, int outer, int size, int inner, bool logarithm)
    {
        if (y.Length == 0) return;
        fixed (float* px = x, py = y) Lines(new ForwardLine(px, py, logarithm), outer, size, inner);
    }

    /// <summary>The gradient of softmax, <c>dx = y (dy - Σ dy y)</c>, or of its logarithm, <c>dx = dy - e^y Σ dy</c>.</summary>
    public static void Backward(ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx, int outer, int size, int inner, bool logarithm)
    {
        if (y.Length == 0) return;
        fixed (float* py = y, pdy = dy, pdx = dx) Lines(new BackwardLine(py, pdy, pdx, logarithm), outer, size, inner);
    }

    /// <summary>For each line its maximum and <c>log Σ e^(x - max)</c>, apart: their sum would lose digits where the maximum is large.</summary>
    public static void LogSumExp(ReadOnlySpan<float> x, Span<float> maxima, Span<float> logSums, int outer, int size, int inner)
    {
        if (x.Length == 0) return;
        fixed (float* px = x, pm = maxima, ps = logSums) Lines(new LogSumExpLine(px, pm, ps), outer, size, inner);
    }

    /// <summary><c>y = factor · e^(x - max - logSum)</c>, with a factor, a maximum and a log-sum for each line.</summary>
    public static void Scaled(ReadOnlySpan<float> x, ReadOnlySpan<float> maxima, ReadOnlySpan<float> logSums, ReadOnlySpan<float> factors,
        Span<float> y, int outer, int size, int inner)
    {
        if (y.Length == 0) return;
        fixed (float* px = x, pm = maxima, ps = logSums, pf = factors, py = y) Lines(new ScaledLine(px, pm, ps, pf, py), outer, size, inner);
    }

    /// <summary>One line that lies together, or one vector of neighbouring lines.</summary>
    private interface ILine
    {
        /// <summary>Line number <paramref name="line"/>, of <paramref name="size"/> numbers from <paramref name="at"/> on.</summary>
        void Along<V>(int line, long at, int size) where V : struct, ISimd<V>;

        /// <summary><paramref name="count"/> lines side by side from number <paramref name="line"/> on, steps of <paramref name="stride"/> apart.</summary>
        void Across<V>(int line, long at, int size, int stride, int count) where V : struct, ISimd<V>;

        /// <summary><paramref name="count"/> short lines, one after the other, from number <paramref name="line"/> on: at most one vector of lines.</summary>
        void Turned<V>(int line, long at, int size, int count) where V : struct, ISimd<V>;
    }

    private static void Lines<L>(L kernel, int outer, int size, int inner) where L : struct, ILine
    {
        if (Simd.Bits == 512) Lines<L, V512>(kernel, outer, size, inner);
        else if (Simd.Bits == 256) Lines<L, V256>(kernel, outer, size, inner);
        else Lines<L, V128>(kernel, outer, size, inner);
    }

    private static void Lines<L, V>(L kernel, int outer, int size, int inner) where L : struct, ILine where V : struct, ISimd<V>
    {
        if (inner == 1 && size <= ShortRows.Longest)
        {
            Threads.RunChunks(outer, Grains.Rows(outer, size + LineWork, Grain), (from, to) =>
            {
                for (int line = from; line < to; line += V.Count) kernel.Turned<V>(line, (long)line * size, size, Math.Min(V.Count, to - line));
            });
            return;
        }
        if (inner == 1)
        {
            Threads.RunChunks(outer, Grains.Rows(outer, size + LineWork, Grain), (from, to) =>
            {
                for (int line = from; line < to; line++) kernel.Along<V>(line, (long)line * size, size);
            });
            return;
        }
        int strips = (inner + V.Count - 1) / V.Count;
        Threads.RunChunks(outer * strips, Grains.Rows(outer * strips, (size + 1L) * V.Count, Grain), (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                (int o, int strip) = Math.DivRem(i, strips);
                int column = strip * V.Count;
                kernel.Across<V>(o * inner + column, (long)o * size * inner + column, size, inner, Math.Min(V.Count, inner - column));
            }
        });
    }

    // NaN may get lost here, but not in the sum of the powers, which makes the whole line NaN.
    private static float Max<V>(float* x, int size) where V : struct, ISimd<V>
    {
        V a = V.All(float.NegativeInfinity), b = a, c = a, d = a;
        int i = 0;
        for (; i <= size - 4 * V.Count; i += 4 * V.Count)
        {
            a = V.MaxNative(a, V.Load(ref x[i]));
            b = V.MaxNative(b, V.Load(ref x[i + V.Count]));
            c = V.MaxNative(c, V.Load(ref x[i + 2 * V.Count]));
            d = V.MaxNative(d, V.Load(ref x[i + 3 * V.Count]));
        }
        for (; i < size; i += V.Count) a = V.MaxNative(a, Load<V>(x + i, size - i, float.NegativeInfinity));
        return V.MaxOf(V.MaxNative(V.MaxNative(a, b), V.MaxNative(c, d)));
    }

    /// <summary><c>Σ e^(x - max)</c>; the terms go to <paramref name="y"/> unless it is null.</summary>
    private static double SumExp<V>(float* x, float* y, int size, float max) where V : struct, ISimd<V>
    {
        double total = 0;
        V m = V.All(max);
        for (int start = 0; start < size; start += Block)
        {
            int end = Math.Min(size, start + Block), i = start;
            V sum = V.Zero;
            for (; i <= end - V.Count; i += V.Count)
            {
                V e = SimdMath.Exp(V.Load(ref x[i]) - m);
                if (y is not null) V.Store(e, ref y[i]);
                sum += e;
            }
            if (i < end)
            {
                // Not -∞ for the places beyond: to find that a power is too small for a float takes Intel's processors 160 cycles.
                V e = SimdMath.Exp(V.LoadPart(x + i, end - i, max) - m) & V.First(end - i);
                if (y is not null) Store(e, y + i, end - i);
                sum += e;
            }
            total += V.Sum(sum);
        }
        return total;
    }

    private static V MaxAcross<V>(float* x, int size, int stride, int count) where V : struct, ISimd<V>
    {
        V max = V.All(float.NegativeInfinity);
        for (int i = 0; i < size; i++) max = V.MaxNative(max, Load<V>(x + (long)i * stride, count));
        return max;
    }

    private static V SumExpAcross<V>(float* x, float* y, int size, int stride, int count, V max) where V : struct, ISimd<V>
    {
        V sum = V.Zero;
        for (int i = 0; i < size; i++)
        {
            V e = SimdMath.Exp(Load<V>(x + (long)i * stride, count) - max);
            if (y is not null) Store(e, y + (long)i * stride, count);
            sum += e;
        }
        return sum;
    }
}
