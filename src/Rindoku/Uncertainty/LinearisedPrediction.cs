using Rindoku.Distributions;
using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>Outputs of a linearised network: normal, for each example.</summary>
/// <param name="Mean">What the network gives, (n, C).</param>
/// <param name="Covariance"><c>J Σ Jᵀ</c>, (n, C, C): the spread that comes from not knowing the weights. The noise of observations is not in it.</param>
public sealed record LinearisedPrediction(Tensor Mean, Tensor Covariance)
{
    // So much of the mean variance is added to all, that rounding leaves a covariance positive definite.
    private const float Ridge = 1e-5f;

    /// <summary>The variances of the outputs, (n, C); none below 0.</summary>
    public Tensor Variance => Covariance.Diagonal().Relu();

    /// <summary>The probabilities of classes, (n, C): the softmax of each logit over <c>√(1 + π/8 · variance)</c>.</summary>
    /// <remarks>
    /// For two classes it is the usual approximation of the mean of a sigmoid by a probit. Source: MacKay 1992, "The evidence framework
    /// applied to classification networks", equation 10.
    /// </remarks>
    public Tensor Probit() => (Mean / (Variance * (float)(Math.PI / 8) + 1).Sqrt()).Softmax(1);

    /// <summary>The probabilities of classes, (n, C): the mean of the softmax over logits that are drawn.</summary>
    /// <param name="rng">The source of randomness.</param>
    /// <param name="samples">How many are drawn for each example.</param>
    public Tensor Sampled(Rng rng, int samples = 100)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        int c = Mean.Shape[1];
        Tensor ridge = Variance.Mean([1]).Reshape(-1, 1, 1) * Ridge + 1e-12f;
        Tensor logits = MultivariateNormal.FromCovariance(Mean, Covariance + ridge * Tensor.Eye(c)).Sample(rng, [samples]);
        return logits.Softmax(2).Mean([0]);
    }

    /// <summary>The log-densities of numbers with normal noise, ln N(y; mean, variance + σ²), in nats, added up over the outputs: (n).</summary>
    /// <param name="targets">y, (n, C).</param>
    /// <param name="noise">σ, above 0.</param>
    /// <exception cref="ShapeException">The targets are not (n, C).</exception>
    public float[] LogDensities(Tensor targets, double noise)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(noise);
        ShapeException.Require(targets.Shape == Mean.Shape, $"LinearisedPrediction: targets {targets.Shape} for outputs {Mean.Shape}");
        return [.. new Normal(Mean, (Variance + (float)(noise * noise)).Sqrt()).LogProb(targets).Sum([1]).Span];
    }
}
