using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Cross-entropy of logits with labels: <c>loss = -Σ_c T_c log softmax(x)_c</c>, T the label's smoothed and weighted distribution.</summary>
    /// <param name="logits">(N, C, *), before any softmax; or (C) for a single item.</param>
    /// <param name="labels">(N, *), each from 0 to C - 1 or <paramref name="ignoreIndex"/>.</param>
    /// <param name="weights">A weight for each class, (C), or null for 1.</param>
    /// <param name="smoothing">Label smoothing ε: <c>T_c = w_c ((1 - ε) [c = label] + ε / C)</c>.</param>
    /// <param name="ignoreIndex">Items with this label count for nothing.</param>
    /// <param name="reduction">The mean divides by the summed weights of the labels that count (NaN if there are none, as in PyTorch).</param>
    /// <returns>A scalar, or (N, *) without reduction.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class, or smoothing lies outside 0 to 1.</exception>
    /// <remarks>Stable for logits of any size. Source of smoothing: Szegedy et al. 2016, arXiv:1512.00567, section 7.</remarks>
    public static Tensor CrossEntropy(this Tensor logits, IntTensor labels, Tensor? weights = null, float smoothing = 0,
        int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        RequireLabels("CrossEntropy", logits, labels, weights, ignoreIndex);
        RequireSmoothing(smoothing);
        CrossEntropyKernel.Settings settings = new(ClassesOf(logits), InnerOf(logits), smoothing, ignoreIndex, weights?.ToArray());
        return ReduceWeighted(CrossEntropyOfItems(logits, labels, settings), labels, weights, ignoreIndex, reduction);
    }

    /// <summary>Cross-entropy of logits with target distributions: <c>loss = -Σ_c w_c ((1 - ε) t_c + ε / C) log softmax(x)_c</c>.</summary>
    /// <param name="logits">(N, C, *), before any softmax; or (C) for a single item.</param>
    /// <param name="targets">Distributions over the classes, of the shape of the logits.</param>
    /// <param name="weights">A weight for each class, (C), or null for 1.</param>
    /// <param name="smoothing">Label smoothing ε.</param>
    /// <param name="reduction">The mean divides by the number of items.</param>
    /// <returns>A scalar, or (N, *) without reduction.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Smoothing lies outside 0 to 1.</exception>
    public static Tensor CrossEntropy(this Tensor logits, Tensor targets, Tensor? weights = null, float smoothing = 0, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("CrossEntropy", logits, targets);
        RequireClassWeights("CrossEntropy", logits, weights);
        RequireSmoothing(smoothing);
        int axis = logits.Rank == 1 ? 0 : 1, classes = ClassesOf(logits);
        Tensor mixed = smoothing == 0 ? targets : targets * (1 - smoothing) + smoothing / classes;
        if (weights is not null) mixed *= weights.Reshape(ClassShape(logits));
        return Reduce(-(mixed * logits.LogSoftmax(axis)).Sum([axis]), reduction);
    }

    private static Tensor CrossEntropyOfItems(Tensor x, IntTensor labels, CrossEntropyKernel.Settings settings)
    {
        int outer = labels.Length / settings.Inner;
        Tensor losses = Tensor.Uninitialized(labels.Shape), maxima = Tensor.Uninitialized(labels.Shape), logSums = Tensor.Uninitialized(labels.Shape);
        SoftmaxKernel.LogSumExp(x.Span, maxima.Writable, logSums.Writable, outer, settings.Classes, settings.Inner);
        CrossEntropyKernel.Forward(x.Span, labels.Span, maxima.Span, logSums.Span, losses.Writable, settings);
        Edge byLogits = new(x, dy =>
        {
            Shape view = [outer, settings.Classes, settings.Inner];
            Tensor targets = Tensor.Zeros(view);
            CrossEntropyKernel.Targets(labels.Span, targets.Writable, settings);
            Tensor slope = x.Reshape(view).Softmax(1) * targets.Sum([1], keep: true) - targets;
            return (dy.Reshape(outer, 1, settings.Inner) * slope).Reshape(x.Shape);
        });
        return Tape.RecordFused("cross_entropy", losses, (dy, _) =>
        {
            Tensor dx = Tensor.Uninitialized(x.Shape);
            CrossEntropyKernel.Backward(x.Span, labels.Span, maxima.Span, logSums.Span, dy.Span, dx.Writable, settings);
            return [dx];
        }, byLogits);
    }

    /// <summary>Sums, or takes the mean weighted by the labels' class weights.</summary>
    private static Tensor ReduceWeighted(Tensor losses, IntTensor labels, Tensor? weights, int ignoreIndex, Reduction reduction)
    {
        if (reduction != Reduction.Mean) return Reduce(losses, reduction);
        double total = 0;
        foreach (int label in labels.Span)
            if (label != ignoreIndex) total += weights is null ? 1 : weights.Span[label];
        return losses.Sum() * (float)(1 / total);
    }

    private static int ClassesOf(Tensor logits) => logits.Shape[logits.Rank == 1 ? 0 : 1];

    private static int InnerOf(Tensor logits) => logits.Rank <= 2 ? 1 : logits.Shape.Count(2..);

    /// <summary>The shape in which a number for each class broadcasts to the logits.</summary>
    private static Shape ClassShape(Tensor logits)
    {
        int[] sizes = new int[Math.Max(1, logits.Rank - 1)];
        Array.Fill(sizes, 1);
        sizes[0] = ClassesOf(logits);
        return Shape.Own(sizes);
    }

    private static void RequireLabels(string operation, Tensor logits, IntTensor labels, Tensor? weights, int ignoreIndex)
    {
        RequireClassWeights(operation, logits, weights);
        Shape needed = logits.Shape.Without(logits.Rank == 1 ? 0 : 1);
        ShapeException.Require(labels.Shape == needed, $"{operation}: logits {logits.Shape} need labels of {needed}, got {labels.Shape}");
        int classes = ClassesOf(logits);
        for (int i = 0; i < labels.Length; i++)
            if ((uint)labels[i] >= (uint)classes && labels[i] != ignoreIndex)
                throw new ArgumentOutOfRangeException(nameof(labels),
                    $"{operation}: label {labels[i]} at place {i} is none of the {classes} classes of logits {logits.Shape}");
    }

    private static void RequireClassWeights(string operation, Tensor logits, Tensor? weights)
    {
        ShapeException.Require(logits.Rank >= 1 && ClassesOf(logits) > 0, $"{operation}: logits must be (N, C, *) or (C) with at least one class, got {logits.Shape}");
        ShapeException.Require(weights is null || weights.Shape == [ClassesOf(logits)],
            $"{operation}: logits {logits.Shape} need class weights of ({ClassesOf(logits)}), got {weights!.Shape}");
    }

    private static void RequireSmoothing(float smoothing)
    {
        if (!(smoothing is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "CrossEntropy: label smoothing must lie from 0 to 1");
    }
}
