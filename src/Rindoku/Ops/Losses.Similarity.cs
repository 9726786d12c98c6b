namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Cosine of the angle between vectors along an axis: <c>y = Σ a b / (max(‖a‖, ε) max(‖b‖, ε))</c>.</summary>
    /// <param name="a">Any shape of at least one axis.</param>
    /// <param name="b">A shape that broadcasts with it.</param>
    /// <param name="axis">The axis of the vectors, counted in the broadcast shape; -1 is the last.</param>
    /// <param name="epsilon">ε: the least length that is divided by.</param>
    /// <returns>The broadcast shape without the axis.</returns>
    /// <exception cref="ShapeException">The shapes do not broadcast, or there is no such axis.</exception>
    public static Tensor CosineSimilarity(this Tensor a, Tensor b, int axis = -1, float epsilon = 1e-8f)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        int[] axes = [Shape.Broadcast(a.Shape, b.Shape, "CosineSimilarity").Axis(axis, "CosineSimilarity")];
        if (a.Rank < b.Rank) a = a.Expand(b.Shape);
        if (b.Rank < a.Rank) b = b.Expand(a.Shape);
        return (a * b).Sum(axes) * InverseLength(a, axes, epsilon) * InverseLength(b, axes, epsilon);
    }

    /// <summary>Cosine embedding loss: <c>1 - cos(a, b)</c> for pairs that belong together (y = 1), <c>max(0, cos(a, b) - margin)</c> for others (y = -1).</summary>
    /// <param name="a">(N, D) or (D).</param>
    /// <param name="b">The same shape.</param>
    /// <param name="labels">y, 1 or -1 for each pair: (N) or ().</param>
    /// <param name="margin">From -1 to 1.</param>
    /// <param name="reduction">How the losses of the pairs become one.</param>
    /// <returns>A scalar, or (N) without reduction.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither 1 nor -1.</exception>
    public static Tensor CosineEmbeddingLoss(this Tensor a, Tensor b, IntTensor labels, float margin = 0, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("CosineEmbeddingLoss", a, b);
        Tensor cosine = a.CosineSimilarity(b);
        (Tensor positive, Tensor negative) = Signs("CosineEmbeddingLoss", cosine, labels);
        return Reduce(positive * (1 - cosine) + negative * (cosine - margin).Relu(), reduction);
    }

    /// <summary>Triplet loss: <c>max(0, d(anchor, positive) - d(anchor, negative) + margin)</c> with Euclidean distances <c>d(a, b) = ‖a - b + ε‖</c>.</summary>
    /// <param name="anchor">(N, D) or (D).</param>
    /// <param name="positive">What should be near, the same shape.</param>
    /// <param name="negative">What should be far, the same shape.</param>
    /// <param name="margin">How much farther, at least.</param>
    /// <param name="swap">Whether the negative's distance is that to the anchor or to the positive, whichever is less (Balntas et al. 2016).</param>
    /// <param name="epsilon">ε, which keeps the gradient finite where two points meet.</param>
    /// <param name="reduction">How the losses of the triplets become one.</param>
    /// <returns>A scalar, or (N) without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <remarks>Source: Schroff, Kalenichenko and Philbin 2015, arXiv:1503.03832; distances not squared, as in PyTorch.</remarks>
    public static Tensor TripletMarginLoss(this Tensor anchor, Tensor positive, Tensor negative, float margin = 1, bool swap = false,
        float epsilon = 1e-6f, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("TripletMarginLoss", anchor, positive);
        RequireSameShape("TripletMarginLoss", anchor, negative);
        ShapeException.Require(anchor.Rank >= 1, $"TripletMarginLoss: needs (N, D) or (D), got {anchor.Shape}");
        Tensor near = Distance(anchor, positive), far = Distance(anchor, negative);
        if (swap) far -= (far - Distance(positive, negative)).Relu(); // the lesser of the two
        return Reduce((near - far + margin).Relu(), reduction);

        Tensor Distance(Tensor a, Tensor b) => (a - b + epsilon).Square().Sum([-1]).Sqrt();
    }

    private static Tensor InverseLength(Tensor x, int[] axes, float epsilon) => x.Square().Sum(axes).Clamp(low: epsilon * epsilon).Rsqrt();

    /// <summary>1 where the label is 1, and 1 where it is -1.</summary>
    private static (Tensor Positive, Tensor Negative) Signs(string operation, Tensor x, IntTensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ShapeException.Require(labels.Shape == x.Shape, $"{operation}: needs labels of {x.Shape}, got {labels.Shape}");
        for (int i = 0; i < labels.Length; i++)
            if (labels[i] is not (1 or -1))
                throw new ArgumentOutOfRangeException(nameof(labels), $"{operation}: label {labels[i]} at place {i} is neither 1 nor -1");
        return (Tensor.Generate(x.Shape, i => labels[i] == 1 ? 1 : 0), Tensor.Generate(x.Shape, i => labels[i] == 1 ? 0 : 1));
    }
}
