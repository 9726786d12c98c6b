using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>
/// The loops of batch, group and instance normalisation. The tensor is taken as (runs, length): a run is one channel of one
/// sample, which lies together in memory and shares its mean, scale and shift.
/// </summary>
/// <remarks>
/// Aliasing: none, except that <see cref="Normalize"/> may work in place. Deterministic: runs are cut into blocks of fixed size,
/// and the caller adds up the figures of blocks in order.
/// </remarks>
internal static unsafe class RunKernel
{
    /// <summary>Numbers in a block.</summary>
    public const int Block = BlockSums.Block;

    private const int Grain = 16384;

    /// <summary>How many blocks a run of this length is cut into.</summary>
    public static int Blocks(int length) => (length + Block - 1) / Block;

    /// <summary>Of every block its sum and its sum of squared distances from its own mean.</summary>
    /// <param name="x">(runs, length).</param>
    /// <param name="sums">(runs, blocks).</param>
    /// <param name="squares">(runs, blocks).</param>
    /// <param name="runs">Size of the first axis.</param>
    /// <param name="length">Size of the last axis.</param>
    public static void Sums(ReadOnlySpan<float> x, Span<double> sums, Span<double> squares, int runs, int length)
    {
        fixed (float* px = x)
        fixed (double* ps = sums, pq = squares)
        {
            if (Simd.Bits == 512) Sums<V512>(px, ps, pq, runs, length);
            else if (Simd.Bits == 256) Sums<V256>(px, ps, pq, runs, length);
            else Sums<V128>(px, ps, pq, runs, length);
        }
    }

    /// <summary><c>y = (x - mean) · scale + shift</c> with figures for each run, or for each of the channels that runs belong to in turn.</summary>
    public static void Normalize(ReadOnlySpan<float> x, ReadOnlySpan<float> means, ReadOnlySpan<float> scales, ReadOnlySpan<float> shifts,
        Span<float> y, int runs, int length)
    {
        fixed (float* px = x, pm = means, ps = scales, pb = shifts, py = y)
        {
            if (Simd.Bits == 512) Combine<V512>(null, px, pm, null, ps, pb, py, runs, means.Length, length);
            else if (Simd.Bits == 256) Combine<V256>(null, px, pm, null, ps, pb, py, runs, means.Length, length);
            else Combine<V128>(null, px, pm, null, ps, pb, py, runs, means.Length, length);
        }
    }

    /// <summary>Of every block <c>Σ dy</c> and <c>Σ dy (x - mean)</c>.</summary>
    /// <param name="dy">(runs, length).</param>
    /// <param name="x">(runs, length).</param>
    /// <param name="means">One for each run, or for each channel.</param>
    /// <param name="sums">(runs, blocks).</param>
    /// <param name="products">(runs, blocks).</param>
    /// <param name="runs">Size of the first axis.</param>
    /// <param name="length">Size of the last axis.</param>
    public static void GradientSums(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means,
        Span<double> sums, Span<double> products, int runs, int length)
    {
        fixed (float* pdy = dy, px = x, pm = means)
        fixed (double* ps = sums, pp = products)
        {
            if (Simd.Bits == 512) GradientSums<V512>(pdy, px, pm, ps, pp, runs, means.Length, length);
            else if (Simd.Bits == 256) GradientSums<V256>(pdy, px, pm, ps, pp, runs, means.Length, length);
            else GradientSums<V128>(pdy, px, pm, ps, pp, runs, means.Length, length);
        }
    }

    /// <summary><c>dx = a · dy + b · (x - mean) + c</c> with figures for each run, or for each channel.</summary>
    public static void Combine(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means,
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> dx, int runs, int length)
    {
        fixed (float* pdy = dy, px = x, pm = means, pa = a, pb = b, pc = c, pdx = dx)
        {
            if (Simd.Bits == 512) Combine<V512>(pdy, px, pm, pa, pb, pc, pdx, runs, means.Length, length);
            else if (Simd.Bits == 256) Combine<V256>(pdy, px, pm, pa, pb, pc, pdx, runs, means.Length, length);
            else Combine<V128>(pdy, px, pm, pa, pb, pc, pdx, runs, means.Length, length);
        }
    }

    private static void Sums<V>(float* x, double* sums, double* squares, int runs, int length) where V : struct, ISimd<V> =>
        ForBlocks(runs, length, (run, block, at, count) =>
        {
            int unit = run * Blocks(length) + block;
            (sums[unit], squares[unit]) = BlockSums.Distances<V>(x + at, count);
        });

    private static void GradientSums<V>(float* dy, float* x, float* means, double* sums, double* products, int runs, int channels, int length)
        where V : struct, ISimd<V> => ForBlocks(runs, length, (run, block, at, count) =>
        {
            int unit = run * Blocks(length) + block;
            (sums[unit], products[unit]) = BlockSums.Products<V>(dy + at, null, x + at, means[run % channels], count);
        });

    private static void Combine<V>(float* dy, float* x, float* means, float* a, float* b, float* c, float* y, int runs, int channels, int length)
        where V : struct, ISimd<V> => ForBlocks(runs, length, (run, _, at, count) =>
        {
            int i = run % channels;
            V mean = V.All(means[i]), scale = V.All(b[i]), shift = V.All(c[i]);
            if (dy is null) Normalize(x + at, mean, scale, shift, y + at, count);
            else Combine(dy + at, x + at, mean, V.All(a[i]), scale, shift, y + at, count);
        });

    private static void Normalize<V>(float* x, V mean, V scale, V shift, float* y, int count) where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) V.Store(V.Fma(V.Load(ref x[i]) - mean, scale, shift), ref y[i]);
        if (i < count) Store(V.Fma(Load<V>(x + i, count - i) - mean, scale, shift), y + i, count - i);
    }

    private static void Combine<V>(float* dy, float* x, V mean, V a, V b, V c, float* dx, int count) where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count)
            V.Store(V.Fma(V.Load(ref dy[i]), a, V.Fma(V.Load(ref x[i]) - mean, b, c)), ref dx[i]);
        if (i < count)
            Store(V.Fma(Load<V>(dy + i, count - i), a, V.Fma(Load<V>(x + i, count - i) - mean, b, c)), dx + i, count - i);
    }

    private delegate void BlockBody(int run, int block, long at, int count);

    private static void ForBlocks(int runs, int length, BlockBody body)
    {
        int blocks = Blocks(length);
        Threads.RunChunks(runs * blocks, Math.Max(1, Grain / Math.Min(length, Block)), (from, to) =>
        {
            (int run, int block) = Math.DivRem(from, blocks);
            for (int unit = from; unit < to; unit++)
            {
                body(run, block, (long)run * length + block * Block, Math.Min(Block, length - block * Block));
                if (++block < blocks) continue;
                block = 0;
                run++;
            }
        });
    }
}
