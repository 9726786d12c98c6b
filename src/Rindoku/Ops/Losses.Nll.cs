using Rindoku.Autograd;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Negative log-likelihood of labels: <c>loss = -w_label x_label</c>, for x that are logarithms of probabilities already.</summary>
    /// <param name="logProbabilities">(N, C, *), or (C) for a single item.</param>
    /// <param name="labels">(N, *), each from 0 to C - 1 or <paramref name="ignoreIndex"/>.</param>
    /// <param name="weights">A weight for each class, (C), or null for 1; a constant, no gradient flows to it.</param>
    /// <param name="ignoreIndex">Items with this label count for nothing.</param>
    /// <param name="reduction">The mean divides by the summed weights of the labels that count.</param>
    /// <returns>A scalar, or (N, *) without reduction.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class.</exception>
    public static Tensor NllLoss(this Tensor logProbabilities, IntTensor labels, Tensor? weights = null, int ignoreIndex = -100,
        Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logProbabilities);
        ArgumentNullException.ThrowIfNull(labels);
        RequireLabels("NllLoss", logProbabilities, labels, weights, ignoreIndex);
        float[] factors = new float[labels.Length];
        for (int i = 0; i < factors.Length; i++)
            factors[i] = labels[i] == ignoreIndex ? 0 : -(weights?.Span[labels[i]] ?? 1);
        Tensor losses = PickClass(logProbabilities, labels, factors);
        return ReduceWeighted(losses, labels, weights, ignoreIndex, reduction);
    }

    // Picking each item's class and putting numbers there are each other's gradients. A factor of 0 marks an item that does not
    // count: its number is not even read, because 0 · ∞ is not 0.
    private static Tensor PickClass(Tensor x, IntTensor labels, float[] factors)
    {
        int classes = ClassesOf(x), inner = InnerOf(x);
        Tensor y = Tensor.Uninitialized(labels.Shape);
        Span<float> picked = y.Writable;
        for (int i = 0; i < factors.Length; i++)
            picked[i] = factors[i] == 0 ? 0 : factors[i] * x.Span[(i / inner * classes + labels[i]) * inner + i % inner];
        return Tape.Record("pick_class", y, new Edge(x, dy => PutClass(dy, x.Shape, labels, factors)));
    }

    private static Tensor PutClass(Tensor x, Shape shape, IntTensor labels, float[] factors)
    {
        Tensor y = Tensor.Zeros(shape);
        int classes = ClassesOf(y), inner = InnerOf(y);
        Span<float> places = y.Writable;
        for (int i = 0; i < factors.Length; i++)
            if (factors[i] != 0) places[(i / inner * classes + labels[i]) * inner + i % inner] = factors[i] * x.Span[i];
        return Tape.Record("put_class", y, new Edge(x, dy => PickClass(dy, labels, factors)));
    }
}
