namespace Rindoku.Ops;

public static partial class TensorOps
{
    private const float SmallestNormal = 1.17549435e-38f;

    /// <summary>Kullback-Leibler divergence, number by number: <c>loss = t (log t - x)</c>, x being logarithms of probabilities.</summary>
    /// <param name="logProbabilities">x, any shape.</param>
    /// <param name="target">t, of the same shape: probabilities, or their logarithms. A probability of 0 has a loss of 0.</param>
    /// <param name="logTarget">Whether the target holds logarithms: <c>loss = e^t (t - x)</c>.</param>
    /// <param name="reduction">
    /// How the losses of all numbers become one. The divergence of a batch of distributions is their sum divided by the size of the batch.
    /// </param>
    /// <returns>A scalar, or the shape of x without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor KlDivergence(this Tensor logProbabilities, Tensor target, bool logTarget = false, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("KlDivergence", logProbabilities, target);
        // The logarithm of the smallest float times 0 is 0, where log 0 times 0 would not be.
        Tensor losses = logTarget ? target.Exp() * (target - logProbabilities)
            : target * target.Clamp(low: SmallestNormal).Log() - target * logProbabilities;
        return Reduce(losses, reduction);
    }
}
