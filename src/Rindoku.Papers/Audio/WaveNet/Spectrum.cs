namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>The mean power of a sound at each frequency, in decibels, over overlapping windows (Welch's method).</summary>
internal static class Spectrum
{
    /// <summary>Samples of a window: 25 ms, so that neighbouring values are 40 Hz apart.</summary>
    public const int Window = 200;

    // So quiet that it makes no difference; keeps the logarithm of silence finite.
    private const double Floor = 1e-9;

    /// <summary>The spectrum from 0 to half the sample rate, Window / 2 + 1 values.</summary>
    public static double[] Of(ReadOnlySpan<float> samples)
    {
        double[] power = new double[Window / 2 + 1], windowed = new double[Window];
        int count = 0;
        for (int from = 0; from + Window <= samples.Length; from += Window / 2, count++)
        {
            for (int i = 0; i < Window; i++) windowed[i] = samples[from + i] * (0.5 - 0.5 * Math.Cos(2 * Math.PI * i / Window));
            for (int bin = 0; bin < power.Length; bin++) power[bin] += Power(windowed, bin);
        }
        return [.. power.Select(p => 10 * Math.Log10(p / Math.Max(1, count) + Floor))];
    }

    /// <summary>The log-spectral distance of two sounds: the root mean square difference of their spectra, in decibels.</summary>
    public static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Average());

    private static double Power(double[] x, int bin)
    {
        (double real, double imaginary) = (0, 0);
        for (int i = 0; i < x.Length; i++)
        {
            (double sine, double cosine) = Turns[i * bin % Window];
            real += x[i] * cosine;
            imaginary += x[i] * sine;
        }
        return (real * real + imaginary * imaginary) / Window;
    }

    private static readonly (double Sine, double Cosine)[] Turns = [.. Enumerable.Range(0, Window).Select(i => Math.SinCos(2 * Math.PI * i / Window))];
}
