using System.Runtime.CompilerServices;
using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>Layer and RMS normalisation of (rows, size): each row by its own figures, with a scale and a shift for each place.</summary>
/// <remarks>Aliasing: none. Deterministic: rows are independent, and gradients of scale and shift are added up over fixed chunks of rows.</remarks>
internal static unsafe class RowKernel
{
    private const int Grain = 16384;
    private const int RowWork = 32; // the cost of a row in numbers

    // Chunks of rows whose gradients of scale and shift are added up apart: as many as there may be threads, and few enough
    // that adding up the chunks costs little.
    private const int MostChunks = 16;

    /// <summary><c>y = (x - mean) · rate · weight + bias</c>; for RMS normalisation the mean is taken to be 0.</summary>
    /// <param name="x">(rows, size).</param>
    /// <param name="weight">(size), or empty for 1.</param>
    /// <param name="bias">(size), or empty for 0.</param>
    /// <param name="y">(rows, size).</param>
    /// <param name="means">(rows): written, the mean of each row.</param>
    /// <param name="rates">(rows): written, one over the square root of variance plus epsilon.</param>
    /// <param name="size">Numbers in a row.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="centre">Whether the mean is subtracted.</param>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Span<float> y,
        Span<float> means, Span<float> rates, int size, float epsilon, bool centre)
    {
        fixed (float* px = x, pw = weight, pb = bias, py = y, pm = means, pr = rates)
        {
            if (Simd.Bits == 512) Forward<V512>(px, pw, pb, py, pm, pr, means.Length, size, epsilon, centre);
            else if (Simd.Bits == 256) Forward<V256>(px, pw, pb, py, pm, pr, means.Length, size, epsilon, centre);
            else Forward<V128>(px, pw, pb, py, pm, pr, means.Length, size, epsilon, centre);
        }
    }

    /// <summary>
    /// <c>dx = rate · (g - mean(g) - x̂ · mean(g · x̂))</c> with <c>g = dy · weight</c>, without the middle term if not centred;
    /// and the gradients of scale and shift, <c>Σ dy · x̂</c> and <c>Σ dy</c> over the rows.
    /// </summary>
    /// <param name="dy">(rows, size).</param>
    /// <param name="x">(rows, size).</param>
    /// <param name="weight">(size), or empty for 1.</param>
    /// <param name="means">(rows), as the forward pass wrote them.</param>
    /// <param name="rates">(rows), as the forward pass wrote them.</param>
    /// <param name="dx">(rows, size), written; or empty.</param>
    /// <param name="dweight">(size), written; or empty, as dbias then is too.</param>
    /// <param name="dbias">(size), written; or empty.</param>
    /// <param name="size">Numbers in a row.</param>
    /// <param name="centre">Whether the mean was subtracted.</param>
    public static void Backward(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> means,
        ReadOnlySpan<float> rates, Span<float> dx, Span<float> dweight, Span<float> dbias, int size, bool centre)
    {
        int rows = means.Length, chunk = Math.Max(Math.Max(1, Grain / size), (rows + MostChunks - 1) / MostChunks);
        int chunks = (rows + chunk - 1) / chunk;
        int partials = dweight.Length == 0 ? 0 : 2 * chunks * size;
        using Workspace room = new(partials);
        Span<float> partial = new(room.Start, partials);
        partial.Clear();
        float* pp = partials == 0 ? null : room.Start;
        fixed (float* pdy = dy, px = x, pw = weight, pm = means, pr = rates, pdx = dx)
        {
            if (Simd.Bits == 512) Backward<V512>(pdy, px, pw, pm, pr, pdx, pp, rows, chunk, size, centre);
            else if (Simd.Bits == 256) Backward<V256>(pdy, px, pw, pm, pr, pdx, pp, rows, chunk, size, centre);
            else Backward<V128>(pdy, px, pw, pm, pr, pdx, pp, rows, chunk, size, centre);
        }
        if (dweight.Length == 0) return;
        dweight.Clear();
        dbias.Clear();
        for (int i = 0; i < chunks; i++)
        {
            VectorMath.Add(dweight, partial.Slice(2 * i * size, size), dweight);
            VectorMath.Add(dbias, partial.Slice((2 * i + 1) * size, size), dbias);
        }
    }

    private static void Forward<V>(float* x, float* weight, float* bias, float* y, float* means, float* rates, int rows, int size,
        float epsilon, bool centre) where V : struct, ISimd<V> => Threads.RunChunks(rows, Grains.Rows(rows, size + RowWork, Grain), (from, to) =>
        {
            int step = size <= ShortRows.Longest ? V.Count : 1;
            for (int row = from; row < to; row += step)
            {
                long at = (long)row * size;
                if (step == 1) ForwardRow<V>(x + at, weight, bias, y + at, means + row, rates + row, size, epsilon, centre);
                else ForwardShort<V>(x + at, weight, bias, y + at, means + row, rates + row, Math.Min(step, to - row), size, epsilon, centre);
            }
        });

    private static void ForwardRow<V>(float* x, float* weight, float* bias, float* y, float* mean, float* rate, int size,
        float epsilon, bool centre) where V : struct, ISimd<V>
    {
        BlockMoments moments = BlockSums.Measure<V>(x, size);
        double square = centre ? moments.Variance : moments.Variance + moments.Mean * moments.Mean;
        *mean = centre ? (float)moments.Mean : 0;
        *rate = (float)(1 / Math.Sqrt(square + epsilon));
        WriteRow<V>(x, weight, bias, y, *mean, *rate, size);
    }

    // A vector of rows, each in a place of its own. The second look at the distances corrects the mean, as in BlockSums.
    [SkipLocalsInit]
    private static void ForwardShort<V>(float* x, float* weight, float* bias, float* y, float* means, float* rates, int rows, int size,
        float epsilon, bool centre) where V : struct, ISimd<V>
    {
        float* turned = stackalloc float[ShortRows.Room];
        ShortRows.Turn(x, size, rows, turned, V.Count);
        int end = size * V.Count;
        V part = V.All(1f / size), sum = V.Zero, rest = V.Zero, square = V.Zero;
        for (int i = 0; centre && i < end; i += V.Count) sum += V.Load(ref turned[i]);
        V mean = sum * part;
        for (int i = 0; i < end; i += V.Count)
        {
            V d = V.Load(ref turned[i]) - mean;
            rest += d;
            square = V.Fma(d, d, square);
        }
        if (centre)
        {
            rest *= part;
            mean += rest;
            square = V.Max(V.Zero, square * part - rest * rest);
        }
        else
        {
            square *= part;
        }
        V rate = V.All(1) / V.Sqrt(square + V.All(epsilon));
        Store(mean, means, rows);
        Store(rate, rates, rows);
        for (int i = 0; i < size; i++)
        {
            V v = (V.Load(ref turned[i * V.Count]) - mean) * rate;
            if (weight is not null) v *= V.All(weight[i]);
            if (bias is not null) v += V.All(bias[i]);
            V.Store(v, ref turned[i * V.Count]);
        }
        ShortRows.TurnBack(turned, V.Count, y, size, rows);
    }

    private static void WriteRow<V>(float* x, float* weight, float* bias, float* y, float mean, float rate, int size) where V : struct, ISimd<V>
    {
        V m = V.All(mean), r = V.All(rate);
        for (int i = 0; i < size; i += V.Count)
        {
            int count = size - i;
            V v = (Load<V>(x + i, count) - m) * r;
            if (weight is not null) v *= Load<V>(weight + i, count);
            if (bias is not null) v += Load<V>(bias + i, count);
            Store(v, y + i, count);
        }
    }

    // While a row is in the first-level cache it gives both its part of the gradients of scale and shift, and its own gradient.
    private static void Backward<V>(float* dy, float* x, float* weight, float* means, float* rates, float* dx, float* partial,
        int rows, int chunk, int size, bool centre) where V : struct, ISimd<V> => Threads.RunChunks(rows, chunk, (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                long at = (long)row * size;
                if (partial is not null) AddRow<V>(dy + at, x + at, partial + (long)from / chunk * 2 * size, means[row], rates[row], size);
                if (dx is not null) BackwardRow<V>(dy + at, x + at, weight, dx + at, means[row], rates[row], size, centre);
            }
        });

    private static void BackwardRow<V>(float* dy, float* x, float* weight, float* dx, float mean, float rate, int size, bool centre)
        where V : struct, ISimd<V>
    {
        (double sum, double product) = BlockSums.Products<V>(dy, weight, x, mean, size);
        V m = V.All(mean), a = V.All(rate), b = V.All((float)(-product / size * rate * rate * rate)), c = V.All(centre ? (float)(-sum / size * rate) : 0);
        for (int i = 0; i < size; i += V.Count)
        {
            int count = size - i;
            V g = Load<V>(dy + i, count);
            if (weight is not null) g *= Load<V>(weight + i, count);
            Store(V.Fma(g, a, V.Fma(Load<V>(x + i, count) - m, b, c)), dx + i, count);
        }
    }

    private static void AddRow<V>(float* dy, float* x, float* sums, float mean, float rate, int size) where V : struct, ISimd<V>
    {
        V m = V.All(mean), r = V.All(rate);
        for (int i = 0; i < size; i += V.Count)
        {
            int count = size - i;
            V d = Load<V>(dy + i, count), normal = (Load<V>(x + i, count) - m) * r;
            Store(V.Fma(d, normal, Load<V>(sums + i, count)), sums + i, count);
            Store(d + Load<V>(sums + size + i, count), sums + size + i, count);
        }
    }
}
