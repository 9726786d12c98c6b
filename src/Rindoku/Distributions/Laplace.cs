using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Laplace distributions: density <c>exp(-|x - μ| / b) / 2b</c>.</summary>
public sealed class Laplace : RealDistribution
{
    private readonly Tensor mean, scale;

    /// <summary>Laplace distributions with the given means and scales, whose shapes broadcast.</summary>
    /// <param name="mean">μ, finite.</param>
    /// <param name="scale">b, positive.</param>
    /// <exception cref="ArgumentException">A parameter has a value that it must not have.</exception>
    public Laplace(Tensor mean, Tensor scale)
        : base(Shape.Broadcast(Finite(mean, nameof(Laplace)).Shape, Positive(scale, nameof(Laplace)).Shape, nameof(Laplace)), Shape.Scalar) =>
        (this.mean, this.scale) = (mean, scale);

    /// <inheritdoc/>
    public override Tensor Mean => mean.Expand(BatchShape);

    /// <inheritdoc/>
    public override Tensor Variance => (scale.Square() * 2).Expand(BatchShape);

    /// <inheritdoc/>
    public override bool IsReparameterized => true;

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return -((value - mean).Abs() / scale) - (scale * 2).Log();
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => ((scale * 2).Log() + 1).Expand(BatchShape);

    /// <summary><c>log(bq/bp) + |μp - μq| / bq + bp/bq · exp(-|μp - μq| / bp) - 1</c>.</summary>
    internal Tensor Divergence(Laplace q)
    {
        Tensor ratio = scale / q.scale, distance = (mean - q.mean).Abs();
        return distance / q.scale + ratio * (-distance / scale).Exp() - ratio.Log() - 1;
    }

    private protected override Tensor Draw(Rng rng, Shape shape) =>
        mean + scale * Noise.Through(rng, shape, u => u < 0.5 ? Math.Log(2 * u) : -Math.Log(2 * (1 - u)));
}
