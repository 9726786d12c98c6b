using System.Runtime.CompilerServices;

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
    /// <summary>Numbers in a block: 16 KiB stay in the first-level cache for the second look that the squares need.</summary>
    public const int Block = 4096;

    private const int Grain = 16384;

    /// <summary>How many blocks a run of this length is cut into.</summary>
    public static int Blocks(int length) => (length + Block - 1) / Block;

    /// <summary>Of every block its sum and its sum of squared distances from its own mean.</summary>
    /// <param name="x">(runs, length).</param>
    /// <param name="sums">(runs, blocks).</param>
    /// <param name="squares">(runs, blocks).</param>
    public static void Sums(ReadOnlySpan<float> x, Span<double> sums, Span<double> squares, int runs, int length)
    {
        fixed (float* px = x)
        fixed (double* ps = sums, pq = squares)
        {
            float* source = px;
            double* s = ps, q = pq;
            ForBlocks(runs, length, (unit, _, at, count) => (s[unit], q[unit]) = BlockSums(source + at, count));
        }
    }

    /// <summary>The mean and the squared distances of one run, however long.</summary>
    public static BlockMoments Measure(float* x, int length)
    {
        BlockMoments moments = default;
        for (int at = 0; at < length; at += Block)
        {
            int count = Math.Min(Block, length - at);
            (double sum, double squares) = BlockSums(x + at, count);
            moments.Add(count, sum, squares);
        }
        return moments;
    }

    /// <summary><c>y = (x - mean) · scale + shift</c> with figures for each run, or for each of the channels that runs belong to in turn.</summary>
    public static void Normalize(ReadOnlySpan<float> x, ReadOnlySpan<float> means, ReadOnlySpan<float> scales, ReadOnlySpan<float> shifts,
        Span<float> y, int runs, int length)
    {
        int channels = means.Length;
        fixed (float* px = x, pm = means, ps = scales, pb = shifts, py = y)
        {
            float* source = px, m = pm, s = ps, b = pb, target = py;
            ForRuns(runs, length, run =>
            {
                int c = run % channels;
                Elementwise.Map(new NormalizeKernel(m[c], s[c], b[c]), new ReadOnlySpan<float>(source + (long)run * length, length),
                    new Span<float>(target + (long)run * length, length));
            });
        }
    }

    /// <summary>Of every block <c>Σ dy</c> and <c>Σ dy (x - mean)</c>.</summary>
    /// <param name="dy">(runs, length).</param>
    /// <param name="x">(runs, length).</param>
    /// <param name="means">One for each run, or for each channel.</param>
    /// <param name="sums">(runs, blocks).</param>
    /// <param name="products">(runs, blocks).</param>
    public static void GradientSums(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means,
        Span<double> sums, Span<double> products, int runs, int length)
    {
        int channels = means.Length;
        fixed (float* pdy = dy, px = x, pm = means)
        fixed (double* ps = sums, pp = products)
        {
            float* d = pdy, source = px, m = pm;
            double* s = ps, p = pp;
            ForBlocks(runs, length, (unit, run, at, count) => (s[unit], p[unit]) = Products(d + at, source + at, m[run % channels], count));
        }
    }

    /// <summary><c>dx = a · dy + b · (x - mean) + c</c> with figures for each run, or for each channel.</summary>
    public static void Combine(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means,
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> dx, int runs, int length)
    {
        int channels = means.Length;
        fixed (float* pdy = dy, px = x, pm = means, pa = a, pb = b, pc = c, pdx = dx)
        {
            float* d = pdy, source = px, m = pm, fa = pa, fb = pb, fc = pc, target = pdx;
            ForRuns(runs, length, run =>
            {
                int i = run % channels;
                Elementwise.Map2(new CombineKernel(m[i], fa[i], fb[i], fc[i]), new ReadOnlySpan<float>(d + (long)run * length, length),
                    new ReadOnlySpan<float>(source + (long)run * length, length), new Span<float>(target + (long)run * length, length));
            });
        }
    }

    private delegate void BlockBody(int unit, int run, long at, int count);

    private static void ForBlocks(int runs, int length, BlockBody body)
    {
        int blocks = Blocks(length);
        Threads.RunChunks(runs * blocks, Math.Max(1, Grain / Math.Min(length, Block)), (from, to) =>
        {
            for (int unit = from; unit < to; unit++)
            {
                (int run, int block) = Math.DivRem(unit, blocks);
                body(unit, run, (long)run * length + block * Block, Math.Min(Block, length - block * Block));
            }
        });
    }

    private static void ForRuns(int runs, int length, Action<int> body)
    {
        if (length > Grain)
        {
            for (int run = 0; run < runs; run++) body(run); // long runs are cut up by the elementwise loop itself
            return;
        }
        Threads.RunChunks(runs, Math.Max(1, Grain / length), (from, to) =>
        {
            for (int run = from; run < to; run++) body(run);
        });
    }

    private static float Sum(float* x, int count) =>
        Simd.Bits == 512 ? Sum<V512>(x, count) : Simd.Bits == 256 ? Sum<V256>(x, count) : Sum<V128>(x, count);

    private static float Sum<V>(float* x, int count) where V : struct, ISimd<V>
    {
        V a = V.Zero, b = V.Zero;
        int i = 0;
        for (; i <= count - 2 * V.Count; i += 2 * V.Count)
        {
            a += V.Load(ref x[i]);
            b += V.Load(ref x[i + V.Count]);
        }
        for (; i < count; i += V.Count) a += i + V.Count <= count ? V.Load(ref x[i]) : Simd.LoadPart<V>(ref x[i], count - i);
        return V.Sum(a + b);
    }

    // The block's mean is first found in float; the distances from it, small numbers, then correct the sum and give the squares,
    // so that neither loses digits where the mean is large.
    private static (double Sum, double Squares) BlockSums(float* x, int count)
    {
        float mean = Sum(x, count) / count;
        (float rest, float squares) = Simd.Bits == 512 ? Distances<V512>(x, count, mean)
            : Simd.Bits == 256 ? Distances<V256>(x, count, mean) : Distances<V128>(x, count, mean);
        return ((double)mean * count + rest, Math.Max(0, squares - (double)rest * rest / count));
    }

    private static (float Sum, float Squares) Distances<V>(float* x, int count, float mean) where V : struct, ISimd<V>
    {
        V m = V.All(mean), s = V.Zero, t = V.Zero, a = V.Zero, b = V.Zero;
        int i = 0;
        for (; i <= count - 2 * V.Count; i += 2 * V.Count)
        {
            V u = V.Load(ref x[i]) - m, v = V.Load(ref x[i + V.Count]) - m;
            s += u;
            t += v;
            a = V.Fma(u, u, a);
            b = V.Fma(v, v, b);
        }
        for (; i < count; i += V.Count)
        {
            V u = (i + V.Count <= count ? V.Load(ref x[i]) : Simd.LoadPart<V>(ref x[i], count - i, mean)) - m;
            s += u;
            a = V.Fma(u, u, a);
        }
        return (V.Sum(s + t), V.Sum(a + b));
    }

    private static (double Sum, double Product) Products(float* dy, float* x, float mean, int count) =>
        Simd.Bits == 512 ? Products<V512>(dy, x, mean, count)
        : Simd.Bits == 256 ? Products<V256>(dy, x, mean, count) : Products<V128>(dy, x, mean, count);

    private static (double Sum, double Product) Products<V>(float* dy, float* x, float mean, int count) where V : struct, ISimd<V>
    {
        V m = V.All(mean), s = V.Zero, t = V.Zero, p = V.Zero, q = V.Zero;
        int i = 0;
        for (; i <= count - 2 * V.Count; i += 2 * V.Count)
        {
            V d = V.Load(ref dy[i]), e = V.Load(ref dy[i + V.Count]);
            s += d;
            t += e;
            p = V.Fma(d, V.Load(ref x[i]) - m, p);
            q = V.Fma(e, V.Load(ref x[i + V.Count]) - m, q);
        }
        for (; i < count; i += V.Count)
        {
            bool whole = i + V.Count <= count;
            V d = whole ? V.Load(ref dy[i]) : Simd.LoadPart<V>(ref dy[i], count - i);
            V v = whole ? V.Load(ref x[i]) : Simd.LoadPart<V>(ref x[i], count - i, mean);
            s += d;
            p = V.Fma(d, v - m, p);
        }
        return (V.Sum(s + t), V.Sum(p + q));
    }

    private readonly struct NormalizeKernel(float mean, float scale, float shift) : IUnaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V x) where V : struct, ISimd<V> => V.Fma(x - V.All(mean), V.All(scale), V.All(shift));
    }

    private readonly struct CombineKernel(float mean, float a, float b, float c) : IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V dy, V x) where V : struct, ISimd<V> => V.Fma(dy, V.All(a), V.Fma(x - V.All(mean), V.All(b), V.All(c)));
    }
}
