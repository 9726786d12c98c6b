using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>The loops of batch normalisation of (rows, columns), where every column is a channel.</summary>
/// <remarks>
/// Aliasing: none. Deterministic: rows are cut into chunks of fixed size, and the caller adds up the figures of chunks in order.
/// </remarks>
internal static unsafe class ColumnKernel
{
    /// <summary>Rows in a chunk: one vector of columns of them stays in the first-level cache for the second look.</summary>
    public const int Chunk = 256;

    private const int Grain = 16384;

    /// <summary>How many chunks so many rows are cut into.</summary>
    public static int Chunks(int rows) => (rows + Chunk - 1) / Chunk;

    /// <summary>Of every chunk and column the sum, and the squared distances from their own mean.</summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="sums">(chunks, columns).</param>
    /// <param name="squares">(chunks, columns).</param>
    public static void Sums(ReadOnlySpan<float> x, Span<double> sums, Span<double> squares, int rows, int columns)
    {
        fixed (float* px = x)
        fixed (double* ps = sums, pq = squares)
        {
            if (Simd.Bits == 512) Sums<V512>(px, ps, pq, rows, columns);
            else if (Simd.Bits == 256) Sums<V256>(px, ps, pq, rows, columns);
            else Sums<V128>(px, ps, pq, rows, columns);
        }
    }

    /// <summary>Of every chunk and column <c>Σ dy</c> and <c>Σ dy (x - mean)</c>.</summary>
    public static void GradientSums(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means,
        Span<double> sums, Span<double> products, int rows, int columns)
    {
        fixed (float* pdy = dy, px = x, pm = means)
        fixed (double* ps = sums, pp = products)
        {
            if (Simd.Bits == 512) GradientSums<V512>(pdy, px, pm, ps, pp, rows, columns);
            else if (Simd.Bits == 256) GradientSums<V256>(pdy, px, pm, ps, pp, rows, columns);
            else GradientSums<V128>(pdy, px, pm, ps, pp, rows, columns);
        }
    }

    /// <summary><c>y = a · dy + b · (x - mean) + c</c> with figures for each column; an empty dy leaves its term out.</summary>
    public static void Combine(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means,
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> y, int rows, int columns)
    {
        fixed (float* pdy = dy, px = x, pm = means, pa = a, pb = b, pc = c, py = y)
        {
            if (Simd.Bits == 512) Combine<V512>(pdy, px, pm, pa, pb, pc, py, rows, columns);
            else if (Simd.Bits == 256) Combine<V256>(pdy, px, pm, pa, pb, pc, py, rows, columns);
            else Combine<V128>(pdy, px, pm, pa, pb, pc, py, rows, columns);
        }
    }

    private static void Sums<V>(float* x, double* sums, double* squares, int rows, int columns) where V : struct, ISimd<V> =>
        ForStrips<V>(rows, columns, (chunk, column, count) =>
        {
            int first = chunk * Chunk, last = Math.Min(rows, first + Chunk);
            V sum = V.Zero, rest = V.Zero, square = V.Zero;
            for (int row = first; row < last; row++) sum += Load<V>(x + (long)row * columns + column, count);
            V mean = sum / V.All(last - first);
            for (int row = first; row < last; row++)
            {
                V d = Load<V>(x + (long)row * columns + column, count) - mean;
                rest += d;
                square = V.Fma(d, d, square);
            }
            float* lanes = stackalloc float[48];
            V.Store(mean, ref lanes[0]);
            V.Store(rest, ref lanes[16]);
            V.Store(square, ref lanes[32]);
            for (int i = 0; i < count; i++)
            {
                double r = lanes[16 + i];
                sums[chunk * columns + column + i] = (double)lanes[i] * (last - first) + r;
                squares[chunk * columns + column + i] = Math.Max(0, lanes[32 + i] - r * r / (last - first));
            }
        });

    private static void GradientSums<V>(float* dy, float* x, float* means, double* sums, double* products, int rows, int columns)
        where V : struct, ISimd<V> => ForStrips<V>(rows, columns, (chunk, column, count) =>
        {
            V mean = Load<V>(means + column, count), sum = V.Zero, product = V.Zero;
            for (int row = chunk * Chunk; row < Math.Min(rows, (chunk + 1) * Chunk); row++)
            {
                V d = Load<V>(dy + (long)row * columns + column, count);
                sum += d;
                product = V.Fma(d, Load<V>(x + (long)row * columns + column, count) - mean, product);
            }
            float* lanes = stackalloc float[32];
            V.Store(sum, ref lanes[0]);
            V.Store(product, ref lanes[16]);
            for (int i = 0; i < count; i++)
            {
                sums[chunk * columns + column + i] = lanes[i];
                products[chunk * columns + column + i] = lanes[16 + i];
            }
        });

    private static void Combine<V>(float* dy, float* x, float* means, float* a, float* b, float* c, float* y, int rows, int columns)
        where V : struct, ISimd<V> => Threads.RunChunks(rows, Math.Max(1, Grain / columns), (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                long at = (long)row * columns;
                for (int j = 0; j < columns; j += V.Count)
                {
                    int count = Math.Min(V.Count, columns - j);
                    V distance = Load<V>(x + at + j, count) - Load<V>(means + j, count);
                    V value = V.Fma(distance, Load<V>(b + j, count), Load<V>(c + j, count));
                    if (dy is not null) value = V.Fma(Load<V>(dy + at + j, count), Load<V>(a + j, count), value);
                    Store(value, y + at + j, count);
                }
            }
        });

    private static void ForStrips<V>(int rows, int columns, Action<int, int, int> body) where V : struct, ISimd<V>
    {
        int strips = (columns + V.Count - 1) / V.Count, rowsEach = Math.Min(rows, Chunk);
        Threads.RunChunks(Chunks(rows) * strips, Math.Max(1, Grain / (rowsEach * V.Count)), (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                (int chunk, int strip) = Math.DivRem(i, strips);
                body(chunk, strip * V.Count, Math.Min(V.Count, columns - strip * V.Count));
            }
        });
    }
}
