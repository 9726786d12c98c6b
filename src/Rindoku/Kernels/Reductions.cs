using System.Buffers;

namespace Rindoku.Kernels;

/// <summary>Sums of spans and along axes.</summary>
/// <remarks>
/// Aliasing: none. Deterministic: how work is cut, and in which order parts are added, depends on the sizes alone. Rows are summed
/// in blocks of floats and the blocks in double, columns in chunks of rows, so the error hardly grows with the length.
/// </remarks>
internal static class Reductions
{
    private const int Block = 4096;
    private const int Grain = 16 * Block;
    private const int RowWork = 32; // the cost of a row in numbers

    /// <summary>The sum of all numbers.</summary>
    public static unsafe float Sum(ReadOnlySpan<float> x)
    {
        if (x.Length <= Grain) return (float)SumBlocks(x);
        double[] parts = new double[(x.Length + Grain - 1) / Grain];
        int length = x.Length;
        fixed (float* start = x)
        {
            float* p = start;
            Threads.RunChunks(length, Grain, (from, to) => parts[from / Grain] = SumBlocks(new ReadOnlySpan<float>(p + from, to - from)));
        }
        double sum = 0;
        foreach (double part in parts) sum += part;
        return (float)sum;
    }

    /// <summary>Sums over every axis where <paramref name="kept"/> has 1 and <paramref name="shape"/> another size.</summary>
    public static void SumTo(ReadOnlySpan<float> x, ReadOnlySpan<int> shape, Span<float> y, ReadOnlySpan<int> kept)
    {
        List<int> sizes = Runs(shape, kept, out bool lastReduced);
        switch (sizes.Count, lastReduced)
        {
            case (0, _):
            case (1, false):
                x.CopyTo(y);
                break;
            case (1, true):
                y[0] = Sum(x);
                break;
            case (2, true):
                SumMiddle(x, y, sizes[0], sizes[1], 1);
                break;
            case (2, false):
                SumMiddle(x, y, 1, sizes[0], sizes[1]);
                break;
            case (3, false):
                SumMiddle(x, y, sizes[0], sizes[1], sizes[2]);
                break;
            case (3, true) when sizes[2] >= 64:
                SumAround(x, y, sizes[0], sizes[1], sizes[2]);
                break;
            default:
                SumInPasses(x, y, sizes, lastReduced);
                break;
        }
    }

    // Sizes of neighbouring axes that are reduced, or kept, together: the two kinds take turns.
    private static List<int> Runs(ReadOnlySpan<int> shape, ReadOnlySpan<int> kept, out bool lastReduced)
    {
        List<int> sizes = [];
        lastReduced = false;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis] == 1) continue;
            bool reduced = kept[axis] != shape[axis];
            if (sizes.Count > 0 && reduced == lastReduced) sizes[^1] *= shape[axis];
            else sizes.Add(shape[axis]);
            lastReduced = reduced;
        }
        return sizes;
    }

    // The first reduced run goes first when it stands in front (its columns are long), else the last.
    private static void SumInPasses(ReadOnlySpan<float> x, Span<float> y, List<int> sizes, bool lastReduced)
    {
        bool firstReduced = lastReduced == (sizes.Count % 2 == 1);
        int run = firstReduced ? 0 : lastReduced ? sizes.Count - 1 : sizes.Count - 2;
        int outer = Product(sizes, 0, run), inner = Product(sizes, run + 1, sizes.Count);
        if (outer * inner == y.Length)
        {
            SumMiddle(x, y, outer, sizes[run], inner);
            return;
        }
        float[] rented = ArrayPool<float>.Shared.Rent(outer * inner);
        Span<float> part = rented.AsSpan(0, outer * inner);
        SumMiddle(x, part, outer, sizes[run], inner);
        if (run > 0 && run < sizes.Count - 1) sizes[run - 1] *= sizes[run + 1];
        if (run > 0 && run < sizes.Count - 1) sizes.RemoveAt(run + 1);
        sizes.RemoveAt(run);
        SumInPasses(part, y, sizes, lastReduced && run < sizes.Count);
        ArrayPool<float>.Shared.Return(rented);
    }

    private static int Product(List<int> sizes, int from, int to)
    {
        int product = 1;
        for (int i = from; i < to; i++) product *= sizes[i];
        return product;
    }

    /// <summary>From (outer, reduced, inner) to (outer, inner).</summary>
    public static unsafe void SumMiddle(ReadOnlySpan<float> x, Span<float> y, int outer, int reduced, int inner)
    {
        if (y.Length == 0) return;
        if (inner == 1 && reduced > 2 * Grain && outer < 64)
        {
            for (int i = 0; i < outer; i++) y[i] = Sum(x.Slice(i * reduced, reduced));
            return;
        }
        fixed (float* px = x, py = y)
        {
            if (inner == 1) SumRows(px, py, outer, reduced);
            else ColumnSums.Run(px, py, outer, reduced, inner);
        }
    }

    private static unsafe void SumRows(float* x, float* y, int rows, int length) =>
        Threads.RunChunks(rows, Grains.Rows(rows, length + RowWork, Grain), (from, to) =>
        {
            if (length <= ShortRows.Longest) Folds.ShortRows(default(AddFold), x + (long)from * length, y + from, to - from, length);
            else for (int i = from; i < to; i++) y[i] = (float)SumBlocks(new ReadOnlySpan<float>(x + (long)i * length, length));
        });

    /// <summary>From (outer, kept, inner) to (kept): the sums by channel of a batch of images.</summary>
    private static unsafe void SumAround(ReadOnlySpan<float> x, Span<float> y, int outer, int kept, int inner)
    {
        fixed (float* px = x, py = y) SumAround(px, py, outer, kept, inner);
    }

    private static unsafe void SumAround(float* x, float* y, int outer, int kept, int inner) =>
        Threads.RunChunks(kept, (int)Math.Max(1, Grain / Math.Max(1, (long)outer * inner)), (from, to) =>
        {
            for (int k = from; k < to; k++)
            {
                double sum = 0;
                for (int o = 0; o < outer; o++) sum += SumBlocks(new ReadOnlySpan<float>(x + ((long)o * kept + k) * inner, inner));
                y[k] = (float)sum;
            }
        });

    private static double SumBlocks(ReadOnlySpan<float> x)
    {
        double sum = 0;
        for (; x.Length > Block; x = x[Block..]) sum += SumBlock(x[..Block]);
        return sum + SumBlock(x);
    }

    /// <summary>The sum of a few thousand numbers at most, in float.</summary>
    /// <remarks>By no more than 256 bits at a time: wider is no faster, and slower from memory, see <see cref="ISimd{V}.LoadFar"/>.</remarks>
    public static unsafe float SumBlock(ReadOnlySpan<float> x)
    {
        fixed (float* p = x) return Simd.Bits >= 256 ? SumBlock<V256>(p, x.Length) : SumBlock<V128>(p, x.Length);
    }

    private static unsafe float SumBlock<V>(float* x, int length) where V : struct, ISimd<V>
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        int i = 0, whole = length - length % (4 * V.Count);
        while (i < whole)
        {
            int end = Math.Min(whole, i + SimdMemory.Page);
            SimdMemory.CallPage(x + i);
            for (; i < end; i += 4 * V.Count)
            {
                a += V.Load(ref x[i]);
                b += V.Load(ref x[i + V.Count]);
                c += V.Load(ref x[i + 2 * V.Count]);
                d += V.Load(ref x[i + 3 * V.Count]);
            }
        }
        for (; i <= length - V.Count; i += V.Count) a += V.Load(ref x[i]);
        if (i < length) b += V.LoadPart(x + i, length - i, 0);
        return V.Sum(a + b + (c + d));
    }
}
