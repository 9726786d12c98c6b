using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>One of K classes: class k with probability <c>softmax(logits)ₖ</c>.</summary>
public sealed class Categorical : Distribution
{
    private readonly Tensor logProbabilities;

    /// <summary>Distributions by logits, which need not be normalised; -∞ rules a class out.</summary>
    /// <param name="logits">(..., K).</param>
    /// <exception cref="ShapeException">There are no classes.</exception>
    /// <exception cref="ArgumentException">A logit is NaN or +∞, or all of a distribution are -∞.</exception>
    public Categorical(Tensor logits) : base(BatchOf(logits), Shape.Scalar)
    {
        Logits = logits;
        logProbabilities = logits.LogSoftmax();
        for (int i = 0; i < logits.Length; i++)
            if (float.IsNaN(logProbabilities.Span[i]))
                throw new ArgumentException($"Categorical: logits {logits.Shape} must be numbers, not all -∞; distribution {i / Classes} has none that can be normalised");
    }

    /// <summary>Distributions by probabilities or weights, which need not add up to 1.</summary>
    /// <param name="probabilities">(..., K), at least 0, not all 0.</param>
    public static Categorical FromProbabilities(Tensor probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        return new Categorical(probabilities.Log());
    }

    /// <summary>The logits, (..., K).</summary>
    public Tensor Logits { get; }

    /// <summary>The probabilities, (..., K).</summary>
    public Tensor Probabilities => Logits.Softmax();

    /// <summary>The logarithms of the probabilities, (..., K).</summary>
    public Tensor LogProbabilities => logProbabilities;

    /// <summary>How many classes there are, K.</summary>
    public int Classes => Logits.Shape[^1];

    /// <summary>Draws class numbers.</summary>
    /// <param name="rng">The source of randomness.</param>
    /// <param name="shape">How many to draw from each distribution.</param>
    /// <returns>(shape, batch).</returns>
    public IntTensor Sample(Rng rng, Shape shape = default)
    {
        ArgumentNullException.ThrowIfNull(rng);
        int[] classes = new int[SampleShape(shape).Length];
        for (int i = 0; i < classes.Length; i++) classes[i] = DrawClass(rng, logProbabilities.Span.Slice(i % BatchShape.Length * Classes, Classes));
        return IntTensor.From(classes, SampleShape(shape));
    }

    /// <summary>The logarithms of the probabilities of classes.</summary>
    /// <param name="classes">Class numbers, (..., batch), whose leading axes broadcast with the batch.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast, or there is no such class.</exception>
    public Tensor LogProb(IntTensor classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        Shape batch = Shape.Broadcast(classes.Shape, BatchShape, "Categorical.LogProb");
        IntTensor index = classes.Shape == batch ? classes : classes.Expand(batch);
        return logProbabilities.Expand(batch.Insert(-1, Classes)).TakeAlong(-1, index.Reshape(batch.Insert(-1, 1))).Squeeze(-1);
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => -Expected(logProbabilities);

    /// <summary><c>Σ p log(p/q)</c>.</summary>
    internal Tensor Divergence(Categorical q)
    {
        ShapeException.Require(Classes == q.Classes, $"Kl.Divergence: {this} of {Classes} classes and {q} of {q.Classes}");
        return Expected(logProbabilities - q.logProbabilities);
    }

    // Classes that cannot happen count as 0, whatever their value.
    private Tensor Expected(Tensor x)
    {
        Tensor p = Probabilities;
        Tensor never = p.Detach().Equal(0).Expand(x.Shape);
        return (p * Tensor.Where(never, 0, x)).Sum([-1]);
    }

    private static int DrawClass(Rng rng, ReadOnlySpan<float> logs)
    {
        double left = rng.NextDouble();
        int last = 0;
        for (int k = 0; k < logs.Length; k++)
        {
            double p = Math.Exp(logs[k]);
            if (p == 0) continue;
            last = k;
            left -= p;
            if (left < 0) break;
        }
        return last;
    }

    private static Shape BatchOf(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ShapeException.Require(logits.Rank >= 1 && logits.Shape[^1] > 0, $"Categorical: logits {logits.Shape}: needs (..., classes) with at least one class");
        return logits.Shape[..^1];
    }
}
