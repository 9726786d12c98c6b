using System.Globalization;
using Rindoku.Autograd;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>The second task: the evidence of sequences of a hidden Markov model, by filters with few particles. The evidence is known.</summary>
internal static class SequenceTask
{
    public const string Gap = "log evidence gap", EffectiveSamples = "filter ESS", Bootstrap = "bootstrap", Myopic = "best myopic";

    /// <summary>What a filter's runs are worth.</summary>
    /// <param name="Gaps">For each sequence ln p̂(x) − ln p(x), the mean over runs; below 0 on average, for the logarithm is concave.</param>
    /// <param name="EffectiveSamples">The effective sample size before resampling, the mean over times, sequences and runs.</param>
    /// <param name="OverTime">The same at each time.</param>
    public sealed record Scores(float[] Gaps, double EffectiveSamples, double[] OverTime)
    {
        /// <summary>The mean gap.</summary>
        public double Gap => Errors.Mean(Gaps);
    }

    public static HiddenMarkov Model(NestedViSettings s) => new(s.States, s.Stay, s.Spread, s.Deviation);

    public static LearnedFilter Filter(NestedViSettings s, HiddenMarkov model, Rng rng) => new(model, s.Heuristics, s.FilterUnits, rng.Split("weights"));

    public static Probe Probe(ArmRun<NestedViSettings> run)
    {
        NestedViSettings s = run.Settings;
        HiddenMarkov model = Model(s);
        LearnedFilter filter = Filter(s, model, run.Rng);
        Sequences sequences = model.Draw(s.FilterBatch, s.Length, run.Rng.Split("sequences"));
        Rng noise = run.Rng.Split("probe");
        Tensor Outputs() => filter.Guides(sequences) is { LogHeuristics: { } psi } guides ? Tensor.Concat([guides.LogProposals.Flatten(), psi.Flatten()]) : filter.Guides(sequences).LogProposals;

        // Without heuristics no proposal makes all weights equal: what is left is what the best of them leaves.
        double floor = s.Heuristics ? 0 : LearnedFilter.Loss(model, sequences, new Guides(null, model.BestProposals(sequences)), s.Particles, noise.Clone()).Item();
        return new Probe(filter, () => filter.Loss(sequences, s.Particles, noise.Clone()), Outputs) { Floor = floor };
    }

    public static ArmResult Run(ArmRun<NestedViSettings> run)
    {
        NestedViSettings s = run.Settings;
        HiddenMarkov model = Model(s);
        LearnedFilter filter = Filter(s, model, run.Rng);
        Rng training = run.Rng.Split("training"), draws = run.Rng.Split("test");
        Sequences test = model.Draw(s.TestSequences, s.Length, new Rng(0).Split("test sequences")), few = model.Draw(s.TestSequences, s.Length, run.Rng.Split("validation sequences"));
        Trainer<long> trainer = new(run, filter, new Adam(filter.Parameters, s.FilterRate), step =>
            filter.Loss(model.Draw(s.FilterBatch, s.Length, training.Split($"sequences {step}")), s.Particles, training.Split(step)))
        {
            Schedule = new Cosine(s.FilterRate, 0, s.FilterSteps),
            Clip = parameters => GradientClipping.ByNorm(parameters, 10),
            EvaluateEvery = Every.Steps(Math.Max(1, s.FilterSteps / 10)),
            Evaluate = () => new Dictionary<string, double> { [Gap] = Measure(model, few, filter.Guides(few), s.Particles, 1, draws).Gap },
        };
        TrainingOutcome outcome = trainer.FitSteps(BatchSource.Steps(), s.FilterSteps);
        filter.Eval();
        using NoGrad recording = NoGrad.Enter();
        Guides learned = filter.Guides(test);
        Scores scores = Of(learned), bootstrap = Of(Guides.Bootstrap(model, test)), myopic = Of(new Guides(null, model.BestProposals(test)));
        ArmResult result = new()
        {
            [Gap] = scores.Gap,
            [EffectiveSamples] = scores.EffectiveSamples,
            [$"{Bootstrap} {Gap}"] = bootstrap.Gap,
            [$"{Bootstrap} {EffectiveSamples}"] = bootstrap.EffectiveSamples,
            [$"{Myopic} {Gap}"] = myopic.Gap,
            [$"{Myopic} {EffectiveSamples}"] = myopic.EffectiveSamples,
            ["training seconds"] = outcome.Seconds,
            ["parameters"] = filter.ParameterCount,
        };
        result.Units[Gap] = scores.Gaps;
        foreach (Figure figure in Figures(run.Arm, [(run.Arm, scores), (Bootstrap, bootstrap), (Myopic, myopic)], outcome)) result.Figures.Add(figure);
        if (learned.LogHeuristics is { } psi) foreach (Figure figure in Heuristics(test, psi, model.LogFuture(test))) result.Figures.Add(figure);
        return result;

        Scores Of(Guides guides) => Measure(model, test, guides, s.Particles, s.Repeats, draws);
    }

    /// <summary>Runs a filter over all sequences several times.</summary>
    public static Scores Measure(HiddenMarkov model, Sequences sequences, Guides guides, int particles, int repeats, Rng rng)
    {
        double[] exact = model.LogEvidence(sequences), gaps = new double[sequences.Count], overTime = new double[sequences.Length];
        double effective = 0;
        for (int r = 0; r < repeats; r++)
        {
            using MemoryScope scope = MemoryScope.Open();
            FilterPass pass = ParticleFilter.Run(model, sequences, guides, particles, rng.Split(r));
            double[] evidence = pass.LogEvidence(), sizes = pass.EffectiveSampleSizesOverTime();
            for (int b = 0; b < gaps.Length; b++) gaps[b] += (evidence[b] - exact[b]) / repeats;
            for (int t = 0; t < sizes.Length; t++) overTime[t] += sizes[t] / repeats;
            effective += sizes.Average() / repeats;
        }
        return new Scores([.. gaps.Select(gap => (float)gap)], effective, overTime);
    }

    private static IEnumerable<Figure> Figures(string arm, IReadOnlyList<(string Name, Scores Scores)> filters, TrainingOutcome outcome)
    {
        double[] times = [.. Enumerable.Range(1, filters[0].Scores.OverTime.Length).Select(t => (double)t)];
        yield return new LineChart($"Effective sample size over time, {arm}", "t", "ESS", [.. filters.Select(filter => new LineSeries(filter.Name, times, filter.Scores.OverTime))])
        { Caption = $"Before resampling. {Bootstrap}: the model's own transitions as proposals; {Myopic}: the best proposals that know no future observation." };
        yield return outcome.History.Chart($"ln p̂(x) − ln p(x) of other sequences while training, {arm}", "nats", Gap);
    }

    // One sequence: what the heuristics say of the future of each state, and what is right.
    private static IEnumerable<Figure> Heuristics(Sequences test, Tensor learned, Tensor exact)
    {
        (int length, int states) = (test.Length, learned.Shape[2]);
        yield return Of("What the learned heuristics say", learned);
        yield return Of("What is right: the probability of all later observations", exact);

        Heatmap Of(string title, Tensor log)
        {
            Tensor shares = log.Select(0, 0).Softmax(); // (T, M); a factor common to all states makes no difference
            double[,] values = new double[states, length];
            for (int j = 0; j < states; j++)
                for (int t = 0; t < length; t++) values[j, t] = Math.Round(shares[t, j], 2);
            return new Heatmap(title, "t", "state", [.. Enumerable.Range(1, length).Select(t => t.ToString(CultureInfo.InvariantCulture))],
                [.. Enumerable.Range(0, states).Select(j => string.Create(CultureInfo.InvariantCulture, $"mean {test.Means[0, j]:F1}"))], values)
            { Caption = "The first test sequence: ψ_t of each state, as a share of the sum over states." };
        }
    }
}
