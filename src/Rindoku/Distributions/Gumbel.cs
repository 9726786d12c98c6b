using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Gumbel distributions, of maxima: density <c>exp(-(z + e⁻ᶻ)) / β</c> with <c>z = (x - μ) / β</c>.</summary>
public sealed class Gumbel : RealDistribution
{
    private readonly Tensor location, scale;

    /// <summary>Gumbel distributions with the given locations and scales, whose shapes broadcast.</summary>
    /// <param name="location">μ, the mode, finite.</param>
    /// <param name="scale">β, positive.</param>
    /// <exception cref="ArgumentException">A parameter has a value that it must not have.</exception>
    public Gumbel(Tensor location, Tensor scale)
        : base(Shape.Broadcast(Finite(location, nameof(Gumbel)).Shape, Positive(scale, nameof(Gumbel)).Shape, nameof(Gumbel)), Shape.Scalar) =>
        (this.location, this.scale) = (location, scale);

    /// <inheritdoc/>
    public override Tensor Mean => location + scale * Noise.Euler;

    /// <inheritdoc/>
    public override Tensor Variance => (scale.Square() * (MathF.PI * MathF.PI / 6)).Expand(BatchShape);

    /// <inheritdoc/>
    public override bool IsReparameterized => true;

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Tensor z = (value - location) / scale;
        return -(z + (-z).Exp()) - scale.Log();
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => (scale.Log() + (1 + Noise.Euler)).Expand(BatchShape);

    /// <summary><c>log(βq/βp) + (μp - μq)/βq + γ (βp/βq - 1) - 1 + exp((μq - μp)/βq) Γ(1 + βp/βq)</c>.</summary>
    internal Tensor Divergence(Gumbel q)
    {
        Tensor ratio = scale / q.scale, distance = (location - q.location) / q.scale;
        return distance - ratio.Log() + ratio * Noise.Euler + ((ratio + 1).Lgamma() - distance).Exp() - (1 + Noise.Euler);
    }

    private protected override Tensor Draw(Rng rng, Shape shape) => location + scale * Standard(rng, shape);

    /// <summary>Draws with location 0 and scale 1.</summary>
    internal static Tensor Standard(Rng rng, Shape shape) => Noise.Through(rng, shape, u => -Math.Log(-Math.Log(u)));
}
