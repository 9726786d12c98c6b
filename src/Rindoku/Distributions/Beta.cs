using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Beta distributions: density <c>xᵅ⁻¹ (1 - x)ᵝ⁻¹ / B(α, β)</c> for x between 0 and 1.</summary>
public sealed class Beta : RealDistribution
{
    private readonly Tensor alpha, beta;

    /// <summary>Beta distributions with the given parameters, whose shapes broadcast.</summary>
    /// <param name="alpha">α, positive.</param>
    /// <param name="beta">β, positive.</param>
    /// <exception cref="ArgumentException">A parameter has a value that it must not have.</exception>
    public Beta(Tensor alpha, Tensor beta)
        : base(Shape.Broadcast(Positive(alpha, nameof(Beta)).Shape, Positive(beta, nameof(Beta)).Shape, nameof(Beta)), Shape.Scalar) =>
        (this.alpha, this.beta) = (alpha, beta);

    /// <inheritdoc/>
    public override Tensor Mean => alpha / (alpha + beta);

    /// <inheritdoc/>
    public override Tensor Variance
    {
        get
        {
            Tensor sum = alpha + beta;
            return alpha * beta / (sum.Square() * (sum + 1));
        }
    }

    /// <summary>True: samples have a first derivative by the parameters; a second one throws.</summary>
    public override bool IsReparameterized => true;

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Noise.TimesLog(alpha - 1, value) + Noise.TimesLog(beta - 1, 1 - value) - LogBeta();
    }

    /// <inheritdoc/>
    public override Tensor Entropy()
    {
        Tensor sum = alpha + beta;
        return LogBeta() - (alpha - 1) * alpha.Digamma() - (beta - 1) * beta.Digamma() + (sum - 2) * sum.Digamma();
    }

    /// <summary><c>log(Bq/Bp) + (αp - αq) ψ(αp) + (βp - βq) ψ(βp) - (αp - αq + βp - βq) ψ(αp + βp)</c>.</summary>
    internal Tensor Divergence(Beta q)
    {
        Tensor a = alpha - q.alpha, b = beta - q.beta;
        return q.LogBeta() - LogBeta() + a * alpha.Digamma() + b * beta.Digamma() - (a + b) * (alpha + beta).Digamma();
    }

    // x = g / (g + h) for two gamma variables.
    private protected override Tensor Draw(Rng rng, Shape shape) =>
        (Noise.LogGamma(rng, alpha, shape) - Noise.LogGamma(rng, beta, shape)).Sigmoid();

    private Tensor LogBeta() => alpha.Lgamma() + beta.Lgamma() - (alpha + beta).Lgamma();
}
