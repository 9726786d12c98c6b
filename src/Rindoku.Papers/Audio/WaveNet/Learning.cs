using Rindoku.Autograd;
using Rindoku.Lab;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>Trains a <see cref="WaveNet"/> on pieces of sound and measures it in bits a sample.</summary>
internal static class Learning
{
    public const string Bits = "bits";

    // Pieces whose bits are watched while training; all are measured at the end.
    private const int Watched = 8;

    public static WaveNet Model(WaveNetSettings s, Rng rng)
    {
        (int voices, int features) = SoundTask.SizesOf(s.Sound);
        return new WaveNet(s.Plan(voices, features), rng.Split("weights"));
    }

    /// <summary>Cross-entropy with the next sample, in nats, the mean over all samples.</summary>
    public static Tensor Loss(WaveNet model, Pieces pieces) =>
        model.Forward(pieces.X, model.Condition(pieces.Voices, pieces.Frames)).CrossEntropy(pieces.Next);

    public static TrainingOutcome Train(ArmRun<WaveNetSettings> run, WaveNet model, SoundTask task)
    {
        WaveNetSettings s = run.Settings;
        Rng places = run.Rng.Split("pieces");
        Trainer<Pieces> trainer = new(run, model, new Adam(model.Parameters, s.LearningRate), pieces => Loss(model, pieces))
        {
            Schedule = new MultiStep(s.LearningRate, [s.Steps * 4L / 5], 1.0 / 6),
            Clip = parameters => GradientClipping.ByNorm(parameters, 1),
            EvaluateEvery = Every.Steps(Math.Max(1, s.Steps / 5)),
            Evaluate = () => new Dictionary<string, double> { [Bits] = Errors.Mean(PieceBits(model, task, Watched)) },
        };
        TrainingOutcome outcome = trainer.FitSteps(BatchSource.Make(100, step => task.Batch(s.BatchSize, s.Crop, places.Split(step))), s.Steps);
        model.Eval();
        return outcome;
    }

    /// <summary>For each test piece the bits a sample, the mean over the samples that are scored.</summary>
    public static float[] PieceBits(WaveNet model, SoundTask task, int count)
    {
        using NoGrad noGrad = NoGrad.Enter();
        List<float> bits = [];
        foreach (Pieces pieces in task.TestPieces(count))
        {
            using MemoryScope scope = MemoryScope.Open();
            Tensor nats = model.Forward(pieces.X, model.Condition(pieces.Voices, pieces.Frames)).CrossEntropy(pieces.Next, reduction: Reduction.None);
            bits.AddRange((nats.Slice(1, SoundTask.Context..).Mean([1]) * (float)(1 / Math.Log(2))).ToArray());
        }
        return [.. bits];
    }
}
