using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Gamma distributions: density <c>βᵅ xᵅ⁻¹ e⁻ᵝˣ / Γ(α)</c> for x &gt; 0.</summary>
public sealed class Gamma : RealDistribution
{
    private readonly Tensor concentration, rate;

    /// <summary>Gamma distributions with the given concentrations and rates, whose shapes broadcast.</summary>
    /// <param name="concentration">α, positive.</param>
    /// <param name="rate">β, positive.</param>
    /// <exception cref="ArgumentException">A parameter has a value that it must not have.</exception>
    public Gamma(Tensor concentration, Tensor rate)
        : base(Shape.Broadcast(Positive(concentration, nameof(Gamma)).Shape, Positive(rate, nameof(Gamma)).Shape, nameof(Gamma)), Shape.Scalar) =>
        (this.concentration, this.rate) = (concentration, rate);

    /// <inheritdoc/>
    public override Tensor Mean => concentration / rate;

    /// <inheritdoc/>
    public override Tensor Variance => concentration / rate.Square();

    /// <summary>True: samples have a first derivative by the parameters; a second one by the concentration throws.</summary>
    public override bool IsReparameterized => true;

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return concentration * rate.Log() + Noise.TimesLog(concentration - 1, value) - rate * value - concentration.Lgamma();
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => concentration - rate.Log() + concentration.Lgamma() + (1 - concentration) * concentration.Digamma();

    /// <summary><c>(αp - αq) ψ(αp) - log Γ(αp) + log Γ(αq) + αq log(βp/βq) + αp (βq - βp) / βp</c>.</summary>
    internal Tensor Divergence(Gamma q) =>
        (concentration - q.concentration) * concentration.Digamma() - concentration.Lgamma() + q.concentration.Lgamma()
        + q.concentration * (rate / q.rate).Log() + concentration * (q.rate - rate) / rate;

    // A draw below the smallest float would be 0, whose density is not finite.
    private protected override Tensor Draw(Rng rng, Shape shape) => Noise.LogGamma(rng, concentration, shape).Maximum(-87).Exp() / rate;
}
