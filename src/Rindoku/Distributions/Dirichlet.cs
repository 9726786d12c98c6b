using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Dirichlet distributions of K positive numbers that add up to 1: density <c>Π xₖ^(αₖ - 1) · Γ(Σα) / Π Γ(αₖ)</c>.</summary>
public sealed class Dirichlet : RealDistribution
{
    private readonly Tensor concentration;

    /// <summary>Dirichlet distributions with the given concentrations.</summary>
    /// <param name="concentration">α, (..., K), positive.</param>
    /// <exception cref="ShapeException">α is a scalar.</exception>
    /// <exception cref="ArgumentException">A concentration is not positive.</exception>
    public Dirichlet(Tensor concentration) : base(BatchOf(concentration), [concentration.Shape[^1]]) =>
        this.concentration = Positive(concentration, nameof(Dirichlet));

    /// <inheritdoc/>
    public override Tensor Mean => concentration / concentration.Sum([-1], keep: true);

    /// <inheritdoc/>
    public override Tensor Variance
    {
        get
        {
            Tensor sum = concentration.Sum([-1], keep: true);
            return concentration * (sum - concentration) / (sum.Square() * (sum + 1));
        }
    }

    /// <summary>True: samples have a first derivative by the concentrations; a second one throws.</summary>
    public override bool IsReparameterized => true;

    /// <inheritdoc/>
    /// <remarks>That the numbers add up to 1 is not checked.</remarks>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ShapeException.Require(value.Rank >= 1 && value.Shape[^1] == EventShape[0], $"Dirichlet: outcomes {value.Shape} for vectors of {EventShape[0]}");
        return Noise.TimesLog(concentration - 1, value).Sum([-1]) - LogNormalizer();
    }

    /// <inheritdoc/>
    public override Tensor Entropy()
    {
        Tensor sum = concentration.Sum([-1]);
        return LogNormalizer() + (sum - EventShape[0]) * sum.Digamma() - ((concentration - 1) * concentration.Digamma()).Sum([-1]);
    }

    /// <summary><c>log(Bq/Bp) + Σ (αp - αq) (ψ(αp) - ψ(Σαp))</c>.</summary>
    internal Tensor Divergence(Dirichlet q)
    {
        ShapeException.Require(EventShape == q.EventShape, $"Kl.Divergence: {this} of {EventShape[0]} numbers and {q} of {q.EventShape[0]}");
        Tensor expected = concentration.Digamma() - concentration.Sum([-1], keep: true).Digamma();
        return q.LogNormalizer() - LogNormalizer() + ((concentration - q.concentration) * expected).Sum([-1]);
    }

    // Gamma variables over their sum, by logarithms: with small concentrations all of them may be too small for a float.
    private protected override Tensor Draw(Rng rng, Shape shape) => Noise.LogGamma(rng, concentration, shape).Softmax();

    private Tensor LogNormalizer() => concentration.Lgamma().Sum([-1]) - concentration.Sum([-1]).Lgamma();

    private static Shape BatchOf(Tensor concentration)
    {
        ArgumentNullException.ThrowIfNull(concentration);
        ShapeException.Require(concentration.Rank >= 1, $"Dirichlet: concentration {concentration.Shape}: needs (..., K)");
        return concentration.Shape[..^1];
    }
}
