namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Binary cross-entropy of logits: <c>loss = -q t log σ(x) - (1 - t) log σ(-x)</c>, stable for logits of any size.</summary>
    /// <param name="logits">x, any shape, before any sigmoid.</param>
    /// <param name="targets">t, of the same shape, from 0 to 1.</param>
    /// <param name="positiveWeight">q, which broadcasts to the shape, or null for 1: above 1 it favours recall.</param>
    /// <param name="weights">A weight for each loss, which broadcasts to the shape, or null for 1.</param>
    /// <param name="reduction">How the losses of all numbers become one.</param>
    /// <returns>A scalar, or the shape of <paramref name="logits"/> without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ, or a weight does not broadcast to them.</exception>
    public static Tensor BinaryCrossEntropyWithLogits(this Tensor logits, Tensor targets, Tensor? positiveWeight = null, Tensor? weights = null,
        Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("BinaryCrossEntropyWithLogits", logits, targets);
        Tensor positive = targets * logits.LogSigmoid();
        if (positiveWeight is not null) positive *= positiveWeight;
        return ReduceBinary("BinaryCrossEntropyWithLogits", -(positive + (1 - targets) * (-logits).LogSigmoid()), logits, weights, reduction);
    }

    /// <summary>Binary cross-entropy of probabilities: <c>loss = -t log x - (1 - t) log(1 - x)</c>, the logarithms held at -100 or more.</summary>
    /// <param name="probabilities">x, any shape, from 0 to 1.</param>
    /// <param name="targets">t, of the same shape, from 0 to 1.</param>
    /// <param name="weights">A weight for each loss, which broadcasts to the shape, or null for 1.</param>
    /// <param name="reduction">How the losses of all numbers become one.</param>
    /// <returns>A scalar, or the shape of <paramref name="probabilities"/> without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ, or the weights do not broadcast to them.</exception>
    /// <remarks>
    /// Where one can, <see cref="BinaryCrossEntropyWithLogits"/> is better: a probability near 1 has lost its digits. At 0 and 1 the
    /// gradient is the one at a distance of 1e-12 from them, as in PyTorch.
    /// </remarks>
    public static Tensor BinaryCrossEntropy(this Tensor probabilities, Tensor targets, Tensor? weights = null, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("BinaryCrossEntropy", probabilities, targets);
        Tensor losses = BinaryCrossEntropyOf(probabilities, targets);
        return ReduceBinary("BinaryCrossEntropy", losses, probabilities, weights, reduction);
    }

    private static Tensor BinaryCrossEntropyOf(Tensor x, Tensor t)
    {
        Tensor y;
        using (Autograd.NoGrad.Enter()) y = BinaryLogs(x, t).Negate();
        return Autograd.Tape.Record("binary_cross_entropy", y,
            new Autograd.Edge(x, dy => dy * (x - t) / (x * (1 - x)).Clamp(low: 1e-12f)),
            new Autograd.Edge(t, dy => dy * (HeldLog(1 - x) - HeldLog(x))));
    }

    private static Tensor BinaryLogs(Tensor x, Tensor t) => t * HeldLog(x) + (1 - t) * HeldLog(1 - x);

    private static Tensor HeldLog(Tensor x) => x.Log().Clamp(low: -100);

    private static Tensor ReduceBinary(string operation, Tensor losses, Tensor x, Tensor? weights, Reduction reduction)
    {
        if (weights is not null) losses *= weights;
        ShapeException.Require(losses.Shape == x.Shape, $"{operation}: the prediction is {x.Shape}, and a weight would stretch it to {losses.Shape}");
        return Reduce(losses, reduction);
    }
}
