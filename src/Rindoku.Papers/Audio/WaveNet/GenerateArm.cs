using System.Globalization;
using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>The arm that writes sound: a network told the frames of test sound, which it has not heard, says them.</summary>
internal static class GenerateArm
{
    // What a trainer calls the model in its checkpoints.
    private const string ModelPrefix = "model.";

    public static ArmResult Run(ArmRun<WaveNetSettings> run)
    {
        WaveNetSettings s = run.Settings;
        SoundTask task = SoundTask.Load(s, run.Data, run.Rng.Split("sound"));
        Tape tape = task.Test[(int)(run.Seed % task.Test.Count)];
        int frames = (int)Math.Ceiling(s.Seconds * SoundTask.SampleRate / SoundTask.FrameLength), available = tape.Classes.Length / SoundTask.FrameLength;
        if (frames > available)
            throw new LabException(string.Create(CultureInfo.InvariantCulture,
                $"--set seconds: got {s.Seconds}; the test sound, whose frames are said, has {(double)available * SoundTask.FrameLength / SoundTask.SampleRate:F1} s."));
        WaveNet model = Learning.Model(s, run.Rng);
        ArmResult result = new() { ["parameters"] = model.ParameterCount };
        if (s.Weights.Length > 0) Load(model, s.Weights);
        else result["training seconds"] = Learning.Train(run, model, task).Seconds;
        result[Learning.Bits] = Errors.Mean(Learning.PieceBits(model, task, s.TestPieces));
        Write(run, model, task, tape, frames, result);
        return result;
    }

    /// <summary>Takes the weights out of a checkpoint.</summary>
    /// <exception cref="LabException">The file is not there.</exception>
    /// <exception cref="FileFormatException">It is damaged.</exception>
    /// <exception cref="Nn.StateException">It is of a network of other sizes.</exception>
    private static void Load(WaveNet model, string path)
    {
        if (!File.Exists(path)) throw new LabException($"--set weights: there is no file {path}; needed a checkpoint of a run of this arm, its checkpoints/last.safetensors.");
        model.Load(Safetensors.Read(path).Tensors.Where(t => t.Key.StartsWith(ModelPrefix, StringComparison.Ordinal))
            .ToDictionary(t => t.Key[ModelPrefix.Length..], t => t.Value));
        model.Eval();
    }

    private static void Write(ArmRun<WaveNetSettings> run, WaveNet model, SoundTask task, Tape tape, int frames, ArmResult result)
    {
        int count = frames * SoundTask.FrameLength, wanted = Math.Max(1, (int)Math.Round(run.Settings.Seconds * SoundTask.SampleRate));
        Tensor? condition;
        using (NoGrad.Enter())
            condition = model.Condition(IntTensor.Of(tape.Voice), task.Features == 0 ? null : task.Frames(tape, 0, frames));
        long began = run.Time.GetTimestamp();
        // The first sample is silence, as in the paper; the last of a frame has no sample after it.
        int[] drawn = [task.Law.Silence, .. Drawing.Cached(model, [task.Law.Silence], count - 1, condition, run.Rng.Split("drawing"), done =>
        {
            run.Progress.Report(new Progress("drawing", done, run.Time.GetElapsedTime(began), null, 0, ""));
            run.Stop.ThrowIfCancellationRequested();
        })];
        double seconds = run.Time.GetElapsedTime(began).TotalSeconds;
        result["drawing seconds"] = seconds;
        result["drawing seconds for a second of sound"] = seconds * SoundTask.SampleRate / count;
        Sound spoken = Save("wavenet.wav", "the sound that WaveNet drew", drawn), natural = Save("natural.wav", "the test sound whose frames it was told", tape.Classes);
        double[] times = [.. Enumerable.Range(0, spoken.Length).Select(t => (double)t / SoundTask.SampleRate)];
        result.Figures.Add(new LineChart("What WaveNet drew, and the sound whose frames it was told", new Axis("time", "s"), "sample",
            [new("natural", times, [.. natural.Samples.Select(x => (double)x)]), new("drawn", times, [.. spoken.Samples.Select(x => (double)x)])]));
        result.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"wavenet.wav: {spoken.Duration.TotalSeconds:0.###} s at {SoundTask.SampleRate} Hz, drawn in {seconds:F1} s; natural.wav: the test sound it was told the frames of."));

        Sound Save(string file, string what, int[] classes)
        {
            Sound sound = new(SoundTask.SampleRate, 1, task.Law.Decode(classes.AsSpan(0, Math.Min(wanted, classes.Length))));
            sound.Write(Path.Combine(run.Folder, file));
            result.Artefacts[what] = file;
            return sound;
        }
    }
}
