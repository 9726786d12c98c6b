using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rindoku.Kernels;

/// <summary>Sums of spans and along axes.</summary>
/// <remarks>
/// Aliasing: none. Deterministic: blocks of fixed size are added in a fixed order, whatever the thread count. Blocks are summed in
/// vectors of floats, block sums in double, so the error does not grow with the length.
/// </remarks>
internal static class Reductions
{
    private const int Block = 4096;
    private const int Grain = 16 * Block;

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

    /// <summary>Sums over every axis where <paramref name="kept"/> has 1 and <paramref name="shape"/> more.</summary>
    public static void SumTo(ReadOnlySpan<float> x, ReadOnlySpan<int> shape, Span<float> y, ReadOnlySpan<int> kept)
    {
        if (y.Length == 1)
        {
            y[0] = Sum(x);
            return;
        }
        // Runs of reduced axes one after the other, from the innermost: the first pass takes most of the work away.
        int[] sizes = shape.ToArray();
        float[]? current = null;
        int axis = sizes.Length - 1;
        while (axis >= 0)
        {
            if (kept[axis] == sizes[axis])
            {
                axis--;
                continue;
            }
            int last = axis;
            while (axis >= 0 && kept[axis] != sizes[axis]) axis--;
            int outer = Product(sizes, 0, axis + 1), reduced = Product(sizes, axis + 1, last + 1), inner = Product(sizes, last + 1, sizes.Length);
            for (int i = axis + 1; i <= last; i++) sizes[i] = 1;

            bool done = outer * inner == y.Length;
            float[]? next = done ? null : new float[outer * inner];
            SumMiddle(current ?? x, done ? y : next, outer, reduced, inner);
            current = next;
            if (done) return;
        }
        (current ?? x).CopyTo(y);
    }

    private static int Product(int[] sizes, int from, int to)
    {
        int product = 1;
        for (int i = from; i < to; i++) product *= sizes[i];
        return product;
    }

    /// <summary>From (outer, reduced, inner) to (outer, inner).</summary>
    public static unsafe void SumMiddle(ReadOnlySpan<float> x, Span<float> y, int outer, int reduced, int inner)
    {
        if (y.Length == 0) return;
        fixed (float* px = x, py = y) SumMiddle(px, py, outer, reduced, inner);
    }

    private static unsafe void SumMiddle(float* x, float* y, int outer, int reduced, int inner)
    {
        if (inner == 1)
        {
            Threads.RunChunks(outer, Math.Max(1, Grain / Math.Max(1, reduced)), (from, to) =>
            {
                for (int i = from; i < to; i++) y[i] = (float)SumBlocks(new ReadOnlySpan<float>(x + (long)i * reduced, reduced));
            });
            return;
        }
        // Columns are cut into strips that stay in the first-level cache while the rows go by.
        const int strip = 1024;
        int strips = (inner + strip - 1) / strip;
        Threads.RunChunks(outer * strips, Math.Max(1, Grain / Math.Max(1, reduced * Math.Min(inner, strip))), (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                (int o, int s) = Math.DivRem(i, strips);
                int width = Math.Min(strip, inner - s * strip);
                SumColumns(x + (long)o * reduced * inner + s * strip, inner, reduced, new Span<float>(y + (long)o * inner + s * strip, width));
            }
        });
    }

    private static unsafe void SumColumns(float* x, int stride, int rows, Span<float> y)
    {
        y.Clear();
        for (int row = 0; row < rows; row++)
            Elementwise.Map2(default(AddKernel), y, new ReadOnlySpan<float>(x + (long)row * stride, y.Length), y);
    }

    private static double SumBlocks(ReadOnlySpan<float> x)
    {
        double sum = 0;
        for (; x.Length > Block; x = x[Block..]) sum += SumBlock(x[..Block]);
        return sum + SumBlock(x);
    }

    private static float SumBlock(ReadOnlySpan<float> x) =>
        Simd.Bits == 512 ? SumBlock<V512>(x) : Simd.Bits == 256 ? SumBlock<V256>(x) : SumBlock<V128>(x);

    private static float SumBlock<V>(ReadOnlySpan<float> x) where V : struct, ISimd<V>
    {
        ref float p = ref MemoryMarshal.GetReference(x);
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        int i = 0;
        for (; i <= x.Length - 4 * V.Count; i += 4 * V.Count)
        {
            a += V.Load(ref Unsafe.Add(ref p, i));
            b += V.Load(ref Unsafe.Add(ref p, i + V.Count));
            c += V.Load(ref Unsafe.Add(ref p, i + 2 * V.Count));
            d += V.Load(ref Unsafe.Add(ref p, i + 3 * V.Count));
        }
        for (; i <= x.Length - V.Count; i += V.Count) a += V.Load(ref Unsafe.Add(ref p, i));
        if (i < x.Length) b += Simd.LoadPart<V>(ref Unsafe.Add(ref p, i), x.Length - i);
        return V.Sum(a + b + (c + d));
    }
}
