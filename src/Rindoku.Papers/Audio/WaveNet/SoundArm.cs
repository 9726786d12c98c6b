using Rindoku.Autograd;
using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>The arms that learn a sound: bits a sample beside those of counting, and how near sound that is drawn comes to natural sound.</summary>
internal static class SoundArm
{
    public const string Histogram = "histogram bits", Markov = "Markov bits", Distance = "spectral distance";

    // Of the natural sound's spectrum; and what is shown of the wave, 0.05 s.
    private const int NaturalSamples = 30_000, Shown = 400;

    public static ArmResult Run(ArmRun<WaveNetSettings> run)
    {
        WaveNetSettings s = run.Settings;
        SoundTask task = SoundTask.Load(s, run.Data, run.Rng.Split("sound"));
        WaveNet model = Learning.Model(s, run.Rng);
        TrainingOutcome outcome = Learning.Train(run, model, task);
        float[] bits = Learning.PieceBits(model, task, s.TestPieces);
        ArmResult result = new()
        {
            [Learning.Bits] = Errors.Mean(bits),
            ["uniform bits"] = Math.Log2(s.Levels),
            [Histogram] = Baselines.HistogramBits(task, s.TestPieces),
            [Markov] = Baselines.MarkovBits(task, s.TestPieces),
            ["receptive field"] = model.ReceptiveField,
            ["parameters"] = model.ParameterCount,
            ["training seconds"] = outcome.Seconds,
        };
        result.Units[Learning.Bits] = bits;
        result.Figures.Add(outcome.History.Chart($"Bits a sample of test sound while training, {run.Arm}", "bits", Learning.Bits));
        if (s.Drawn > 0) Draw(run, model, task, result);
        if (s.TimingRounds > 0) DrawingSpeed.Measure(run, result);
        return result;
    }

    // Goes on from natural sound, so that what is drawn does not begin in silence.
    private static void Draw(ArmRun<WaveNetSettings> run, WaveNet model, SoundTask task, ArmResult result)
    {
        Tape tape = task.Test[0];
        int start = Math.Min(SoundTask.Context + SoundTask.Scored, tape.Classes.Length / 2);
        Tensor? voice;
        using (NoGrad.Enter())
            voice = model.Condition(IntTensor.Of(tape.Voice), null);
        int[] drawn = Drawing.Cached(model, tape.Classes.AsSpan(0, start), run.Settings.Drawn, voice, run.Rng.Split("drawing"));
        float[] whole = task.Law.Decode(tape.Classes), natural = whole[..Math.Min(NaturalSamples, whole.Length / 2)], sound = task.Law.Decode(drawn);
        double[] of = Spectrum.Of(natural), ours = Spectrum.Of(sound);
        double[] other = Spectrum.Of(whole.AsSpan(natural.Length, Math.Min(sound.Length, whole.Length - natural.Length)));
        result[Distance] = Spectrum.Distance(ours, of);
        result[$"{Distance} of as much other natural sound"] = Spectrum.Distance(other, of);
        double[] hertz = [.. Enumerable.Range(0, of.Length).Select(bin => (double)bin * SoundTask.SampleRate / Spectrum.Window)];
        result.Figures.Add(new LineChart($"Spectrum of natural sound and of sound drawn, {run.Arm}", new Axis("frequency", "Hz"), new Axis("power", "dB"),
            [new("natural", hertz, of), new("drawn", hertz, ours)]));
        double[] times = [.. Enumerable.Range(0, Math.Min(Shown, sound.Length)).Select(t => 1000.0 * t / SoundTask.SampleRate)];
        result.Figures.Add(new LineChart($"Natural sound, and sound drawn after it has ended, {run.Arm}", new Axis("time", "ms"), "sample",
            [new("natural", times, [.. natural.Take(times.Length).Select(x => (double)x)]), new("drawn", times, [.. sound.Take(times.Length).Select(x => (double)x)])]));
    }
}
