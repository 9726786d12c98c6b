using Rindoku.Distributions;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Distributions;

public sealed class SamplingTests
{
    private const int Draws = 20_000;

    // Kolmogorov and Smirnov's statistic is below 1.95 / sqrt(n) in 99.9 % of right samplers; seeds are fixed.
    private static readonly double Critical = 1.95 / Math.Sqrt(Draws);

    public static TheoryData<string> Lines => ["normal", "laplace", "gumbel", "gamma", "gamma_one", "beta", "uniform"];

    [Theory, MemberData(nameof(Lines))]
    public void Samples_follow_the_density(string kind)
    {
        (RealDistribution distribution, double low, double high) = Line(kind);
        float[] samples = distribution.Sample(new Rng(seed: 11), [Draws]).ToArray();
        Array.Sort(samples);
        const int cells = 40_000;
        double width = (high - low) / cells, sum = 0;
        float[] density = distribution.LogProb(Tensor.Generate([cells], i => (float)(low + (i + 0.5) * width))).Exp().ToArray();
        int at = 0;
        for (int i = 0; i < cells; i++)
        {
            while (at < Draws && samples[at] < low + i * width) at++;
            Assert.True(Math.Abs(sum - (double)at / Draws) < Critical, $"{kind} at {low + i * width}: {(double)at / Draws} of the samples, expected {sum}");
            sum += density[i] * width;
        }
        Assert.Equal(1, sum, 3);
    }

    [Theory]
    [InlineData("normal"), InlineData("laplace"), InlineData("gumbel"), InlineData("gamma"), InlineData("gamma_small"), InlineData("beta")]
    [InlineData("beta_small"), InlineData("uniform"), InlineData("bernoulli"), InlineData("dirichlet"), InlineData("mvn"), InlineData("mvn_batch")]
    public void Samples_have_the_mean_and_variance(string kind)
    {
        RealDistribution distribution = Any(kind);
        Tensor x = distribution.Sample(new Rng(seed: 5), [Draws]);
        Tensor mean = x.Mean([0]), variance = (x - mean).Square().Mean([0]);
        float largest = MathF.Sqrt(distribution.Variance.Max().Item());
        // Some hundred means are compared: right samplers stay within 5.5 deviations in all but one of 100,000 runs of them all.
        Check.Close(mean, distribution.Mean, rtol: 0, atol: 5.5 * largest / Math.Sqrt(Draws), kind + " mean");
        Check.Close(variance, distribution.Variance, rtol: 0.12, atol: 1e-3, kind + " variance");
    }

    [Fact]
    public void Multivariate_samples_have_the_covariance()
    {
        MultivariateNormal distribution = (MultivariateNormal)Any("mvn");
        Tensor x = distribution.Sample(new Rng(seed: 6), [Draws]) - distribution.Mean;
        Check.Close(x.MatMul(x, transposeA: true) / Draws, distribution.Covariance, rtol: 0.05, atol: 0.05);
    }

    [Fact]
    public void Categorical_samples_have_the_frequencies()
    {
        Tensor logits = new Rng(seed: 3).Normal([2, 4]);
        Categorical distribution = new(logits);
        Tensor frequencies = distribution.Sample(new Rng(seed: 4), [Draws]).OneHot(4).Mean([0]);
        Check.Close(frequencies, distribution.Probabilities, rtol: 0, atol: 4.5 * 0.5 / Math.Sqrt(Draws));
    }

    [Theory]
    [InlineData("normal"), InlineData("laplace"), InlineData("gumbel"), InlineData("gamma"), InlineData("uniform")]
    public void Gradients_through_samples_are_those_of_the_mean(string kind)
    {
        // E[x] is the mean, so the gradient of the average sample estimates the gradient of the mean.
        Tensor p = Tensor.Of(1.5f).Tracked(), q = Tensor.Of(2.5f).Tracked();
        RealDistribution distribution = kind switch
        {
            "normal" => new Normal(p, q),
            "laplace" => new Laplace(p, q),
            "gumbel" => new Gumbel(p, q),
            "gamma" => new Gamma(p, q),
            _ => new Uniform(p, q),
        };
        Tensor[] estimated = Grad.Of(distribution.RSample(new Rng(seed: 8), [Draws]).Mean(), [p, q]);
        Tensor[] expected = Grad.Vjp(distribution.Mean, Tensor.Ones([1]), [p, q], allowUnused: true);
        for (int i = 0; i < 2; i++) Check.Close(estimated[i], expected[i], rtol: 0.02, atol: 0.05, $"{kind} by parameter {i}");
    }

    [Theory]
    [InlineData("beta"), InlineData("dirichlet")]
    public void Gradients_through_normalised_gamma_samples_are_those_of_the_mean(string kind)
    {
        Tensor p = Tensor.Of(0.8f, 2.5f).Tracked();
        RealDistribution distribution = kind == "beta" ? new Beta(p, p.Flip(0)) : new Dirichlet(p);
        Tensor weights = Tensor.Of(1, 3);
        Tensor estimated = Grad.Vjp(distribution.RSample(new Rng(seed: 9), [Draws]).Mean([0]), weights, [p])[0];
        Check.Close(estimated, Grad.Vjp(distribution.Mean, weights, [p])[0], rtol: 0.02, atol: 0.01);
    }

    [Fact]
    public void Second_derivatives_of_gamma_samples_are_refused_by_name()
    {
        Tensor a = Tensor.Of(2).Tracked();
        Tensor gradient = Grad.Of(new Gamma(a, Tensor.Of(1)).RSample(new Rng(1)).Sum(), a, createGraph: true);
        Assert.StartsWith("the derivative of a gamma sample has no gradient", Assert.Throws<NotSupportedException>(() => Grad.Of(gradient.Sum(), a)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sample_carries_no_gradient_and_draws_what_RSample_draws()
    {
        Normal distribution = new(Tensor.Zeros([3]).Tracked(), Tensor.Ones([3]));
        Tensor fixedDraw = distribution.Sample(new Rng(2), [4]), draw = distribution.RSample(new Rng(2), [4]);
        Assert.False(fixedDraw.RequiresGrad);
        Assert.True(draw.RequiresGrad);
        Check.Same(fixedDraw, draw);
        Assert.Equal<Shape>([4, 3], draw.Shape);
        Assert.Equal<Shape>([0, 3], distribution.Sample(new Rng(2), [0]).Shape);
        Assert.Throws<NotSupportedException>(() => new Bernoulli(Tensor.Zeros([1])).RSample(new Rng(2)));
    }

    [Fact]
    public void Gumbel_softmax_is_soft_or_one_hot_with_the_soft_gradient()
    {
        Tensor logits = new Rng(seed: 3).Normal([5, 4]).Tracked(), weights = new Rng(seed: 4).Normal([5, 4]);
        Tensor soft = GumbelSoftmax.RSample(logits, 0.7f, new Rng(seed: 5)), hard = GumbelSoftmax.RSample(logits, 0.7f, new Rng(seed: 5), straightThrough: true);
        Check.Close(soft.Sum([-1]), Tensor.Ones([5]));
        Assert.All(hard.ToArray(), value => Assert.True(value is 0 or 1));
        Check.Same(hard, soft.ArgMax(-1).OneHot(4));
        Check.Same(Grad.Vjp(hard, weights, [logits])[0], Grad.Vjp(soft, weights, [logits])[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => GumbelSoftmax.RSample(logits, 0, new Rng(1)));
    }

    [Fact]
    public void Gumbel_softmax_chooses_classes_by_their_probability()
    {
        Tensor logits = Tensor.Of(0, 1, 2);
        Tensor frequencies = GumbelSoftmax.RSample(logits.Expand([Draws, 3]), 1, new Rng(seed: 7), straightThrough: true).Mean([0]);
        Check.Close(frequencies, logits.Softmax(), rtol: 0, atol: 4.5 * 0.5 / Math.Sqrt(Draws));
    }

    private static (RealDistribution, double Low, double High) Line(string kind) => kind switch
    {
        "normal" => (Any(kind), -20, 20),
        "laplace" => (Any(kind), -30, 30),
        "gumbel" => (Any(kind), -10, 40),
        "gamma" => (Any(kind), 0, 40),
        "gamma_one" => (new Gamma(Tensor.Scalar(1), Tensor.Scalar(2)), 0, 20),
        "beta" => (Any(kind), 0, 1),
        _ => (Any(kind), -3, 4),
    };

    private static RealDistribution Any(string kind) => kind switch
    {
        "normal" => new Normal(Tensor.Scalar(1), Tensor.Scalar(2)),
        "laplace" => new Laplace(Tensor.Scalar(1), Tensor.Scalar(1.5f)),
        "gumbel" => new Gumbel(Tensor.Scalar(1), Tensor.Scalar(2)),
        "gamma" => new Gamma(Tensor.Scalar(2.5f), Tensor.Scalar(0.7f)),
        "gamma_small" => new Gamma(Tensor.Scalar(0.3f), Tensor.Scalar(2)),
        "beta" => new Beta(Tensor.Scalar(2), Tensor.Scalar(3.5f)),
        "beta_small" => new Beta(Tensor.Scalar(0.02f), Tensor.Scalar(0.05f)),
        "uniform" => new Uniform(Tensor.Scalar(-1), Tensor.Scalar(2)),
        "bernoulli" => new Bernoulli(Tensor.Of(-2, 0, 1)),
        "dirichlet" => new Dirichlet(Tensor.Of(0.001f, 0.5f, 2)),
        "mvn" => new MultivariateNormal(Tensor.Of(1, -1), Tensor.From([1, 9, 0.5f, 2], [2, 2])),
        _ => new MultivariateNormal(Tensor.Zeros([3, 1, 2]), Tensor.From([1, 0, 0.5f, 2, 2, 0, -1, 0.5f], [2, 2, 2])),
    };
}
