using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Normal distributions: density <c>exp(-(x - μ)² / 2σ²) / √(2πσ²)</c>.</summary>
public sealed class Normal : RealDistribution
{
    private readonly Tensor mean, deviation;

    /// <summary>Normal distributions with the given means and standard deviations, whose shapes broadcast.</summary>
    /// <param name="mean">μ, finite.</param>
    /// <param name="deviation">σ, positive.</param>
    /// <exception cref="ArgumentException">A parameter has a value that it must not have.</exception>
    public Normal(Tensor mean, Tensor deviation)
        : base(Shape.Broadcast(Finite(mean, nameof(Normal)).Shape, Positive(deviation, nameof(Normal)).Shape, nameof(Normal)), Shape.Scalar) =>
        (this.mean, this.deviation) = (mean, deviation);

    /// <summary>The distribution with mean 0 and deviation 1.</summary>
    public static Normal Standard { get; } = new(Tensor.Scalar(0), Tensor.Scalar(1));

    /// <inheritdoc/>
    public override Tensor Mean => mean.Expand(BatchShape);

    /// <summary>The standard deviations.</summary>
    public Tensor Deviation => deviation.Expand(BatchShape);

    /// <inheritdoc/>
    public override Tensor Variance => deviation.Square().Expand(BatchShape);

    /// <inheritdoc/>
    public override bool IsReparameterized => true;

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return ((value - mean) / deviation).Square() * -0.5f - (deviation.Log() + 0.5f * Noise.LogTwoPi);
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => (deviation.Log() + 0.5f * (1 + Noise.LogTwoPi)).Expand(BatchShape);

    /// <summary><c>log(σq/σp) + (σp² + (μp - μq)²) / 2σq² - 1/2</c>.</summary>
    internal Tensor Divergence(Normal q)
    {
        Tensor ratio = deviation / q.deviation;
        return (ratio.Square() + ((mean - q.mean) / q.deviation).Square() - 1) * 0.5f - ratio.Log();
    }

    private protected override Tensor Draw(Rng rng, Shape shape) => mean + deviation * rng.Normal(shape);
}
