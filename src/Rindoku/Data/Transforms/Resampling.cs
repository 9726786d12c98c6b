namespace Rindoku.Data;

/// <summary>Resampling of a line of pixels with triangles as weights, which is linear interpolation where the line gets longer.</summary>
internal static class Resampling
{
    /// <summary>Resamples a part of a line; the pixels around the part take part in its edges.</summary>
    /// <param name="source">The line, a pixel every <paramref name="inputStep"/> numbers.</param>
    /// <param name="inputs">How many pixels it has.</param>
    /// <param name="inputStep">From a pixel to the next.</param>
    /// <param name="start">Where the part starts, in pixels; pixel i reaches from i to i + 1.</param>
    /// <param name="extent">How long the part is, in pixels.</param>
    /// <param name="destination">The new line.</param>
    /// <param name="outputs">How many pixels it has.</param>
    /// <param name="outputStep">From a pixel to the next.</param>
    /// <param name="antialias">Whether the triangle widens when the part gets shorter, so that no pixel is skipped.</param>
    public static void Line(ReadOnlySpan<float> source, int inputs, int inputStep, double start, double extent,
        Span<float> destination, int outputs, int outputStep, bool antialias = true)
    {
        double scale = extent / outputs, reach = antialias ? Math.Max(scale, 1) : 1;
        for (int o = 0; o < outputs; o++)
        {
            double centre = start + (o + 0.5) * scale;
            int from = Math.Max(0, (int)Math.Floor(centre - reach + 0.5)), to = Math.Min(inputs, (int)Math.Floor(centre + reach + 0.5));
            double sum = 0, weights = 0;
            for (int i = from; i < to; i++)
            {
                double weight = Math.Max(0, 1 - Math.Abs(i + 0.5 - centre) / reach);
                sum += weight * source[i * inputStep];
                weights += weight;
            }
            destination[o * outputStep] = (float)(sum / weights);
        }
    }
}
