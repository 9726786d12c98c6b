using Rindoku.Ops;
using Rindoku.Papers.Uncertainty.NestedVi;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Uncertainty;

/// <summary>The exact checks of the hidden Markov model and its filters.</summary>
public sealed class NestedViFilterTests
{
    private static readonly HiddenMarkov Model = new(states: 3, stay: 0.8, spread: 3, deviation: 1.5);
    private static readonly Sequences Short = Model.Draw(count: 5, length: 4, new Rng(1));

    [Fact]
    public void Forward_and_backward_algorithm_give_the_sum_over_all_paths()
    {
        double[] evidence = Model.LogEvidence(Short);
        Tensor future = Model.LogFuture(Short);
        for (int b = 0; b < Short.Count; b++)
        {
            double sum = 0, backward = 0;
            for (int path = 0; path < 81; path++)
            {
                int[] z = [path / 27, path / 9 % 3, path / 3 % 3, path % 3];
                double log = -Math.Log(3);
                for (int t = 0; t < 4; t++)
                {
                    double x = (Short.Observations[b, t] - Short.Means[b, z[t]]) / 1.5;
                    log += -x * x / 2 - Math.Log(1.5 * Math.Sqrt(2 * Math.PI)) + (t == 0 ? 0 : Math.Log(z[t] == z[t - 1] ? 0.8 : 0.1));
                }
                sum += Math.Exp(log);
            }
            for (int j = 0; j < 3; j++) backward += Math.Exp(Short.LogEmissions[b, 0, j] + future[b, 0, j]) / 3;
            Assert.Equal(Math.Log(sum), evidence[b], 1e-5);
            Assert.Equal(evidence[b], Math.Log(backward), 1e-4);
        }
        Check.Same(future.Select(1, 3), Tensor.Zeros([5, 3]));
    }

    [Fact]
    public void Sequences_stay_and_move_as_often_as_they_should()
    {
        Sequences many = Model.Draw(count: 400, length: 50, new Rng(2));
        int stayed = 0, first = 0;
        for (int b = 0; b < 400; b++)
        {
            if (many.States[b * 50] == 0) first++;
            for (int t = 1; t < 50; t++)
                if (many.States[b * 50 + t] == many.States[b * 50 + t - 1]) stayed++;
        }
        Assert.Equal(0.8, stayed / (400.0 * 49), 0.012);
        Assert.Equal(1.0 / 3, first / 400.0, 0.08);
        double squares = 0;
        for (int i = 0; i < 400 * 50; i++) squares += Math.Pow(many.Observations.Span[i] - many.Means[i / 50, many.States[i]], 2) / (400 * 50);
        Assert.Equal(1.5 * 1.5, squares, 0.1);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(10)]
    public void With_the_exact_future_every_increment_after_the_first_is_one_and_all_weights_are_the_evidence(int particles)
    {
        Tensor future = Model.LogFuture(Short);
        FilterPass pass = ParticleFilter.Run(Model, Short, new Guides(future, Model.BestProposals(Short, future)), particles, new Rng(3));
        double[] exact = Model.LogEvidence(Short), estimate = pass.LogEvidence();
        for (int b = 0; b < Short.Count; b++)
        {
            for (int t = 0; t < 4; t++)
                for (int s = 0; s < particles; s++) Assert.Equal(t == 0 ? exact[b] : 0, pass.LogIncrement[b, t, s], 1e-5);
            Assert.Equal(exact[b], estimate[b], 1e-4);
        }
        Assert.All(pass.EffectiveSampleSizes(), size => Assert.Equal(particles, size, 1e-4));
        Assert.All(pass.EffectiveSampleSizesOverTime(), size => Assert.Equal(particles, size, 1e-4));
    }

    [Fact]
    public void Estimates_are_unbiased_for_any_heuristics_and_proposals()
    {
        const int repeats = 4000;
        Tensor psi = Tensor.Concat([new Rng(4).Normal([5, 3, 3]), Tensor.Zeros([5, 1, 3])], axis: 1);
        Guides[] all = [Guides.Bootstrap(Model, Short), new(null, Model.BestProposals(Short)), new(psi, Model.BestProposals(Short, new Rng(5).Normal([5, 4, 3]) * 0.5f))];
        double[] exact = Model.LogEvidence(Short);
        foreach (Guides guides in all)
        {
            double[] sums = new double[5], squares = new double[5];
            for (int r = 0; r < repeats; r++)
            {
                double[] estimate = ParticleFilter.Run(Model, Short, guides, particles: 8, new Rng(6).Split(r)).LogEvidence();
                for (int b = 0; b < 5; b++)
                {
                    double ratio = Math.Exp(estimate[b] - exact[b]);
                    sums[b] += ratio / repeats;
                    squares[b] += ratio * ratio / repeats;
                }
            }
            for (int b = 0; b < 5; b++)
            {
                double error = Math.Sqrt((squares[b] - sums[b] * sums[b]) / repeats);
                Assert.InRange(error, 0, 0.05);
                Assert.InRange(sums[b], 1 - 4 * error - 1e-5, 1 + 4 * error + 1e-5);
            }
        }
    }

    [Fact]
    public void A_pass_holds_together()
    {
        FilterPass pass = ParticleFilter.Run(Model, Short, Guides.Bootstrap(Model, Short), particles: 6, new Rng(7));
        for (int i = 0; i < pass.Current.Length; i++)
        {
            int step = i / 6, t = step % 4;
            Assert.InRange(pass.Current[i], 0, 2);
            if (t == 0) Assert.Equal(3, pass.Previous[i]);
            else Assert.Contains(pass.Previous[i], pass.Current.ToArray()[((step - 1) * 6)..(step * 6)]);
            Assert.Equal(Short.LogEmissions[step / 4, t, pass.Current[i]], pass.LogIncrement.Span[i], 5); // of the bootstrap filter
        }
    }

    [Fact]
    public void An_untrained_filter_looks_ahead_nowhere_and_the_last_heuristic_stays_one()
    {
        LearnedFilter filter = new(Model, withHeuristics: true, units: 8, new Rng(1));
        Check.Same(filter.Guides(Short).LogHeuristics!, Tensor.Zeros([5, 4, 3]));
        foreach ((_, Parameter parameter) in filter.NamedParameters) new Rng(2).Normal(parameter.Shape).Span.CopyTo(parameter.Values);
        Guides guides = filter.Guides(Short);
        Check.Same(guides.LogHeuristics!.Select(1, 3), Tensor.Zeros([5, 3]));
        Assert.Equal([5, 4, 4, 3], guides.LogProposals.Shape);
        foreach (float sum in guides.LogProposals.LogSumExp([-1]).ToArray()) Assert.Equal(0, sum, 5);
        Assert.Null(new LearnedFilter(Model, withHeuristics: false, units: 8, new Rng(1)).Guides(Short).LogHeuristics);
    }

    [Fact]
    public void Heuristics_know_what_is_to_come_and_nothing_else()
    {
        LearnedFilter filter = new(Model, withHeuristics: true, units: 8, new Rng(1));
        foreach ((_, Parameter parameter) in filter.NamedParameters) new Rng(2).Normal(parameter.Shape).Span.CopyTo(parameter.Values);
        float[] changed = Short.LogEmissions.ToArray();
        for (int b = 0; b < 5; b++) changed[(b * 4 + 1) * 3] += 2; // the observation at the second time
        Guides before = filter.Guides(Short), after = filter.Guides(Short with { LogEmissions = Tensor.Own(changed, [5, 4, 3]) });
        Assert.NotEqual(before.LogHeuristics!.Select(1, 0).ToArray(), after.LogHeuristics!.Select(1, 0).ToArray());
        Check.Same(after.LogHeuristics!.Slice(1, 1..), before.LogHeuristics!.Slice(1, 1..));
        Assert.NotEqual(before.LogProposals.Select(1, 1).ToArray(), after.LogProposals.Select(1, 1).ToArray());
        Check.Same(after.LogProposals.Slice(1, 2..), before.LogProposals.Slice(1, 2..));
    }

    [Fact]
    public void Guides_of_another_shape_are_refused() =>
        Assert.Contains("they must be (5, 4, 4, 3)",
            Assert.Throws<ShapeException>(() => ParticleFilter.Run(Model, Short, new Guides(null, Tensor.Zeros([5, 4, 3, 3])), 2, new Rng(1))).Message, StringComparison.Ordinal);
}
