using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Yes or no, 1 or 0: 1 with probability <c>p = σ(logit)</c>.</summary>
public sealed class Bernoulli : RealDistribution
{
    /// <summary>Distributions by the logits of the probability of 1.</summary>
    /// <param name="logits">log(p / (1 - p)), finite.</param>
    /// <exception cref="ArgumentException">A logit is not finite.</exception>
    public Bernoulli(Tensor logits) : base(Finite(logits, nameof(Bernoulli)).Shape, Shape.Scalar) => Logits = logits;

    /// <summary>Distributions by the probability of 1, between 0 and 1, both excluded.</summary>
    /// <exception cref="ArgumentException">A probability is not between 0 and 1.</exception>
    public static Bernoulli FromProbabilities(Tensor probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        return new Bernoulli(probabilities.Log() - (1 - probabilities).Log());
    }

    /// <summary>The logits of the probability of 1.</summary>
    public Tensor Logits { get; }

    /// <summary>The probabilities of 1.</summary>
    public override Tensor Mean => Logits.Sigmoid();

    /// <inheritdoc/>
    public override Tensor Variance => Logits.Sigmoid() * (-Logits).Sigmoid();

    /// <inheritdoc/>
    public override bool IsReparameterized => false;

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Tensor y = value * Logits.LogSigmoid() + (1 - value) * (-Logits).LogSigmoid();
        return Tensor.Where(value.NotEqual(0).LogicalAnd(value.NotEqual(1)), float.NegativeInfinity, y);
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => -(Logits.Sigmoid() * Logits.LogSigmoid() + (-Logits).Sigmoid() * (-Logits).LogSigmoid());

    /// <summary><c>p log(p/q) + (1 - p) log((1 - p)/(1 - q))</c>.</summary>
    internal Tensor Divergence(Bernoulli q) =>
        Logits.Sigmoid() * (Logits.LogSigmoid() - q.Logits.LogSigmoid()) + (-Logits).Sigmoid() * ((-Logits).LogSigmoid() - (-q.Logits).LogSigmoid());

    private protected override Tensor Draw(Rng rng, Shape shape) => rng.Uniform(shape).Less(Logits.Sigmoid().Detach().Expand(shape));
}
