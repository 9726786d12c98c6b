using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>Annealing to a ring of modes, with and without weights, resampling and a learned path; and filters that look ahead by learned heuristics.</summary>
public sealed class NestedViExperiment : Experiment<NestedViSettings>
{
    private const string Nvi = "nvi", Path = "nvi-star", Resampled = "nvir", Both = "nvir-star", Avo = "avo", Heuristics = "hmm-heuristics", Plain = "hmm-plain";

    private static readonly string[] Annealed = [Both, Path, Resampled, Nvi, Avo], Learned = [Both, Path];

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Both, "annealing: NVIR*, nested objectives with resampling and a learned path"),
        new(Path, "annealing: NVI*, with a learned path"),
        new(Resampled, "annealing: NVIR, with resampling"),
        new(Nvi, "annealing: NVI, neither"),
        new(Avo, "annealing: AVO, the same chain without weights; the baseline"),
        new(Heuristics, "hidden Markov model: learned proposals, and learned heuristics of later observations"),
        new(Plain, "hidden Markov model: learned proposals alone (neural adaptive SMC); the baseline"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Statistic("log-z", "Every method estimates ln Z of the ring to within 0.12", RingTask.LogZError, Better.Lower, Annealed,
            "largest error of a method", arms => Annealed.Max(arm => arms[arm][RingTask.LogZError]), 0.12),
        Claim.Statistic("ess", "Training makes the effective sample size of every method at least 2.5 times as large", RingTask.EffectiveSamples, Better.Higher, Annealed,
            "smallest trained / untrained", arms => Annealed.Min(arm => arms[arm][RingTask.EffectiveSamples] / arms[arm][RingTask.UntrainedSamples]), 2.5),
        Claim.Statistic("path", "Every learned density moves towards the broad one: its beta ends below the equal steps it starts from", RingTask.LeastDrop, Better.Higher, Learned,
            "least fall of a beta", arms => Learned.Min(arm => arms[arm][RingTask.LeastDrop]), 0),
        Claim.Statistic("modes", "No method loses a mode: at least 0.02 of the samples lie near each", RingTask.Weakest, Better.Higher, Annealed,
            "smallest share of a mode", arms => Annealed.Min(arm => arms[arm][RingTask.Weakest]), 0.02),
        Above("headline-resampled", "NVIR* has more effective samples than AVO (the paper's headline)", RingTask.EffectiveSamples, Better.Higher, Both, Avo),
        Above("headline", "and so has NVI*", RingTask.EffectiveSamples, Better.Higher, Path, Avo),
        Above("headline-log-z", "NVIR* estimates ln Z better than AVO", RingTask.LogZError, Better.Lower, Both, Avo),
        Above("learned-path", "A learned path gives more effective samples than a fixed one: NVI* and NVI", RingTask.EffectiveSamples, Better.Higher, Path, Nvi),
        Above("resampling-modes", "Resampling in training keeps more of the weakest mode: NVIR and NVI", RingTask.Weakest, Better.Higher, Resampled, Nvi),
        Claim.Paired("hmm", "Hidden Markov model: with learned heuristics ln p(x) is estimated at least 0.1 nats higher than without", SequenceTask.Gap, Better.Higher,
            Heuristics, Plain, 0.1, units: SequenceTask.Gap),
        Above("hmm-ess", "... with more effective samples", SequenceTask.EffectiveSamples, Better.Higher, Heuristics, Plain),
        Claim.Statistic("hmm-bootstrap", "... and with more than the bootstrap filter", SequenceTask.EffectiveSamples, Better.Higher, [Heuristics],
            "learned - bootstrap", arms => arms[Heuristics][SequenceTask.EffectiveSamples] - arms[Heuristics][$"{SequenceTask.Bootstrap} {SequenceTask.EffectiveSamples}"], 0),
        Claim.Exact("hmm-exact", "With the exact future as heuristic the weight of every particle is p(x)", "largest difference in nats", 0, LargestDifference, 1e-3),
    ];

    private static Claim Above(string id, string statement, string metric, Better better, string treatment, string baseline) =>
        Claim.Paired(id, statement, metric, better, treatment, baseline);

    // ln p̂(x) of two particles, and the forward algorithm.
    private static double LargestDifference()
    {
        HiddenMarkov model = new(states: 4);
        Sequences sequences = model.Draw(count: 16, length: 30, new Rng(0));
        Tensor future = model.LogFuture(sequences);
        Guides exact = new(future, model.BestProposals(sequences, future));
        return SequenceTask.Measure(model, sequences, exact, particles: 2, repeats: 1, new Rng(1)).Gaps.Max(Math.Abs);
    }

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => 5;

    /// <inheritdoc/>
    protected override NestedViSettings Settings(Profile profile, string arm)
    {
        NestedViSettings s = new()
        {
            Nested = arm != Avo,
            Resample = arm is Both or Resampled,
            LearnPath = arm is Both or Path,
            Heuristics = arm == Heuristics,
        };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => s with { Densities = 8, Steps = 5000, TestBatches = 100, States = 8, Length = 50, FilterUnits = 64, FilterBatch = 32, FilterSteps = 2000 },
            _ => s with { Densities = 8, Steps = 20_000, TestBatches = 100, States = 8, Length = 50, FilterUnits = 64, FilterBatch = 32, FilterSteps = 20_000 },
        };
    }

    /// <inheritdoc/>
    protected override NestedViSettings Smoke(NestedViSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with
        {
            Densities = 3,
            Samples = 24,
            Steps = 8,
            TestBatches = 2,
            TestSamples = 50,
            Length = 5,
            Particles = 6,
            FilterUnits = 16,
            FilterBatch = 4,
            FilterSteps = 8,
            TestSequences = 6,
            Repeats = 2,
        };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<NestedViSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return OnSequences(run) ? SequenceTask.Probe(run) : RingTask.Probe(run);
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<NestedViSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return OnSequences(run) ? SequenceTask.Run(run) : RingTask.Run(run);
    }

    /// <summary>The last density with the samples of every arm, and what heuristics say beside what is right.</summary>
    public override IEnumerable<Figure> Compare(IReadOnlyDictionary<string, ArmResult> oneSeed)
    {
        ArgumentNullException.ThrowIfNull(oneSeed);
        IEnumerable<ArmResult> results = Arms.Where(arm => oneSeed.ContainsKey(arm.Name)).Select(arm => oneSeed[arm.Name]);
        return results.SelectMany(result => (IEnumerable<Figure>)[.. result.Figures.OfType<PlaneMap>().TakeLast(1), .. result.Figures.OfType<Heatmap>()]);
    }

    private static bool OnSequences(ArmRun<NestedViSettings> run) => run.Arm is Heuristics or Plain;
}
