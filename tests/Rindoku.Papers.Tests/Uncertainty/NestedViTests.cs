using Rindoku.Autograd;
using Rindoku.Distributions;
using Rindoku.Lab;
using Rindoku.Ops;
using Rindoku.Papers.Uncertainty.NestedVi;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Uncertainty;

/// <summary>The exact checks of the paper's sheet, of its objectives and of annealing.</summary>
public sealed class NestedViTests
{
    [Theory]
    [InlineData(0, 0, -5.05675, -99.06529, -52.06102), InlineData(0, 10, -7.05675, -1.14473, -4.10074)]
    [InlineData(3, 4, -5.55675, -27.14978, -16.35327), InlineData(7, 7, -7.01675, -1.15483, -4.08579)]
    public void Densities_are_those_of_the_sheet(float x, float y, double broad, double ring, double between)
    {
        AnnealingPath path = new(densities: 3, learned: true);
        PathEnds ends = AnnealingPath.Ends(Tensor.Of(x, y).Reshape(1, 2));
        double[] logs = [.. Enumerable.Range(0, 3).Select(k => (double)path.LogDensity(k, ends, path.Betas()).Item())];
        Assert.Equal(broad, logs[0], 1e-5);
        Assert.Equal(ring, logs[2], 2e-5); // at 99 a float has 8e-6
        Assert.Equal(between, logs[1], 2e-5);
    }

    [Fact]
    public void The_ring_adds_up_to_eight()
    {
        const int cells = 300;
        Tensor grid = new Rindoku.Lab.Reports.PlaneArea(-15, 15, -15, 15).Grid(cells);
        double sum = AnnealingPath.Ends(grid).Ring.ToArray().Sum(log => Math.Exp(log)) * (30.0 / cells) * (30.0 / cells);
        Assert.Equal(8, sum, 1e-4);
        Assert.Equal(2.0794, AnnealingPath.LogConstant, 4);
    }

    [Fact]
    public void The_path_starts_with_equal_steps_keeps_its_order_and_has_nothing_to_learn_with_two_densities()
    {
        AnnealingPath path = new(densities: 5, learned: true);
        Close([0.25f, 0.5f, 0.75f, 1], path.Betas());
        Close([0.25f, 0.5f, 0.75f, 1], new AnnealingPath(densities: 5, learned: false).Betas());
        new Rng(1).Normal([4], 0, 3).Span.CopyTo(path.Parameters[0].Values);
        float[] betas = [0, .. path.Betas().ToArray()];
        for (int k = 1; k < betas.Length; k++) Assert.True(betas[k] > betas[k - 1]);
        Assert.Equal(1, betas[^1], 5);
        Assert.Equal(0, new AnnealingPath(densities: 2, learned: true).ParameterCount);
    }

    [Fact]
    public void With_two_densities_NVI_with_a_learned_path_is_NVI()
    {
        float[] losses = [.. new[] { true, false }.Select(learned => new NestedSampler(new(2, Nested: true, Resample: false, learned), new Rng(1)).Loss(16, new Rng(2)).Item())];
        Assert.Equal(losses[0], losses[1]);
    }

    [Theory, InlineData(0, 10, 0), InlineData(7, 7, 1), InlineData(10, 0.5, 2), InlineData(0, -10, 4), InlineData(-7, 7.5, 7), InlineData(0, 0, -1), InlineData(0, 12.1, -1)]
    public void The_mode_near_a_point(double x, double y, int expected) => Assert.Equal(expected, AnnealingPath.NearestMode(x, y));

    [Fact]
    public void A_kernel_starts_at_the_point_itself_with_variance_one()
    {
        NormalKernel kernel = new(50, new Rng(1));
        Tensor points = new Rng(2).Normal([6, 2], 0, 5);
        Normal given = kernel.Given(points);
        Check.Same(given.Mean, points);
        Close(Enumerable.Repeat(1f, 12), given.Variance);
        Assert.Equal(2 * 50 + 50 + 2 * (50 * 2 + 2), kernel.ParameterCount);
        Assert.Equal(-Math.Log(2 * Math.PI) - 0.5, NormalKernel.LogDensity(new Normal(Tensor.Of(1, 2).Reshape(1, 2), Tensor.Scalar(1)), Tensor.Of(1, 3).Reshape(1, 2)).Item(), 5);
    }

    [Fact]
    public void Weights_of_one_two_three_four()
    {
        Tensor logs = Tensor.Of(1, 2, 3, 4).Log();
        Assert.Equal(0.916291, ImportanceWeights.LogMean(logs.Span), 6);
        Assert.Equal(10.0 / 3, ImportanceWeights.EffectiveSampleSize(logs.Span), 5);
        Assert.Equal(7, ImportanceWeights.EffectiveSampleSize(Tensor.Full([7], -300).Span), 9);
        int[] chosen = new int[4];
        ImportanceWeights.Resample(logs.Span, 0.5, chosen);
        Assert.Equal([1, 2, 3, 3], chosen);
        Assert.Contains("cannot be normalised", Assert.Throws<LabException>(() => ImportanceWeights.LogMean([float.NaN, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("at least one weight", Assert.Throws<ShapeException>(() => ImportanceWeights.LogMean([])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resampling_chooses_each_as_often_as_its_weight_says()
    {
        Tensor logs = new Rng(1).Normal([9], 0, 2);
        float[] shares = logs.Softmax().ToArray();
        double[] counts = new double[9];
        int[] chosen = new int[9];
        const int times = 2000;
        for (int i = 0; i < times; i++)
        {
            ImportanceWeights.Resample(logs.Span, (i + 0.5) / times, chosen);
            foreach (int c in chosen) counts[c] += 1.0 / times;
            for (int p = 0; p < 9; p++) Assert.InRange(chosen.Count(c => c == p), Math.Floor(9 * shares[p]), Math.Ceiling(9 * shares[p]));
        }
        for (int p = 0; p < 9; p++) Assert.Equal(9 * shares[p], counts[p], 2e-3);
    }

    [Fact]
    public void The_discrete_chain_of_the_sheet_has_its_divergence_and_its_gradient()
    {
        // All four pairs (z0, z1), each with its probability as weight: expectations are exact.
        Parameter theta = new(Tensor.Of(0f));
        double[,] q = { { 0.8, 0.2 }, { 0.3, 0.7 } }, r = { { 0.6, 0.4 }, { 0.5, 0.5 } };
        double[] gamma1 = [2, 1];
        float[] logQ = [.. Pairs((z0, z1) => Math.Log(q[z0, z1]))], rest = [.. Pairs((z0, z1) => Math.Log(gamma1[z1] * r[z1, z0]))];
        Tensor gamma0 = Tensor.Of(0, 0, 1, 1) * theta; // ln γ_0(z0) = (0, θ)
        Tensor logV = Tensor.Of(rest) - gamma0 - Tensor.Of(logQ);
        Close([0.4055f, 0.9163f, 0.9808f, -0.3365f], logV, 4);

        Tensor before = Tensor.Of(logQ); // π_0 is uniform at θ = 0
        float[] weights = before.Softmax().ToArray();
        Assert.Equal(1.5, weights.Zip(logV.ToArray(), (w, v) => w * Math.Exp(v)).Sum(), 5);

        Tensor loss = NestedObjective.ReverseKl(before, logV, gamma0, Tensor.Zeros([4]));
        Assert.Equal(0.122291, loss.Item() + Math.Log(1.5), 5); // Z_1 / Z_0 = 3 / 2
        loss.Backward();
        Assert.Equal(0.112228, theta.Grad!.Item(), 5);

        // The same by differentiating the sum itself, with its probabilities.
        Parameter again = new(Tensor.Of(0f));
        Tensor log0 = (Tensor.Of(0, 1) * again).LogSoftmax().IndexSelect(0, IntTensor.Of(0, 0, 1, 1)) + Tensor.Of(logQ), log1 = Tensor.Of(rest) - MathF.Log(3);
        Tensor divergence = (log0.Exp() * (log0 - log1)).Sum();
        Assert.Equal(0.122291, divergence.Item(), 5);
        Assert.Equal(0.112228, Grad.Of(divergence, again).Item(), 5);
    }

    [Fact]
    public void Gradients_of_both_divergences_by_both_densities_and_the_proposal_are_those_of_the_exact_sums()
    {
        // Two states on either side; γ_0, γ_1 and q are free, r is fixed.
        Parameter g0 = new(Tensor.Of(0.3f, -0.5f)), g1 = new(Tensor.Of(-0.2f, 0.4f)), q = new(Tensor.Of(0.1f, 0.7f, -0.3f, 0.2f).Reshape(2, 2));
        IntTensor z0 = IntTensor.Of(0, 0, 1, 1), z1 = IntTensor.Of(0, 1, 0, 1);
        Tensor logR = Tensor.Of(0.6f, 0.5f, 0.4f, 0.5f).Log(); // r(z0|z1), in the order of the pairs
        Tensor LogQ() => q.LogSoftmax().Reshape([4]);
        Tensor Proposed() => g0.LogSoftmax().IndexSelect(0, z0) + LogQ();
        Tensor Wanted() => g1.LogSoftmax().IndexSelect(0, z1) + logR;
        Tensor logV = g1.IndexSelect(0, z1) + logR - g0.IndexSelect(0, z0) - LogQ(), before = Proposed().Detach();

        Tensor exact = (Proposed().Exp() * (Proposed() - Wanted())).Sum();
        // Discrete proposals cannot carry a gradient through samples, so q is left out of the reverse direction.
        Tensor surrogate = NestedObjective.ReverseKl(before, g1.IndexSelect(0, z1) + logR - g0.IndexSelect(0, z0) - LogQ().Detach(), g0.IndexSelect(0, z0), g1.IndexSelect(0, z1));
        Assert.Equal(exact.Item(), surrogate.Item() + (g1.LogSumExp() - g0.LogSumExp()).Item(), 5);
        Tensor[] expected = Grad.Of(exact, [g0, g1]), actual = Grad.Of(surrogate, [g0, g1]);
        for (int i = 0; i < 2; i++) Close(expected[i].ToArray(), actual[i]);

        exact = (Wanted().Exp() * (Wanted() - Proposed())).Sum();
        surrogate = NestedObjective.ForwardKl(before, logV, LogQ(), g0.IndexSelect(0, z0), g1.IndexSelect(0, z1));
        Assert.Equal(exact.Item(), surrogate.Item(), 5);
        (expected, actual) = (Grad.Of(exact, [g0, g1, q]), Grad.Of(surrogate, [g0, g1, q]));
        for (int i = 0; i < 3; i++) Close(expected[i].ToArray(), actual[i]);
    }

    [Fact]
    public void A_pair_in_detailed_balance_has_equal_weights_no_divergence_and_no_gradient()
    {
        // π_0 = N(0, 1), q = N(ρ z, 1 − ρ²) and r the same leave each other alone. Sticking the landing: 0 for every sample, not on average.
        const float rho = 0.6f;
        Parameter weight = new(Tensor.Scalar(rho)), deviation = new(Tensor.Scalar(MathF.Sqrt(1 - rho * rho)));
        Tensor z = new Rng(1).Normal([32]);
        Normal q = new(weight * z, deviation);
        Tensor next = q.RSample(new Rng(2));
        Tensor logV = Normal.Standard.LogProb(next) + new Normal(rho * next, deviation.Detach()).LogProb(z)
            - Normal.Standard.LogProb(z) - new Normal(q.Mean.Detach(), deviation.Detach()).LogProb(next);
        Close(Enumerable.Repeat(0f, 32), logV);
        Tensor loss = NestedObjective.ReverseKl(Tensor.Zeros([32]), logV, Normal.Standard.LogProb(z), Normal.Standard.LogProb(next.Detach()));
        Assert.Equal(0, loss.Item(), 6);
        Assert.All(Grad.Of(loss, [weight, deviation]), gradient => Assert.Equal(0, gradient.Item(), 5));
    }

    [Fact]
    public void With_a_random_walk_both_ways_the_increment_is_the_ratio_of_the_densities()
    {
        NestedSampler sampler = new(new(4, Nested: true, Resample: false, LearnPath: false), new Rng(1)); // kernels start as N(x, I)
        Passage passage = sampler.Sample(20, new Rng(2));
        foreach (PassageLevel level in passage.Levels) Close((level.LogNext - level.LogPrevious).ToArray(), level.LogIncrement, 3);
        Tensor sum = passage.Levels[0].LogIncrement + passage.Levels[1].LogIncrement + passage.Levels[2].LogIncrement;
        Check.Same(passage.LogWeights, sum);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Weights_are_proper_for_any_kernels_with_and_without_resampling(bool resample)
    {
        // A short chain, and kernels of variance 1/2, narrower than the density between: with wider ones the weights after resampling have no variance.
        NestedSampler sampler = new(new(3, Nested: true, Resample: resample, LearnPath: true), new Rng(1));
        foreach ((string name, Parameter parameter) in sampler.NamedParameters)
            if (name.EndsWith("spread.bias", StringComparison.Ordinal)) parameter.Values.Fill(MathF.Log(MathF.Exp(0.5f) - 1));
        using NoGrad recording = NoGrad.Enter();
        const int times = 80;
        double[] estimates = [.. Enumerable.Range(0, times).Select(i => Math.Exp(ImportanceWeights.LogMean(sampler.Sample(5000, new Rng(3).Split(i), resample).LogWeights.Span)))];
        double mean = estimates.Average(), error = Math.Sqrt(estimates.Sum(e => (e - mean) * (e - mean)) / (times * (times - 1)));
        Assert.InRange(error, 0, 0.15);
        Assert.InRange(mean, 8 - 3.5 * error, 8 + 3.5 * error);
    }

    [Fact]
    public void After_resampling_all_weights_are_the_mean_weight()
    {
        NestedSampler sampler = new(new(4, Nested: true, Resample: true, LearnPath: false), new Rng(1));
        Passage with = sampler.Sample(30, new Rng(2), resample: true), without = sampler.Sample(30, new Rng(2));
        Check.Same(with.Levels[0].LogIncrement, without.Levels[0].LogIncrement);
        float mean = (float)ImportanceWeights.LogMean(with.Levels[0].LogIncrement.Span);
        Check.Same(with.Levels[1].LogBefore, Tensor.Full([30], mean));
        Check.Same(without.Levels[1].LogBefore, without.Levels[0].LogIncrement.Detach());
        Assert.NotEqual(1, with.Levels[1].LogIncrement.ToArray().Distinct().Count());
    }

    [Fact]
    public void A_level_gives_no_gradient_to_those_before_it_and_AVO_differs_by_the_score_alone()
    {
        NestedSampler nested = new(new(3, Nested: true, Resample: false, LearnPath: false), new Rng(1));
        PassageLevel last = nested.Sample(8, new Rng(2)).Levels[1];
        last.LogIncrement.Sum().Backward();
        foreach ((string name, Parameter parameter) in nested.NamedParameters)
            Assert.Equal(name.StartsWith("forward1", StringComparison.Ordinal) || name.StartsWith("reverse1", StringComparison.Ordinal), parameter.Grad is not null);

        NestedSampler annealed = new(new(3, Nested: false, Resample: false, LearnPath: false), new Rng(1));
        annealed.Sample(8, new Rng(2)).Levels[1].LogIncrement.Sum().Backward();
        Parameter landed = Named(nested, "forward1.spread.bias"), plain = Named(annealed, "forward1.spread.bias");
        // ln q(z) of z = m + √v ε by v, with z moving along: −1 / 2v, and all of it is left out with the parameters detached; dv / db = softplus'(b).
        float slope = 1 - 1 / MathF.E, perSample = 0.5f * slope;
        float[] score = [.. plain.Grad!.ToArray().Zip(landed.Grad!.ToArray(), (a, b) => a - b)];
        Tensor z = annealed.Sample(8, new Rng(2)).Levels[1].Points, from = annealed.Sample(8, new Rng(2)).Levels[0].Points;
        float[] squares = (z - from).Square().Sum([0]).ToArray(); // Σ ε², for variances are 1 at first
        for (int i = 0; i < 2; i++) Assert.Equal(perSample * (8 - squares[i]), score[i], 3);
    }

    [Theory]
    [InlineData("nvi", "samples=6", "at least 8"), InlineData("avo", "learn-path=true", "AVO does not"), InlineData("nvi", "densities=1", "from 2 to 64"), InlineData("hmm-plain", "stay=1", "from 0.01 to 0.99")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string arm, string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new NestedViExperiment().Settings(Profile.Quick, arm, [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static Parameter Named(NestedSampler sampler, string name) => sampler.NamedParameters.Single(p => p.Name == name).Parameter;

    private static IEnumerable<float> Pairs(Func<int, int, double> value) => Enumerable.Range(0, 4).Select(i => (float)value(i / 2, i % 2));

    private static void Close(IEnumerable<float> expected, Tensor actual, int digits = 5)
    {
        float[] values = [.. expected];
        Assert.Equal(values.Length, actual.Length);
        for (int i = 0; i < values.Length; i++) Assert.Equal(values[i], actual.Span[i], digits);
    }
}
