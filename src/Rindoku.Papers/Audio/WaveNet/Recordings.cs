using Rindoku.Data;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>Recordings made ready.</summary>
internal static class Recordings
{
    // Without trimming, silence would be most of what is learned. A frame is silent below this root mean square, the peak being 0.9.
    private const double Silent = 0.02, Peak = 0.9;

    /// <summary>The samples with their peak at 0.9, without silence before and after, cut to whole frames.</summary>
    public static float[] Prepared(Sound sound)
    {
        float[] samples = sound.ToMono().Samples;
        float peak = samples.Length == 0 ? 0 : samples.Max(Math.Abs);
        if (peak == 0) return [];
        float[] scaled = [.. samples.Select(x => x * (float)(Peak / peak))];
        bool[] loud = [.. scaled.Chunk(SoundTask.FrameLength).Where(frame => frame.Length == SoundTask.FrameLength).Select(frame => Math.Sqrt(frame.Average(x => x * x)) >= Silent)];
        int first = Array.IndexOf(loud, true), last = Array.LastIndexOf(loud, true);
        return first < 0 ? [] : scaled[(first * SoundTask.FrameLength)..((last + 1) * SoundTask.FrameLength)];
    }
}

/// <summary>How loud each frame of a sound is in eight bands of 500 Hz: what stands for linguistic features where only the sound is there.</summary>
internal static class BandEnergies
{
    /// <summary>How many bands.</summary>
    public const int Bands = 8;

    private const int Bins = SoundTask.FrameLength / 2;

    // A floor below which all is silence; the shift and scale bring speech to about -1 to 1.
    private const double Floor = 1e-5, Shift = 7, Scale = 0.25;

    private static readonly float[] cosines = [.. Enumerable.Range(0, SoundTask.FrameLength).Select(i => MathF.Cos(2 * MathF.PI * i / SoundTask.FrameLength))];

    /// <summary>(frames, bands), frame after frame: the logarithm of the power in each band.</summary>
    public static float[] Of(ReadOnlySpan<float> samples)
    {
        float[] energies = new float[samples.Length / SoundTask.FrameLength * Bands];
        for (int frame = 0; frame < energies.Length / Bands; frame++)
        {
            ReadOnlySpan<float> x = samples.Slice(frame * SoundTask.FrameLength, SoundTask.FrameLength);
            for (int band = 0; band < Bands; band++)
            {
                double power = 0;
                for (int bin = band * Bins / Bands + 1; bin <= (band + 1) * Bins / Bands; bin++) power += Power(x, bin);
                energies[frame * Bands + band] = (float)((Math.Log(power + Floor) + Shift) * Scale);
            }
        }
        return energies;
    }

    // |Σ x_i e^(-2πi·bin·i/64)|² / 64²: the table of cosines has one period, and a sine is a cosine a quarter earlier.
    private static double Power(ReadOnlySpan<float> x, int bin)
    {
        float real = 0, imaginary = 0;
        for (int i = 0, phase = 0; i < x.Length; i++, phase = (phase + bin) % SoundTask.FrameLength)
        {
            real += x[i] * cosines[phase];
            imaginary += x[i] * cosines[(phase + 3 * SoundTask.FrameLength / 4) % SoundTask.FrameLength];
        }
        return ((double)real * real + (double)imaginary * imaginary) / (SoundTask.FrameLength * SoundTask.FrameLength);
    }
}
