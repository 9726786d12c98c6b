using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>How uncertain a classifier is that gives a Dirichlet distribution over the class probabilities: evidential and prior networks, belief matching.</summary>
/// <remarks>
/// Two examples can have the same mean probabilities, one with much evidence for a toss-up and one with none: the sum of the
/// concentrations tells them apart. Source: Malinin and Gales 2018, arXiv:1802.10501, §3.
/// </remarks>
public static class DirichletUncertainty
{
    /// <summary>The evidence <c>α₀ = Σ_c α_c</c>, by example: the smaller, the less is known.</summary>
    /// <param name="concentrations">α, (n, classes), above 0.</param>
    /// <exception cref="ShapeException"><paramref name="concentrations"/> is not a matrix.</exception>
    public static float[] Evidence(Tensor concentrations) => Require(concentrations).Sum([1]).ToArray();

    /// <summary>
    /// The mutual information of the class and its probabilities, in nats: what could still be learned about them,
    /// <c>-Σ_c α_c / α₀ [ln(α_c / α₀) - ψ(α_c + 1) + ψ(α₀ + 1)]</c>; 0 where there is no end of evidence.
    /// </summary>
    /// <param name="concentrations">α, (n, classes), above 0.</param>
    /// <exception cref="ShapeException"><paramref name="concentrations"/> is not a matrix.</exception>
    public static float[] MutualInformation(Tensor concentrations)
    {
        Tensor alpha = Require(concentrations), sum = alpha.Sum([1], keep: true), mean = alpha / sum;
        Tensor information = (mean * ((alpha + 1).Digamma() - (sum + 1).Digamma() - mean.Log())).Sum([1]);
        return [.. information.ToArray().Select(v => Math.Max(0, v))]; // rounding may leave a hair below 0
    }

    private static Tensor Require(Tensor concentrations)
    {
        ArgumentNullException.ThrowIfNull(concentrations);
        ShapeException.Require(concentrations.Rank == 2, $"DirichletUncertainty: needs concentrations (n, classes), got {concentrations.Shape}");
        return concentrations;
    }
}
