using System.Runtime.CompilerServices;
using Rindoku.Autograd;

namespace Rindoku.Distributions;

/// <summary>A batch of independent probability distributions of one kind; see <see cref="RealDistribution"/> and <see cref="Categorical"/>.</summary>
public abstract class Distribution
{
    private protected Distribution(Shape batch, Shape outcome)
    {
        BatchShape = batch;
        EventShape = outcome;
    }

    /// <summary>How many distributions there are, as the parameters' shapes broadcast.</summary>
    public Shape BatchShape { get; }

    /// <summary>The shape of one outcome: a scalar's but for vectors such as those of <see cref="Dirichlet"/>.</summary>
    public Shape EventShape { get; }

    /// <summary>The entropies, in nats, of the batch's shape; differential entropies where outcomes are real.</summary>
    public abstract Tensor Entropy();

    /// <summary>The kind and the shape of the batch.</summary>
    public override string ToString() => $"{GetType().Name}{BatchShape}";

    /// <summary>The shape of samples: (shape, batch, event).</summary>
    private protected Shape SampleShape(Shape shape) => Shape.Own([.. shape.Sizes, .. BatchShape.Sizes, .. EventShape.Sizes]);

    /// <summary>Requires every number of a parameter to be finite.</summary>
    private protected static Tensor Finite(Tensor x, string kind, [CallerArgumentExpression(nameof(x))] string name = "") =>
        Require(x, float.IsFinite, "finite", kind, name);

    /// <summary>Requires every number of a parameter to be positive and finite.</summary>
    private protected static Tensor Positive(Tensor x, string kind, [CallerArgumentExpression(nameof(x))] string name = "") =>
        Require(x, value => value > 0 && float.IsFinite(value), "positive and finite", kind, name);

    private static Tensor Require(Tensor x, Func<float, bool> holds, string needed, string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(x, name);
        for (int i = 0; i < x.Length; i++)
            if (!holds(x.Span[i]))
                throw new ArgumentException(FormattableString.Invariant($"{kind}: {name} {x.Shape} must be {needed}, got {x.Span[i]} at place {i}"), name);
        return x;
    }
}

/// <summary>Distributions whose outcomes are real numbers or vectors of them.</summary>
public abstract class RealDistribution : Distribution
{
    private protected RealDistribution(Shape batch, Shape outcome) : base(batch, outcome) { }

    /// <summary>The means, (batch, event).</summary>
    public abstract Tensor Mean { get; }

    /// <summary>The variances of each number, (batch, event).</summary>
    public abstract Tensor Variance { get; }

    /// <summary>Whether gradients can flow through samples to the parameters (<see cref="RSample"/>).</summary>
    public abstract bool IsReparameterized { get; }

    /// <summary>Draws outcomes; no gradient flows through them.</summary>
    /// <param name="rng">The source of randomness.</param>
    /// <param name="shape">How many to draw from each distribution.</param>
    /// <returns>(shape, batch, event).</returns>
    public Tensor Sample(Rng rng, Shape shape = default)
    {
        ArgumentNullException.ThrowIfNull(rng);
        using (NoGrad.Enter()) return Draw(rng, SampleShape(shape));
    }

    /// <summary>Draws outcomes as differentiable functions of the parameters and of noise: the reparameterisation trick.</summary>
    /// <param name="rng">The source of randomness; in the same state it gives the same outcomes as <see cref="Sample"/>.</param>
    /// <param name="shape">How many to draw from each distribution.</param>
    /// <returns>(shape, batch, event).</returns>
    /// <exception cref="NotSupportedException">The outcomes are discrete.</exception>
    public Tensor RSample(Rng rng, Shape shape = default)
    {
        ArgumentNullException.ThrowIfNull(rng);
        if (!IsReparameterized)
            throw new NotSupportedException($"{GetType().Name}.RSample: its outcomes are discrete, so no gradient flows through them. " +
                "Use Sample with LogProb (the score function estimator), or GumbelSoftmax.");
        return Draw(rng, SampleShape(shape));
    }

    /// <summary>The logarithms of the density or probability of outcomes; -∞ outside the support.</summary>
    /// <param name="value">Outcomes, (..., event), whose leading axes broadcast with the batch.</param>
    /// <returns>The leading axes of <paramref name="value"/> and the batch, as they broadcast.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public abstract Tensor LogProb(Tensor value);

    /// <summary>Outcomes of the given shape, recorded as functions of the parameters as far as they are.</summary>
    private protected abstract Tensor Draw(Rng rng, Shape shape);
}
