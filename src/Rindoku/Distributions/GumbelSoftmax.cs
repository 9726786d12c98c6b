using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Draws of classes through which gradients flow: the Gumbel-softmax, or concrete, relaxation.</summary>
public static class GumbelSoftmax
{
    /// <summary>A draw: <c>y = softmax((logits + g) / τ)</c> with standard Gumbel noise g.</summary>
    /// <param name="logits">(..., K), unnormalised log-probabilities.</param>
    /// <param name="temperature">τ, positive: towards 0 draws become one-hot and gradients noisy.</param>
    /// <param name="rng">The source of randomness.</param>
    /// <param name="straightThrough">Whether the result is one-hot, with the gradient of the soft draw.</param>
    /// <returns>(..., K), adding up to 1 over the last axis.</returns>
    /// <exception cref="ShapeException">There are no classes.</exception>
    /// <remarks>Sources: Jang, Gu and Poole 2016, arXiv:1611.01144; Maddison, Mnih and Teh 2016, arXiv:1611.00712.</remarks>
    public static Tensor RSample(Tensor logits, float temperature, Rng rng, bool straightThrough = false)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        ShapeException.Require(logits.Rank >= 1 && logits.Shape[^1] > 0, $"GumbelSoftmax: logits {logits.Shape}: needs (..., classes) with at least one class");
        Tensor soft = ((logits + Gumbel.Standard(rng, logits.Shape)) / temperature).Softmax();
        return straightThrough ? Tensor.StraightThrough(soft.Detach().ArgMax(-1).OneHot(logits.Shape[^1]), soft) : soft;
    }
}
