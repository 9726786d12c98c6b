namespace Rindoku.Distributions;

/// <summary>Kullback-Leibler divergences in closed form.</summary>
public static class Kl
{
    /// <summary>How far p is from q, in nats: <c>KL(p ‖ q) = E_p[log p - log q]</c>.</summary>
    /// <param name="p">The distribution of which the expectation is taken.</param>
    /// <param name="q">A distribution of the same kind; the batches broadcast.</param>
    /// <returns>The divergences, of the shape that the batches broadcast to; ∞ where p can do what q cannot.</returns>
    /// <exception cref="NotSupportedException">The kinds differ: there is no closed form here.</exception>
    /// <exception cref="ShapeException">The batches do not broadcast, or the vectors have different sizes.</exception>
    public static Tensor Divergence(Distribution p, Distribution q)
    {
        ArgumentNullException.ThrowIfNull(p);
        ArgumentNullException.ThrowIfNull(q);
        return (p, q) switch
        {
            (Normal a, Normal b) => a.Divergence(b),
            (MultivariateNormal a, MultivariateNormal b) => a.Divergence(b),
            (Bernoulli a, Bernoulli b) => a.Divergence(b),
            (Categorical a, Categorical b) => a.Divergence(b),
            (Dirichlet a, Dirichlet b) => a.Divergence(b),
            (Beta a, Beta b) => a.Divergence(b),
            (Gamma a, Gamma b) => a.Divergence(b),
            (Laplace a, Laplace b) => a.Divergence(b),
            (Uniform a, Uniform b) => a.Divergence(b),
            (Gumbel a, Gumbel b) => a.Divergence(b),
            _ => throw new NotSupportedException($"Kl.Divergence: no closed form from {p} to {q}; estimate it as the mean of p.LogProb - q.LogProb over samples of p"),
        };
    }
}
