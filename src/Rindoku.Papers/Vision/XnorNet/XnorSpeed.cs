using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.XnorNet;

/// <summary>How fast a packed convolution is, by turns with the same in floats and with the same threads.</summary>
internal static class XnorSpeed
{
    private const int Kernel = 3;

    // A packed convolution is over in a fraction of a millisecond: so many at once are timed, or a busy machine would decide the mean.
    private const int AtOnce = 20;

    public static void Measure(ArmRun<XnorNetSettings> run, ArmResult result)
    {
        (int channels, int size) = (run.Settings.TimedChannels, run.Settings.TimedSize);
        Rng rng = run.Rng.Split("convolutions");
        Tensor x = rng.Normal([1, channels, size, size]).BinarySign().Keep(), w = rng.Normal([channels, channels, Kernel, Kernel]).BinarySign().Keep();
        SignWeights weights = new(w);
        // The filters are packed beforehand; packing the image is part of the work.
        (result["real convolution seconds"], result["packed convolution seconds"]) = ByTurns(() => x.Conv2d(w, padding: 1), rounds: 80);
        (result["plain loops seconds"], result["packed convolution beside plain loops, seconds"]) = ByTurns(() => PlainConvolution(x, w, size, channels), rounds: 4);
        result["memory ratio"] = 4.0 * w.Length / weights.Bytes;
        result.Figures.Add(new BarChart("A 3 x 3 convolution: how many times as fast as in floats", new Axis("speed-up"),
        [
            new Bar("against the library's own", result["real convolution seconds"] / result["packed convolution seconds"]),
            new Bar("against plain loops", result["plain loops seconds"] / result["packed convolution beside plain loops, seconds"]),
            new Bar("operations (the paper's model)", XnorNet.ExpectedSpeedUp(channels, Kernel * Kernel)),
        ])
        { Reference = 58, Caption = "The line is the paper's headline, 58 times." });

        (double Real, double Packed) ByTurns(Action real, int rounds)
        {
            (double slow, double fast) = PairedTiming.MeanSeconds(real, () =>
            {
                for (int i = 0; i < AtOnce; i++) MemoryScope.Run(() => SignTensor.Pack(x).Conv2d(weights, padding: 1)); // each in the memory of the last
            }, rounds, run.Time, run.Stop);
            return (slow, fast / AtOnce);
        }
    }

    /// <summary>The convolution as one writes it first: loops over filters, places, channels and taps.</summary>
    private static void PlainConvolution(Tensor x, Tensor w, int size, int channels)
    {
        float[] y = new float[channels * size * size];
        ReadOnlySpan<float> image = x.Span, filters = w.Span;
        for (int o = 0; o < channels; o++)
            for (int row = 0; row < size; row++)
                for (int column = 0; column < size; column++)
                {
                    float sum = 0;
                    for (int c = 0; c < channels; c++)
                        for (int ky = 0; ky < Kernel; ky++)
                            for (int kx = 0; kx < Kernel; kx++)
                            {
                                int r = row + ky - 1, q = column + kx - 1;
                                if ((uint)r < (uint)size && (uint)q < (uint)size)
                                    sum += image[(c * size + r) * size + q] * filters[((o * channels + c) * Kernel + ky) * Kernel + kx];
                            }
                    y[(o * size + row) * size + column] = sum;
                }
    }
}
