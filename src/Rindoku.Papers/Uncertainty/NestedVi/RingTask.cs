using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>The first task: samples from the ring of modes, by annealing. The constant of the ring is known.</summary>
internal static class RingTask
{
    public const string LogZ = "log Z", LogZError = "log Z error", EffectiveSamples = "ESS", UntrainedSamples = "untrained ESS", Weakest = "weakest mode",
        LeastDrop = "least fall of a beta";

    /// <summary>What samples are worth.</summary>
    /// <param name="LogZ">ln Ẑ of a batch, the mean over batches.</param>
    /// <param name="EffectiveSamples">The effective sample size of a batch, likewise.</param>
    /// <param name="LogWeight">ln w, the mean over all samples.</param>
    /// <param name="Modes">For each mode the share of all samples near it, weights left aside; 1/8 would be right.</param>
    public sealed record Scores(double LogZ, double EffectiveSamples, double LogWeight, double[] Modes);

    public static NestedSampler Sampler(NestedViSettings s, Rng rng) =>
        new(new SamplerOptions(s.Densities, s.Nested, s.Resample, s.LearnPath, s.Units), rng.Split("weights"));

    public static Probe Probe(ArmRun<NestedViSettings> run)
    {
        NestedViSettings s = run.Settings;
        NestedSampler sampler = Sampler(s, run.Rng);
        Rng noise = run.Rng.Split("probe");
        Tensor Loss() => sampler.Loss(s.ParticlesPerLevel, noise.Clone());

        // Heads start at 0, and the layers below them have no gradient until these have moved.
        Loss().Backward();
        new Adam(sampler.Parameters, s.LearningRate).Step();
        sampler.ZeroGrad();
        return new Probe(sampler, Loss, () => sampler.Sample(s.ParticlesPerLevel, noise.Clone()).LogWeights) { Floor = -AnnealingPath.LogConstant };
    }

    public static ArmResult Run(ArmRun<NestedViSettings> run)
    {
        NestedViSettings s = run.Settings;
        NestedSampler sampler = Sampler(s, run.Rng);
        Rng training = run.Rng.Split("training"), test = run.Rng.Split("test"), validation = run.Rng.Split("validation");
        Scores before = Measure(sampler, s.TestBatches, s.TestSamples, test);
        Trainer<long> trainer = new(run, sampler, new Adam(sampler.Parameters, s.LearningRate), step => sampler.Loss(s.ParticlesPerLevel, training.Split(step)))
        {
            EvaluateEvery = Every.Steps(Math.Max(1, s.Steps / 10)),
            Evaluate = () => Measure(sampler, Math.Min(2, s.TestBatches), s.TestSamples, validation) is var now
                ? new Dictionary<string, double> { [EffectiveSamples] = now.EffectiveSamples, [LogZ] = now.LogZ } : null!,
        };
        TrainingOutcome outcome = trainer.FitSteps(BatchSource.Steps(), s.Steps);
        sampler.Eval();
        Scores after = Measure(sampler, s.TestBatches, s.TestSamples, test);
        ArmResult result = new()
        {
            [LogZ] = after.LogZ,
            [LogZError] = Math.Abs(after.LogZ - AnnealingPath.LogConstant),
            [EffectiveSamples] = after.EffectiveSamples,
            ["mean log weight"] = after.LogWeight,
            [Weakest] = after.Modes.Min(),
            ["untrained log Z"] = before.LogZ,
            [UntrainedSamples] = before.EffectiveSamples,
            ["untrained weakest mode"] = before.Modes.Min(),
            ["training seconds"] = outcome.Seconds,
            ["parameters"] = sampler.ParameterCount,
        };
        if (s.LearnPath && s.Densities > 2) Add(result, sampler.Path);
        IReadOnlyList<PlaneMap> maps = RingFigures.Passage(run.Arm, sampler, test);
        foreach (Figure figure in (IEnumerable<Figure>)[.. maps, .. Figures(sampler.Path, s, after, outcome)]) result.Figures.Add(figure);
        string file = Path.Combine(run.Folder, "ring.png");
        maps[^1].ToPicture().Write(file);
        result.Artefacts["samples over the ring"] = file;
        return result;
    }

    /// <summary>Measures without resampling, in the same way for every arm.</summary>
    public static Scores Measure(NestedSampler sampler, int batches, int samples, Rng rng)
    {
        double logZ = 0, effective = 0, logWeight = 0;
        double[] modes = new double[AnnealingPath.Modes];
        for (int i = 0; i < batches; i++)
        {
            using MemoryScope scope = MemoryScope.Open();
            using Autograd.NoGrad recording = Autograd.NoGrad.Enter();
            Passage passage = sampler.Sample(samples, rng.Split(i));
            logZ += ImportanceWeights.LogMean(passage.LogWeights.Span) / batches;
            effective += ImportanceWeights.EffectiveSampleSize(passage.LogWeights.Span) / batches;
            logWeight += Errors.Mean(passage.LogWeights.Span) / batches;
            ReadOnlySpan<float> points = passage.Levels[^1].Points.Span;
            for (int p = 0; p < points.Length; p += 2)
                if (AnnealingPath.NearestMode(points[p], points[p + 1]) is >= 0 and int mode) modes[mode] += 1.0 / (batches * (double)samples);
        }
        return new Scores(logZ, effective, logWeight, modes);
    }

    private static void Add(ArmResult result, AnnealingPath path)
    {
        ReadOnlySpan<float> betas = path.Betas().Span;
        double least = double.PositiveInfinity;
        for (int k = 1; k < path.Densities - 1; k++)
        {
            result[$"beta {k}"] = betas[k - 1];
            least = Math.Min(least, (double)k / (path.Densities - 1) - betas[k - 1]);
        }
        result[LeastDrop] = least;
    }

    private static IEnumerable<Figure> Figures(AnnealingPath path, NestedViSettings s, Scores scores, TrainingOutcome outcome)
    {
        yield return new BarChart("Share of the samples near each mode", "share", [.. scores.Modes.Select((share, mode) => new Bar($"{mode * 45}°", share))])
        { Reference = 1.0 / AnnealingPath.Modes, Caption = "Weights left aside; 1/8 would be right. The angle is clockwise from above." };
        yield return outcome.History.Chart($"Effective sample size of {s.TestSamples} while training", "ESS", EffectiveSamples);
        if (s.LearnPath && s.Densities > 2) yield return RingFigures.Path(path);
    }
}
