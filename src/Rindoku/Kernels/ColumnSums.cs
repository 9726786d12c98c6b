using System.Buffers;
using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Sums of columns: from (outer, rows, columns) to (outer, columns).</summary>
/// <remarks>Aliasing: none. Deterministic: cut by strips of columns and, where those are few, by chunks of rows of fixed size.</remarks>
internal static unsafe class ColumnSums
{
    private const int Strip = 1024;  // columns whose sums stay in the first-level cache while the rows go by
    private const int Narrow = 32;   // below this a row is too short to be worth a loop of its own
    private const int Grain = 65536;
    private const int LeastStrip = 64, PartWork = 8192; // columns and numbers of a part of a single strip

    public static void Run(float* x, float* y, int outer, int rows, int columns)
    {
        int chunk = Math.Max(64, Grain / Math.Min(columns, Strip));
        int strips = (columns + Strip - 1) / Strip;
        if (outer * strips >= 8 || rows <= 2 * chunk)
        {
            Strips(x, y, outer, rows, columns, strips);
            return;
        }
        int chunks = (rows + chunk - 1) / chunk;
        float[] rented = ArrayPool<float>.Shared.Rent(outer * chunks * columns);
        fixed (float* parts = rented)
        {
            Chunks(x, parts, outer, rows, columns, chunk, chunks);
            Strips(parts, y, outer, chunks, columns, strips);
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private static void Strips(float* x, float* y, int outer, int rows, int columns, int strips)
    {
        int width = Strip;
        if (outer * strips == 1 && columns > 2 * LeastStrip) // parts of the one strip: each column is summed as before
        {
            int parts = Math.Clamp(rows * columns / PartWork, 1, columns / LeastStrip);
            width = ((columns + parts - 1) / parts + 15) / 16 * 16;
            strips = (columns + width - 1) / width;
        }
        Threads.RunChunks(outer * strips, width < Strip ? 1 : Math.Max(1, Grain / Math.Max(1, rows * Math.Min(columns, Strip))), (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                (int o, int s) = Math.DivRem(i, strips);
                Sum(x + (long)o * rows * columns + s * width, columns, rows, y + (long)o * columns + s * width, Math.Min(width, columns - s * width));
            }
        });
    }

    private static void Chunks(float* x, float* parts, int outer, int rows, int columns, int chunk, int chunks) =>
        Threads.Run(outer * chunks, i =>
        {
            (int o, int c) = Math.DivRem(i, chunks);
            Sum(x + ((long)o * rows + c * chunk) * columns, columns, Math.Min(chunk, rows - c * chunk), parts + (long)i * columns, columns);
        });

    private static void Sum(float* x, int stride, int rows, float* y, int width)
    {
        if (Simd.Bits == 512) Sum<V512>(x, stride, rows, y, width);
        else if (Simd.Bits == 256) Sum<V256>(x, stride, rows, y, width);
        else Sum<V128>(x, stride, rows, y, width);
    }

    private static void Sum<V>(float* x, int stride, int rows, float* y, int width) where V : struct, ISimd<V>
    {
        if (width < Narrow && stride == width && rows >= V.Count)
        {
            NarrowSum<V>(x, rows, y, width);
            return;
        }
        new Span<float>(y, width).Clear();
        int row = 0;
        for (; row <= rows - 4; row += 4, x += 4L * stride) AddRows<V>(x, x + stride, x + 2L * stride, x + 3L * stride, y, width);
        for (; row < rows; row++, x += stride) AddRow<V>(x, y, width);
    }

    private static void AddRow<V>(float* x, float* y, int width) where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= width - V.Count; i += V.Count) V.Store(V.Load(ref y[i]) + V.Load(ref x[i]), ref y[i]);
        for (; i < width; i++) y[i] += x[i];
    }

    // Four rows at a time: the sums are loaded and stored a quarter as often.
    private static void AddRows<V>(float* a, float* b, float* c, float* d, float* y, int width) where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= width - V.Count; i += V.Count)
            V.Store(V.Load(ref y[i]) + (V.Load(ref a[i]) + V.Load(ref b[i]) + (V.Load(ref c[i]) + V.Load(ref d[i]))), ref y[i]);
        for (; i < width; i++) y[i] += a[i] + b[i] + (c[i] + d[i]);
    }

    // V.Count rows of w columns are w whole vectors: these are summed, and in the end their places that share a column.
    [SkipLocalsInit]
    private static void NarrowSum<V>(float* x, int rows, float* y, int width) where V : struct, ISimd<V>
    {
        int period = width * V.Count;
        float* sums = stackalloc float[Narrow * 16];
        new Span<float>(sums, period).Clear();
        int row = 0;
        for (; row <= rows - V.Count; row += V.Count, x += period)
            for (int i = 0; i < period; i += V.Count) V.Store(V.Load(ref sums[i]) + V.Load(ref x[i]), ref sums[i]);
        for (int i = 0; i < (rows - row) * width; i++) sums[i] += x[i];
        for (int c = 0; c < width; c++)
        {
            float sum = 0;
            for (int i = c; i < period; i += width) sum += sums[i];
            y[c] = sum;
        }
    }
}
