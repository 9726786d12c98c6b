using System.Buffers;

namespace Rindoku.Kernels;

/// <summary>Batch normalisation of (samples, channels, length): one look for the statistics, one for the output; the same backwards.</summary>
/// <remarks>
/// Aliasing: none. Deterministic: figures of fixed blocks are added up in order, in double. Small images are turned to (channels, length,
/// samples) and back: otherwise a run would be shorter than the work of starting it.
/// </remarks>
internal static unsafe class BatchNormKernel
{
    /// <summary>Mean and variance (divided by n) of every channel.</summary>
    public static void Statistics(ReadOnlySpan<float> x, Span<double> means, Span<double> variances, int samples, int length)
    {
        if (IsShort(samples, length))
        {
            using Workspace turned = Turned(x, samples);
            Statistics(new ReadOnlySpan<float>(turned.Start, x.Length), means, variances, 1, samples * length);
            return;
        }
        int channels = means.Length, blocks = RunKernel.Blocks(length);
        int units = length == 1 ? ColumnKernel.Chunks(samples) * channels : samples * channels * blocks;
        double[] sums = ArrayPool<double>.Shared.Rent(units), squares = ArrayPool<double>.Shared.Rent(units);
        if (length == 1) ColumnKernel.Sums(x, sums, squares, samples, channels);
        else RunKernel.Sums(x, sums, squares, samples * channels, length);

        fixed (double* ps = sums, pq = squares, pm = means, pv = variances) Moments(ps, pq, pm, pv, samples, channels, length);
        ArrayPool<double>.Shared.Return(sums);
        ArrayPool<double>.Shared.Return(squares);
    }

    /// <summary><c>y = (x - mean) · rate · weight + bias</c>, with figures for each channel; an empty weight is 1, an empty bias 0.</summary>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> means, ReadOnlySpan<float> rates, ReadOnlySpan<float> weight,
        ReadOnlySpan<float> bias, Span<float> y, int samples, int length)
    {
        if (IsShort(samples, length))
        {
            using Workspace turned = Turned(x, samples);
            Span<float> turnedX = new(turned.Start, x.Length); // worked on in place
            Forward(turnedX, means, rates, weight, bias, turnedX, 1, samples * length);
            StridedCopy.Transpose(turnedX, y, 1, x.Length / samples, samples);
            return;
        }
        int channels = means.Length;
        float[] scales = Scales(rates, weight), shifts = new float[channels];
        bias.CopyTo(shifts);
        if (length == 1) ColumnKernel.Combine([], x, means, [], scales, shifts, y, samples, channels);
        else RunKernel.Normalize(x, means, scales, shifts, y, samples * channels, length);
    }

    /// <summary>
    /// <c>dx = weight · rate · (dy - mean(dy) - x̂ · mean(dy · x̂))</c>, <c>dweight = Σ dy · x̂</c> and <c>dbias = Σ dy</c>. With fixed
    /// statistics (evaluation) dx is its first term alone.
    /// </summary>
    /// <param name="dy">(samples, channels, length).</param>
    /// <param name="x">(samples, channels, length).</param>
    /// <param name="means">(channels).</param>
    /// <param name="rates">(channels), one over the square root of variance plus epsilon.</param>
    /// <param name="weight">(channels), or empty for 1.</param>
    /// <param name="dx">Written, unless it is empty.</param>
    /// <param name="dweight">(channels), written.</param>
    /// <param name="dbias">(channels), written.</param>
    /// <param name="samples">Size of the first axis.</param>
    /// <param name="length">Size of the last axis.</param>
    /// <param name="fixedStatistics">Whether mean and variance did not come from x.</param>
    public static void Backward(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means, ReadOnlySpan<float> rates,
        ReadOnlySpan<float> weight, Span<float> dx, Span<float> dweight, Span<float> dbias, int samples, int length, bool fixedStatistics)
    {
        if (IsShort(samples, length))
        {
            using Workspace turnedX = Turned(x, samples), turnedDy = Turned(dy, samples), room = new(dx.Length);
            Span<float> turnedDx = new(room.Start, dx.Length);
            Backward(new(turnedDy.Start, dy.Length), new(turnedX.Start, x.Length), means, rates, weight, turnedDx, dweight, dbias, 1, samples * length, fixedStatistics);
            if (dx.Length > 0) StridedCopy.Transpose(turnedDx, dx, 1, dx.Length / samples, samples);
            return;
        }
        int channels = means.Length;
        double[] sums = new double[channels], products = new double[channels];
        GradientSums(dy, x, means, sums, products, samples, length);

        double n = (double)samples * length;
        float[] a = Scales(rates, weight), b = new float[channels], c = new float[channels];
        for (int i = 0; i < channels; i++)
        {
            dweight[i] = (float)(products[i] * rates[i]);
            dbias[i] = (float)sums[i];
            if (fixedStatistics) continue;
            b[i] = (float)(-a[i] * (double)rates[i] * rates[i] * products[i] / n);
            c[i] = (float)(-a[i] * sums[i] / n);
        }
        if (dx.Length == 0) return;
        if (length == 1) ColumnKernel.Combine(dy, x, means, a, b, c, dx, samples, channels);
        else RunKernel.Combine(dy, x, means, a, b, c, dx, samples * channels, length);
    }

    private static void GradientSums(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means,
        double[] sums, double[] products, int samples, int length)
    {
        int channels = means.Length, blocks = RunKernel.Blocks(length);
        int units = length == 1 ? ColumnKernel.Chunks(samples) * channels : samples * channels * blocks;
        double[] s = ArrayPool<double>.Shared.Rent(units), p = ArrayPool<double>.Shared.Rent(units);
        if (length == 1) ColumnKernel.GradientSums(dy, x, means, s, p, samples, channels);
        else RunKernel.GradientSums(dy, x, means, s, p, samples * channels, length);
        for (int unit = 0; unit < units;)
            for (int channel = 0; channel < channels; channel++)
                for (int block = 0; block < blocks; block++, unit++)
                {
                    sums[channel] += s[unit];
                    products[channel] += p[unit];
                }
        ArrayPool<double>.Shared.Return(s);
        ArrayPool<double>.Shared.Return(p);
    }

    private static bool IsShort(int samples, int length) => length is > 1 and < 32 && samples >= 16;

    private static Workspace Turned(ReadOnlySpan<float> x, int samples)
    {
        Workspace turned = new(x.Length);
        StridedCopy.Transpose(x, new Span<float>(turned.Start, x.Length), 1, samples, x.Length / samples);
        return turned;
    }

    // From the figures of (parts, channels, blocks) to those of channels: the mean first, then the squared distances from it, which are
    // those of each block from its own mean and that of the block's mean, as often as it has numbers.
    private static void Moments(double* sums, double* squares, double* means, double* variances, int samples, int channels, int length)
    {
        int blocks = RunKernel.Blocks(length), parts = length == 1 ? ColumnKernel.Chunks(samples) : samples, step = channels * blocks;
        double count = (double)samples * length;
        Threads.RunChunks(channels, Math.Max(1, 4096 / (parts * blocks)), (from, to) =>
        {
            for (int channel = from; channel < to; channel++)
            {
                double sum = 0, square = 0;
                for (int part = 0; part < parts; part++)
                    for (int block = 0; block < blocks; block++) sum += sums[part * step + channel * blocks + block];
                double mean = sum / count;
                for (int part = 0; part < parts; part++)
                    for (int block = 0; block < blocks; block++)
                    {
                        int unit = part * step + channel * blocks + block, numbers = CountOf(part, block, samples, length);
                        double distance = sums[unit] / numbers - mean;
                        square += squares[unit] + distance * distance * numbers;
                    }
                (means[channel], variances[channel]) = (mean, square / count);
            }
        });
    }

    private static int CountOf(int part, int block, int samples, int length) => length == 1
        ? Math.Min(ColumnKernel.Chunk, samples - part * ColumnKernel.Chunk)
        : Math.Min(RunKernel.Block, length - block * RunKernel.Block);

    private static float[] Scales(ReadOnlySpan<float> rates, ReadOnlySpan<float> weight)
    {
        float[] scales = rates.ToArray();
        for (int i = 0; i < weight.Length; i++) scales[i] *= weight[i];
        return scales;
    }
}
