using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rindoku.Kernels;

/// <summary>Sums of squared distances from the mean, along the middle axis of (outer, reduced, inner).</summary>
/// <remarks>
/// Aliasing: none. Deterministic: cut by outputs or into chunks of fixed size, combined in order. Numbers are read from memory once:
/// each block, which fits the first-level cache, gives its mean and its squares about that mean, and blocks are combined in double
/// (<see cref="BlockMoments"/>).
/// </remarks>
internal static class Variances
{
    private const int Block = 4096;
    private const int Grain = 16 * Block;

    /// <summary><c>y = Σ (x - mean)² / divisor</c>.</summary>
    public static unsafe void Run(ReadOnlySpan<float> x, Span<float> y, int outer, int reduced, int inner, double divisor)
    {
        fixed (float* px = x, py = y)
        {
            if (inner > 1) Columns(px, py, outer, reduced, inner, divisor);
            else if (outer == 1) y[0] = (float)(LongRow(px, reduced).Squares / divisor);
            else Rows(px, py, outer, reduced, divisor);
        }
    }

    private static unsafe BlockMoments LongRow(float* x, int length)
    {
        BlockMoments[] parts = new BlockMoments[(length + Grain - 1) / Grain];
        Threads.RunChunks(length, Grain, (from, to) => parts[from / Grain] = Row(new ReadOnlySpan<float>(x + from, to - from)));
        BlockMoments all = default;
        foreach (BlockMoments part in parts) all.Add(part.Count, part.Count * part.Mean, part.Squares);
        return all;
    }

    private static unsafe void Rows(float* x, float* y, int rows, int length, double divisor) =>
        Threads.RunChunks(rows, Math.Max(1, Grain / Math.Max(1, length)), (from, to) =>
        {
            for (int i = from; i < to; i++) y[i] = (float)(Row(new ReadOnlySpan<float>(x + (long)i * length, length)).Squares / divisor);
        });

    private static BlockMoments Row(ReadOnlySpan<float> x)
    {
        BlockMoments all = default;
        for (; x.Length > 0; x = x[Math.Min(Block, x.Length)..])
        {
            ReadOnlySpan<float> block = x[..Math.Min(Block, x.Length)];
            float sum = Reductions.SumBlock(block);
            all.Add(block.Length, sum, Squares(block, sum / block.Length));
        }
        return all;
    }

    // Strips of columns go side by side through the rows: Welford's method in double.
    private static unsafe void Columns(float* x, float* y, int outer, int reduced, int inner, double divisor) =>
        Threads.RunChunks(outer * inner, Math.Max(64, Grain / Math.Max(1, 8 * reduced)), (from, to) =>
        {
            int width = Math.Min(to - from, 512);
            Span<double> means = stackalloc double[width], squares = stackalloc double[width];
            for (int first = from; first < to;)
            {
                (int o, int column) = Math.DivRem(first, inner);
                int count = Math.Min(width, Math.Min(to - first, inner - column));
                means.Clear();
                squares.Clear();
                float* row = x + (long)o * reduced * inner + column;
                for (int r = 0; r < reduced; r++, row += inner) Welford(row, 1.0 / (r + 1), means[..count], squares[..count]);
                for (int i = 0; i < count; i++) y[first + i] = (float)(squares[i] / divisor);
                first += count;
            }
        });

    private static unsafe void Welford(float* row, double share, Span<double> means, Span<double> squares)
    {
        for (int i = 0; i < means.Length; i++)
        {
            double apart = row[i] - means[i];
            means[i] += apart * share;
            squares[i] += apart * (row[i] - means[i]);
        }
    }

    private static float Squares(ReadOnlySpan<float> x, float mean) =>
        Simd.Bits == 512 ? Squares<V512>(x, mean) : Simd.Bits == 256 ? Squares<V256>(x, mean) : Squares<V128>(x, mean);

    private static float Squares<V>(ReadOnlySpan<float> x, float mean) where V : struct, ISimd<V>
    {
        ref float p = ref MemoryMarshal.GetReference(x);
        V centre = V.All(mean), a = V.Zero, b = V.Zero;
        int i = 0;
        for (; i <= x.Length - 2 * V.Count; i += 2 * V.Count)
        {
            V first = V.Load(ref Unsafe.Add(ref p, i)) - centre, second = V.Load(ref Unsafe.Add(ref p, i + V.Count)) - centre;
            a = V.Fma(first, first, a);
            b = V.Fma(second, second, b);
        }
        float sum = V.Sum(a + b);
        for (; i < x.Length; i++) sum += (Unsafe.Add(ref p, i) - mean) * (Unsafe.Add(ref p, i) - mean);
        return sum;
    }
}
