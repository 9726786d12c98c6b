using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Even distributions over [low, high): density <c>1 / (high - low)</c>.</summary>
public sealed class Uniform : RealDistribution
{
    private readonly Tensor low, high;

    /// <summary>Even distributions between the given bounds, whose shapes broadcast.</summary>
    /// <param name="low">The lower bounds, finite.</param>
    /// <param name="high">The upper bounds, above the lower ones.</param>
    /// <exception cref="ArgumentException">A bound is not finite, or an upper one not above its lower one.</exception>
    public Uniform(Tensor low, Tensor high)
        : base(Shape.Broadcast(Finite(low, nameof(Uniform)).Shape, Finite(high, nameof(Uniform)).Shape, nameof(Uniform)), Shape.Scalar)
    {
        (this.low, this.high) = (low, high);
        using (Autograd.NoGrad.Enter()) Positive(high - low, nameof(Uniform), "high - low");
    }

    /// <inheritdoc/>
    public override Tensor Mean => (low + high) * 0.5f;

    /// <inheritdoc/>
    public override Tensor Variance => (high - low).Square() / 12;

    /// <inheritdoc/>
    public override bool IsReparameterized => true;

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Tensor outside = value.Less(low).LogicalOr(value.GreaterOrEqual(high));
        return Tensor.Where(outside, float.NegativeInfinity, -(high - low).Log() + value * 0);
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => (high - low).Log();

    /// <summary><c>log of the ratio of the widths</c>, or ∞ where p reaches outside q.</summary>
    internal Tensor Divergence(Uniform q)
    {
        Tensor outside = low.Less(q.low).LogicalOr(high.Greater(q.high));
        return Tensor.Where(outside, float.PositiveInfinity, ((q.high - q.low) / (high - low)).Log());
    }

    private protected override Tensor Draw(Rng rng, Shape shape) => low + (high - low) * rng.Uniform(shape);
}
