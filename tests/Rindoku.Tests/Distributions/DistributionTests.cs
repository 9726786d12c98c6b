using Rindoku.Distributions;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Distributions;

public sealed class DistributionTests
{
    private static readonly Golden Golden = Golden.Family("distributions");

    public static TheoryData<string> Kinds => ["normal", "laplace", "gumbel", "gamma", "beta", "dirichlet", "bernoulli", "mvn", "mvn_batch", "mvn_one"];

    [Theory, MemberData(nameof(Kinds))]
    public void LogProb_matches_PyTorch(string kind) => Matches(kind + "_log_prob", x => Make(kind, x[1..]).LogProb(x[0]));

    [Theory, MemberData(nameof(Kinds))]
    public void Entropy_matches_PyTorch(string kind) => Matches(kind + "_entropy", x => Make(kind, x).Entropy());

    [Theory, MemberData(nameof(Kinds))]
    public void Kl_matches_PyTorch(string kind) =>
        Matches(kind + "_kl", x => Kl.Divergence(Make(kind, x[..(x.Length / 2)]), Make(kind, x[(x.Length / 2)..])));

    [Theory, MemberData(nameof(Kinds))]
    public void Mean_and_variance_match_PyTorch(string kind) => Matches(kind + "_moments", x => Make(kind, x).Mean + Make(kind, x).Variance);

    [Fact]
    public void Categorical_log_prob_matches_PyTorch() =>
        Golden.Check("categorical_log_prob", l => new Categorical(l).LogProb(Golden.Integers("categorical_log_prob", "in1")));
    [Fact] public void Categorical_entropy_matches_PyTorch() => Golden.Check("categorical_entropy", l => new Categorical(l).Entropy());
    [Fact] public void Categorical_kl_matches_PyTorch() => Golden.Check("categorical_kl", (p, q) => Kl.Divergence(new Categorical(p), new Categorical(q)));
    [Fact] public void Uniform_log_prob_matches_PyTorch() => Golden.Check("uniform_log_prob", (x, p) => new Uniform(p - 0.5f, p + 1.5f).LogProb(x));
    [Fact] public void Uniform_entropy_matches_PyTorch() => Golden.Check("uniform_entropy", p => new Uniform(p, 3 * p).Entropy());
    [Fact]
    public void Uniform_kl_matches_PyTorch() =>
        Golden.Check("uniform_kl", (p, q) => Kl.Divergence(new Uniform(p, 2 * p), new Uniform(p / 2, 3 * q + 6)));

    [Fact]
    public void Outcomes_outside_the_support_have_log_probability_minus_infinity()
    {
        Tensor one = Tensor.Scalar(1), two = Tensor.Scalar(2), none = Tensor.Of(float.NegativeInfinity);
        Check.Same(new Gamma(two, one).LogProb(Tensor.Of(-1)), none);
        Check.Same(new Beta(two, two).LogProb(Tensor.Of(1.5f)), none);
        Check.Same(new Uniform(one, two).LogProb(Tensor.Of(2)), none);
        Check.Same(new Bernoulli(one).LogProb(Tensor.Of(0.5f)), none);
        Check.Close(new Beta(one, one).LogProb(Tensor.Of(0, 1)), Tensor.Of(0, 0)); // on the border the density is 1
        Check.Same(Kl.Divergence(new Uniform(Tensor.Of(0), two), new Uniform(Tensor.Of(1), two)), Tensor.Of(float.PositiveInfinity));
    }

    [Fact]
    public void Classes_that_cannot_happen_do_not_disturb()
    {
        Categorical sure = new(Tensor.Of(float.NegativeInfinity, 3, float.NegativeInfinity)), even = new(Tensor.Zeros([3]));
        Assert.Equal(0, sure.Entropy().Item());
        Check.Close(Kl.Divergence(sure, even), Tensor.Scalar(MathF.Log(3)));
        Assert.Equal(float.PositiveInfinity, Kl.Divergence(even, sure).Item());
        Assert.All(sure.Sample(new Rng(1), [100]).ToArray(), k => Assert.Equal(1, k));
    }

    [Fact]
    public void Gradients_of_gamma_samples_match_PyTorch()
    {
        Tensor alpha = Golden["gamma_slope", "alpha"], logs = Golden["gamma_slope", "log"], slopes = Golden["gamma_slope", "slope"];
        for (int i = 0; i < alpha.Length; i++)
        {
            double slope = GammaSampling.LogSlope(alpha.Span[i], logs.Span[i]);
            Assert.True(Math.Abs(slope - slopes.Span[i]) <= 3e-3 * Math.Abs(slopes.Span[i]), $"concentration {alpha.Span[i]}, log {logs.Span[i]}: {slope}, PyTorch {slopes.Span[i]}");
        }
    }

    [Fact]
    public void Divergence_between_kinds_is_refused_by_name()
    {
        var error = Assert.Throws<NotSupportedException>(() => Kl.Divergence(Normal.Standard, new Laplace(Tensor.Zeros([2]), Tensor.Ones([2]))));
        Assert.Equal("Kl.Divergence: no closed form from Normal() to Laplace(2); estimate it as the mean of p.LogProb - q.LogProb over samples of p", error.Message);
    }

    [Fact]
    public void Parameters_that_make_no_sense_are_refused_with_the_place()
    {
        Tensor bad = Tensor.Of(1, -2), good = Tensor.Of(1, 2);
        Assert.StartsWith("Normal: deviation (2) must be positive and finite, got -2 at place 1", Assert.Throws<ArgumentException>(() => new Normal(good, bad)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Gamma: concentration (2) must be positive and finite", Assert.Throws<ArgumentException>(() => new Gamma(bad, good)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Uniform: high - low (2) must be positive and finite, got 0 at place 0", Assert.Throws<ArgumentException>(() => new Uniform(good, bad)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Bernoulli: logits () must be finite, got NaN", Assert.Throws<ArgumentException>(() => new Bernoulli(Tensor.Scalar(float.NaN))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Categorical(Tensor.Of(float.NegativeInfinity, float.NegativeInfinity)));
        Assert.Throws<ArgumentException>(() => new MultivariateNormal(Tensor.Zeros([2]), Tensor.Zeros([2, 2])));
        var shapes = Assert.Throws<ShapeException>(() => new MultivariateNormal(Tensor.Zeros([2]), Tensor.Eye(3)));
        Assert.Equal("MultivariateNormal: mean (2) and factor (3, 3): needs (..., d) and (..., d, d)", shapes.Message);
        Assert.Throws<ShapeException>(() => new Normal(Tensor.Zeros([2]), Tensor.Ones([3])));
    }

    private static void Matches(string name, Func<Tensor[], Tensor> f) => Golden.Check(name, f, rtol: 5e-4, atol: 1e-4);

    private static RealDistribution Make(string kind, Tensor[] p) => kind switch
    {
        "normal" => new Normal(p[0], p[1]),
        "laplace" => new Laplace(p[0], p[1]),
        "gumbel" => new Gumbel(p[0], p[1]),
        "gamma" => new Gamma(p[0], p[1]),
        "beta" => new Beta(p[0], p[1]),
        "dirichlet" => new Dirichlet(p[0]),
        "bernoulli" => new Bernoulli(p[0]),
        _ => new MultivariateNormal(p[0], p[1].Tril(-1) + p[1].Diagonal().Exp().DiagEmbed()),
    };
}
