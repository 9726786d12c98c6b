namespace Rindoku.Kernels;

/// <summary>A sparse linear map between the planes of two batches of images, the same for every channel, and its derivative by the weights.</summary>
/// <remarks>
/// x is (items, channels, plane); a source counts over (item, place in the plane), whatever the channel; so do the outputs.
/// Aliasing: none. Deterministic: each output adds its taps in order.
/// </remarks>
internal static unsafe class PlaneSampling
{
    private const int Grain = 8192;

    /// <summary><c>y[row] = Σ weight · x[source]</c> in every channel.</summary>
    public static void Apply(Taps taps, ReadOnlySpan<float> weights, ReadOnlySpan<float> x, int plane, Span<float> y, int outputPlane, int channels)
    {
        if (y.Length == 0) return;
        int[] offsets = Offsets(taps.Sources, plane, channels);
        fixed (float* pw = weights, px = x, py = y)
        {
            float* w = pw, source = px, destination = py;
            Threads.RunChunks(y.Length / outputPlane, Math.Max(1, Grain / outputPlane), (from, to) =>
            {
                for (int i = from; i < to; i++)
                {
                    (int item, int channel) = Math.DivRem(i, channels);
                    Plane(taps, offsets, w, source + (long)channel * plane, destination + (long)i * outputPlane, item * outputPlane, outputPlane);
                }
            });
        }
    }

    /// <summary>The derivative of <c>Σ y · dy</c> by each weight: <c>Σ x[source] · dy[row]</c> over the channels.</summary>
    public static void WeightGradient(Taps taps, ReadOnlySpan<float> x, int plane, ReadOnlySpan<float> dy, int outputPlane, int channels, Span<float> dw)
    {
        int[] offsets = Offsets(taps.Sources, plane, channels);
        fixed (float* px = x, pdy = dy, pdw = dw)
        {
            float* source = px, slope = pdy, result = pdw;
            Threads.RunChunks(taps.Outputs, Math.Max(1, Grain / Math.Max(1, 4 * channels)), (from, to) =>
            {
                for (int row = from; row < to; row++)
                {
                    (int item, int place) = Math.DivRem(row, outputPlane);
                    float* rowSlope = slope + (long)item * channels * outputPlane + place;
                    for (int t = taps.Starts[row]; t < taps.Starts[row + 1]; t++)
                        result[t] = offsets[t] < 0 ? 0 : Products(source + offsets[t], plane, rowSlope, outputPlane, channels);
                }
            });
        }
    }

    private static void Plane(Taps taps, int[] offsets, float* weights, float* x, float* y, int firstRow, int rows)
    {
        int[] starts = taps.Starts;
        int[]? places = taps.Places;
        for (int row = 0; row < rows; row++)
        {
            float sum = 0;
            for (int t = starts[firstRow + row]; t < starts[firstRow + row + 1]; t++)
                if (offsets[t] >= 0) sum += weights[places is null ? t : places[t]] * x[offsets[t]];
            y[row] = sum;
        }
    }

    private static float Products(float* x, int strideX, float* dy, int strideY, int channels)
    {
        float sum = 0;
        for (int c = 0; c < channels; c++) sum += x[(long)c * strideX] * dy[(long)c * strideY];
        return sum;
    }

    // From (item, place) counted without channels to the place in memory of channel 0.
    private static int[] Offsets(int[] sources, int plane, int channels)
    {
        int[] offsets = new int[sources.Length];
        for (int t = 0; t < offsets.Length; t++)
        {
            if (sources[t] < 0)
            {
                offsets[t] = -1;
                continue;
            }
            (int item, int place) = Math.DivRem(sources[t], plane);
            offsets[t] = item * channels * plane + place;
        }
        return offsets;
    }
}
