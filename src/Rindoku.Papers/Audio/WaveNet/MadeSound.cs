using Rindoku.Data;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>Sound made by formulas, for the quick profile.</summary>
internal static class MadeSound
{
    /// <summary>Samples until the echo comes.</summary>
    public const int Delay = 50;

    /// <summary>Voices of the vowels.</summary>
    public const int VoiceCount = 3;

    /// <summary>Features of a frame: which of five vowels, and the pitch.</summary>
    public const int VowelFeatures = 6;

    // The first two formants of Japanese a, i, u, e, o in Hz, rounded; the third is much the same for all.
    private static readonly (double First, double Second)[] formants = [(750, 1200), (300, 2300), (350, 1300), (480, 1900), (480, 850)];
    private static readonly (double Pitch, double Tract)[] voices = [(105, 0.95), (160, 1.05), (220, 1.18)];

    /// <summary>u_t = 0.9 u_(t−50) + √0.19 n_t of unit variance, cut off at ±4: only the sample 50 ago says anything of the next.</summary>
    public static Tape Echo(int length, MuLaw law, Rng rng)
    {
        float[] u = new float[length];
        rng.FillNormal(u);
        float fresh = MathF.Sqrt(0.19f);
        for (int t = Delay; t < length; t++) u[t] = 0.9f * u[t - Delay] + fresh * u[t];
        for (int t = 0; t < length; t++) u[t] /= 4;
        return new Tape(law.Encode(u), 0, []);
    }

    /// <summary>A tape of each voice: vowels of 0.1 to 0.25 s with a wandering pitch.</summary>
    public static IReadOnlyList<Tape> Vowels(int length, MuLaw law, Rng rng) =>
        [.. Enumerable.Range(0, VoiceCount).Select(voice => Vowels(voice, length / SoundTask.FrameLength, law, rng.Split(voice)))];

    private static Tape Vowels(int voice, int frameCount, MuLaw law, Rng rng)
    {
        (double pitch, double tract) = voices[voice];
        float[] samples = new float[frameCount * SoundTask.FrameLength], frames = new float[frameCount * VowelFeatures];
        Resonance[] filters = [new(), new(), new()];
        int vowel = 0, left = 0;
        double bend = 0, phase = 0;
        for (int frame = 0; frame < frameCount; frame++)
        {
            if (left-- == 0) (vowel, left) = (rng.NextInt(formants.Length), 12 + rng.NextInt(20));
            bend = 0.95 * bend + 0.05 * rng.NextNormal();
            frames[frame * VowelFeatures + vowel] = 1;
            frames[frame * VowelFeatures + VowelFeatures - 1] = (float)(4 * bend);
            filters[0].Tune(formants[vowel].First * tract, 80);
            filters[1].Tune(formants[vowel].Second * tract, 120);
            filters[2].Tune(2900 * tract, 180);
            for (int i = 0; i < SoundTask.FrameLength; i++)
            {
                phase += pitch * Math.Exp(bend) / SoundTask.SampleRate;
                double pulse = phase >= 1 ? 1 : 0, source = pulse + 0.02 * rng.NextNormal();
                phase -= pulse;
                samples[frame * SoundTask.FrameLength + i] = (float)(0.5 * (filters[0].Next(source) + 0.5 * filters[1].Next(source) + 0.25 * filters[2].Next(source)));
            }
        }
        return new Tape(law.Encode(samples), voice, frames);
    }

    /// <summary>A resonance: two poles, at a frequency and of a bandwidth.</summary>
    private sealed class Resonance
    {
        private double a, b, gain, last, older;

        public void Tune(double frequency, double bandwidth)
        {
            double radius = Math.Exp(-Math.PI * bandwidth / SoundTask.SampleRate), angle = 2 * Math.PI * frequency / SoundTask.SampleRate;
            (a, b, gain) = (2 * radius * Math.Cos(angle), -radius * radius, Math.Sin(angle));
        }

        public double Next(double source)
        {
            double y = gain * source + a * last + b * older;
            (older, last) = (last, y);
            return y;
        }
    }
}
