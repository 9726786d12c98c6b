using System.Buffers;

namespace Rindoku.Kernels;

/// <summary>Group normalisation of (samples, channels, length); instance normalisation is the case of one channel to a group.</summary>
/// <remarks>Aliasing: none. Deterministic: figures of fixed blocks are added up in order, in double.</remarks>
internal static class GroupNormKernel
{
    /// <summary><c>y = (x - mean) · rate · weight + bias</c>: statistics of each sample's groups, scale and shift of each channel.</summary>
    /// <param name="x">(samples, channels, length).</param>
    /// <param name="weight">(channels), or empty for 1.</param>
    /// <param name="bias">(channels), or empty for 0.</param>
    /// <param name="y">Written.</param>
    /// <param name="means">(samples, channels), written: the mean of the group that the channel is in.</param>
    /// <param name="rates">(samples, channels), written: one over the square root of the group's variance plus epsilon.</param>
    /// <param name="groupSize">Channels in a group.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="length">Size of the last axis.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Span<float> y,
        Span<float> means, Span<float> rates, int groupSize, int channels, int length, float epsilon)
    {
        int runs = means.Length, blocks = RunKernel.Blocks(length);
        double[] sums = ArrayPool<double>.Shared.Rent(runs * blocks), squares = ArrayPool<double>.Shared.Rent(runs * blocks);
        RunKernel.Sums(x, sums, squares, runs, length);
        float[] scales = new float[runs], shifts = new float[runs];
        for (int group = 0; group < runs; group += groupSize)
        {
            BlockMoments moments = default;
            for (int unit = group * blocks; unit < (group + groupSize) * blocks; unit++)
                moments.Add(Math.Min(RunKernel.Block, length - unit % blocks * RunKernel.Block), sums[unit], squares[unit]);
            for (int run = group; run < group + groupSize; run++)
            {
                int channel = run % channels;
                means[run] = (float)moments.Mean;
                rates[run] = (float)(1 / Math.Sqrt(moments.Variance + epsilon));
                scales[run] = weight.Length == 0 ? rates[run] : rates[run] * weight[channel];
                shifts[run] = bias.Length == 0 ? 0 : bias[channel];
            }
        }
        ArrayPool<double>.Shared.Return(sums);
        ArrayPool<double>.Shared.Return(squares);
        RunKernel.Normalize(x, means, scales, shifts, y, runs, length);
    }

    /// <summary>The gradients of x (unless dx is empty), weight and bias.</summary>
    public static void Backward(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> means, ReadOnlySpan<float> rates,
        ReadOnlySpan<float> weight, Span<float> dx, Span<float> dweight, Span<float> dbias, int groupSize, int channels, int length)
    {
        int runs = means.Length, blocks = RunKernel.Blocks(length);
        double[] sums = ArrayPool<double>.Shared.Rent(runs * blocks), products = ArrayPool<double>.Shared.Rent(runs * blocks);
        RunKernel.GradientSums(dy, x, means, sums, products, runs, length);
        double[] weightSums = new double[channels], biasSums = new double[channels];
        float[] a = new float[runs], b = new float[runs], c = new float[runs];
        for (int group = 0; group < runs; group += groupSize)
        {
            double sum = 0, product = 0, n = (double)groupSize * length;
            for (int unit = group * blocks; unit < (group + groupSize) * blocks; unit++)
            {
                int channel = unit / blocks % channels;
                double w = weight.Length == 0 ? 1 : weight[channel];
                sum += w * sums[unit];
                product += w * products[unit];
                weightSums[channel] += products[unit] * rates[group];
                biasSums[channel] += sums[unit];
            }
            double rate = rates[group];
            for (int run = group; run < group + groupSize; run++)
            {
                a[run] = weight.Length == 0 ? (float)rate : (float)(rate * weight[run % channels]);
                b[run] = (float)(-rate * rate * rate * product / n);
                c[run] = (float)(-rate * sum / n);
            }
        }
        ArrayPool<double>.Shared.Return(sums);
        ArrayPool<double>.Shared.Return(products);
        for (int i = 0; i < channels; i++) (dweight[i], dbias[i]) = ((float)weightSums[i], (float)biasSums[i]);
        if (dx.Length > 0) RunKernel.Combine(dy, x, means, a, b, c, dx, runs, length);
    }
}
