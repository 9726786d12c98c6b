using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>Layer and RMS normalisation of (rows, size): each row by its own figures, with a scale and a shift for each place.</summary>
/// <remarks>Aliasing: none. Deterministic: rows are independent, and gradients of scale and shift are added up over fixed chunks of rows.</remarks>
internal static unsafe class RowKernel
{
    private const int Grain = 16384;

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
            float* source = px, w = pw, b = pb, target = py, m = pm, r = pr;
            Threads.RunChunks(means.Length, Math.Max(1, Grain / size), (from, to) =>
            {
                for (int row = from; row < to; row++)
                {
                    float* line = source + (long)row * size;
                    BlockMoments moments = RunKernel.Measure(line, size);
                    double square = centre ? moments.Variance : moments.Variance + moments.Mean * moments.Mean;
                    m[row] = centre ? (float)moments.Mean : 0;
                    r[row] = (float)(1 / Math.Sqrt(square + epsilon));
                    WriteRow(line, w, b, target + (long)row * size, m[row], r[row], size);
                }
            });
        }
    }

    /// <summary>
    /// <c>dx = rate · (g - mean(g) - x̂ · mean(g · x̂))</c> with <c>g = dy · weight</c>; without the middle term if not centred.
    /// </summary>
    /// <param name="dy">(rows, size).</param>
    /// <param name="x">(rows, size).</param>
    /// <param name="weight">(size), or empty for 1.</param>
    /// <param name="means">(rows), as the forward pass wrote them.</param>
    /// <param name="rates">(rows), as the forward pass wrote them.</param>
    /// <param name="dx">(rows, size), written; or empty.</param>
    /// <param name="size">Numbers in a row.</param>
    /// <param name="centre">Whether the mean was subtracted.</param>
    public static void Backward(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> means,
        ReadOnlySpan<float> rates, Span<float> dx, int size, bool centre)
    {
        fixed (float* pdy = dy, px = x, pw = weight, pm = means, pr = rates, pdx = dx)
        {
            float* d = pdy, source = px, w = pw, m = pm, r = pr, target = pdx;
            Threads.RunChunks(means.Length, Math.Max(1, Grain / size), (from, to) =>
            {
                for (int row = from; row < to; row++)
                {
                    long at = (long)row * size;
                    BackwardRow(d + at, source + at, w, target + at, m[row], r[row], size, centre);
                }
            });
        }
    }

    /// <summary>Gradients of scale and shift: <c>Σ dy · x̂</c> and <c>Σ dy</c> over the rows.</summary>
    public static void AffineGradients(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means, ReadOnlySpan<float> rates,
        Span<float> dweight, Span<float> dbias, int size)
    {
        int rows = means.Length, chunk = Math.Max(Math.Max(1, Grain / size), (rows + MostChunks - 1) / MostChunks);
        int chunks = (rows + chunk - 1) / chunk;
        float[] partial = new float[2 * chunks * size];
        fixed (float* pdy = dy, px = x, pm = means, pr = rates, pp = partial)
        {
            float* d = pdy, source = px, m = pm, r = pr, p = pp;
            Threads.RunChunks(rows, chunk, (from, to) =>
            {
                float* sums = p + (long)from / chunk * 2 * size;
                for (int row = from; row < to; row++) AddRow(d + (long)row * size, source + (long)row * size, sums, m[row], r[row], size);
            });
        }
        dweight.Clear();
        dbias.Clear();
        for (int i = 0; i < chunks; i++)
        {
            VectorMath.Add(dweight, partial.AsSpan(2 * i * size, size), dweight);
            VectorMath.Add(dbias, partial.AsSpan((2 * i + 1) * size, size), dbias);
        }
    }

    private static void WriteRow(float* x, float* weight, float* bias, float* y, float mean, float rate, int size)
    {
        if (Simd.Bits == 512) WriteRow<V512>(x, weight, bias, y, mean, rate, size);
        else if (Simd.Bits == 256) WriteRow<V256>(x, weight, bias, y, mean, rate, size);
        else WriteRow<V128>(x, weight, bias, y, mean, rate, size);
    }

    private static void WriteRow<V>(float* x, float* weight, float* bias, float* y, float mean, float rate, int size) where V : struct, ISimd<V>
    {
        V m = V.All(mean), r = V.All(rate);
        for (int i = 0; i < size; i += V.Count)
        {
            int count = Math.Min(V.Count, size - i);
            V v = (Load<V>(x + i, count) - m) * r;
            if (weight is not null) v *= Load<V>(weight + i, count);
            if (bias is not null) v += Load<V>(bias + i, count);
            Store(v, y + i, count);
        }
    }

    private static void BackwardRow(float* dy, float* x, float* weight, float* dx, float mean, float rate, int size, bool centre)
    {
        if (Simd.Bits == 512) BackwardRow<V512>(dy, x, weight, dx, mean, rate, size, centre);
        else if (Simd.Bits == 256) BackwardRow<V256>(dy, x, weight, dx, mean, rate, size, centre);
        else BackwardRow<V128>(dy, x, weight, dx, mean, rate, size, centre);
    }

    private static void BackwardRow<V>(float* dy, float* x, float* weight, float* dx, float mean, float rate, int size, bool centre)
        where V : struct, ISimd<V>
    {
        V m = V.All(mean);
        double sum = 0, product = 0;
        for (int start = 0; start < size; start += RunKernel.Block)
        {
            int end = Math.Min(size, start + RunKernel.Block);
            V s = V.Zero, p = V.Zero;
            for (int i = start; i < end; i += V.Count)
            {
                int count = Math.Min(V.Count, end - i);
                V g = Load<V>(dy + i, count);
                if (weight is not null) g *= Load<V>(weight + i, count);
                s += g;
                p = V.Fma(g, Load<V>(x + i, count) - m, p);
            }
            sum += V.Sum(s);
            product += V.Sum(p);
        }
        V a = V.All(rate), b = V.All((float)(-product / size * rate * rate * rate)), c = V.All(centre ? (float)(-sum / size * rate) : 0);
        for (int i = 0; i < size; i += V.Count)
        {
            int count = Math.Min(V.Count, size - i);
            V g = Load<V>(dy + i, count);
            if (weight is not null) g *= Load<V>(weight + i, count);
            Store(V.Fma(g, a, V.Fma(Load<V>(x + i, count) - m, b, c)), dx + i, count);
        }
    }

    private static void AddRow(float* dy, float* x, float* sums, float mean, float rate, int size)
    {
        if (Simd.Bits == 512) AddRow<V512>(dy, x, sums, mean, rate, size);
        else if (Simd.Bits == 256) AddRow<V256>(dy, x, sums, mean, rate, size);
        else AddRow<V128>(dy, x, sums, mean, rate, size);
    }

    private static void AddRow<V>(float* dy, float* x, float* sums, float mean, float rate, int size) where V : struct, ISimd<V>
    {
        V m = V.All(mean), r = V.All(rate);
        for (int i = 0; i < size; i += V.Count)
        {
            int count = Math.Min(V.Count, size - i);
            V d = Load<V>(dy + i, count), normal = (Load<V>(x + i, count) - m) * r;
            Store(V.Fma(d, normal, Load<V>(sums + i, count)), sums + i, count);
            Store(d + Load<V>(sums + size + i, count), sums + size + i, count);
        }
    }
}
