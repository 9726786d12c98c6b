namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Hinge loss of two classes: <c>loss = max(0, margin - y x)</c>.</summary>
    /// <param name="scores">x, any shape.</param>
    /// <param name="labels">y, 1 or -1, of the same shape.</param>
    /// <param name="margin">How far on its side a score must be to cost nothing.</param>
    /// <param name="reduction">How the losses become one.</param>
    /// <returns>A scalar, or the shape of <paramref name="scores"/> without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither 1 nor -1.</exception>
    public static Tensor HingeLoss(this Tensor scores, IntTensor labels, float margin = 1, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(scores);
        (Tensor positive, Tensor negative) = Signs("HingeLoss", scores, labels);
        return Reduce((margin - (positive - negative) * scores).Relu(), reduction);
    }

    /// <summary>Hinge embedding loss of distances: <c>x</c> for pairs that belong together (y = 1), <c>max(0, margin - x)</c> for others (y = -1).</summary>
    /// <param name="distances">x, any shape.</param>
    /// <param name="labels">y, 1 or -1, of the same shape.</param>
    /// <param name="margin">How far apart other pairs must be to cost nothing.</param>
    /// <param name="reduction">How the losses become one.</param>
    /// <returns>A scalar, or the shape of <paramref name="distances"/> without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither 1 nor -1.</exception>
    public static Tensor HingeEmbeddingLoss(this Tensor distances, IntTensor labels, float margin = 1, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(distances);
        (Tensor positive, Tensor negative) = Signs("HingeEmbeddingLoss", distances, labels);
        return Reduce(positive * distances + negative * (margin - distances).Relu(), reduction);
    }

    /// <summary>Hinge loss of several classes: <c>loss = Σ_{c ≠ label} w_label max(0, margin - x_label + x_c)^p / C</c>.</summary>
    /// <param name="scores">x, (N, C) or (C).</param>
    /// <param name="labels">(N) or (), each from 0 to C - 1.</param>
    /// <param name="squared">Whether p is 2 instead of 1.</param>
    /// <param name="margin">How far below the right score the others must be to cost nothing.</param>
    /// <param name="weights">A weight for each class, (C), or null for 1; a constant, no gradient flows to it.</param>
    /// <param name="reduction">How the losses of the items become one; the mean divides by N.</param>
    /// <returns>A scalar, or (N) without reduction.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class.</exception>
    /// <remarks>Source: Crammer and Singer 2001, "On the algorithmic implementation of multiclass kernel-based vector machines", with the sum in place of the largest.</remarks>
    public static Tensor MultiMarginLoss(this Tensor scores, IntTensor labels, bool squared = false, float margin = 1, Tensor? weights = null,
        Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        ShapeException.Require(scores.Rank is 1 or 2, $"MultiMarginLoss: scores must be (N, C) or (C), got {scores.Shape}");
        RequireLabels("MultiMarginLoss", scores, labels, weights, ignoreIndex: int.MinValue);
        int classes = ClassesOf(scores);
        float[] ones = new float[labels.Length];
        Array.Fill(ones, 1);
        Tensor right = PickClass(scores, labels, ones).Reshape([.. labels.Shape.Sizes, 1]);
        Tensor excess = (scores - right + margin).Relu();
        if (squared) excess = excess.Square();
        // The right class itself always exceeds by the margin: its place counts for nothing.
        Tensor counts = Tensor.Generate(scores.Shape, i =>
            labels[i / classes] == i % classes ? 0 : (weights?.Span[labels[i / classes]] ?? 1) / classes);
        return Reduce((excess * counts).Sum([-1]), reduction);
    }
}
