using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Ops;

namespace Rindoku.Lab;

/// <summary>How well classes are told apart.</summary>
public static class Classification
{
    private const int ImagesAtOnce = 250;

    /// <summary>What a model gives for a whole set, computed in parts and without gradients: (n, classes).</summary>
    /// <param name="model">From inputs (m, ...) to scores (m, classes). Layers should be in evaluation mode.</param>
    /// <param name="set">The set, with at least one example.</param>
    public static Tensor Scores(Func<Tensor, Tensor> model, LabelledSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Scores(model, set.Inputs);
    }

    /// <inheritdoc cref="Scores(Func{Tensor, Tensor}, LabelledSet)"/>
    /// <param name="model">From inputs (m, ...) to scores (m, classes). Layers should be in evaluation mode.</param>
    /// <param name="inputs">(n, ...), n at least 1.</param>
    public static Tensor Scores(Func<Tensor, Tensor> model, Tensor inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        using NoGrad noGrad = NoGrad.Enter();
        List<float> scores = [];
        int count = inputs.Shape[0], length = inputs.Shape.Count(1..);
        for (int from = 0; from < count; from += ImagesAtOnce)
        {
            using MemoryScope scope = MemoryScope.Open();
            int here = Math.Min(ImagesAtOnce, count - from);
            scores.AddRange(model(Tensor.From(inputs.Span.Slice(from * length, here * length), [here, .. inputs.Shape[1..]])).Span);
        }
        return Tensor.Own([.. scores], [count, scores.Count / count]);
    }

    /// <summary>1 where the class with the largest score is the right one, else 0: the units of a claim on accuracy.</summary>
    /// <param name="scores">(n, classes): logits or probabilities. Of equal scores the first class counts.</param>
    /// <param name="labels">(n): the right classes.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static float[] Correct(Tensor scores, IntTensor labels) => TopK(scores, labels, 1);

    /// <summary>1 where the right class is among the k with the largest scores, else 0.</summary>
    /// <param name="scores">(n, classes): logits or probabilities. Of equal scores the first class counts.</param>
    /// <param name="labels">(n): the right classes.</param>
    /// <param name="k">How many classes may be named.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static float[] TopK(Tensor scores, IntTensor labels, int k)
    {
        int classes = RequireScores(scores, labels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        float[] correct = new float[labels.Length];
        for (int i = 0; i < correct.Length; i++)
        {
            ReadOnlySpan<float> row = scores.Span.Slice(i * classes, classes);
            float own = row[labels[i]];
            int ahead = 0;
            // A NaN is larger than nothing, so a model that gives NaN must not be taken to be right: it is ahead of all.
            for (int c = 0; c < classes; c++)
                if (c != labels[i] && (row[c] > own || (row[c] == own && c < labels[i]) || !(row[c] <= own))) ahead++;
            correct[i] = ahead < k && !float.IsNaN(own) ? 1 : 0;
        }
        return correct;
    }

    /// <summary>The part of the examples whose class with the largest score is the right one, from 0 to 1.</summary>
    /// <param name="scores">(n, classes): logits or probabilities.</param>
    /// <param name="labels">(n): the right classes.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static double Accuracy(Tensor scores, IntTensor labels) => Errors.Mean(Correct(scores, labels));

    /// <summary>The class with the largest score, the first of equals.</summary>
    /// <param name="scores">(n, classes).</param>
    public static int[] Predictions(Tensor scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ShapeException.Require(scores.Rank == 2 && scores.Shape[1] > 0, $"Predictions: needs scores (n, classes), got {scores.Shape}");
        int classes = scores.Shape[1];
        int[] predictions = new int[scores.Shape[0]];
        for (int i = 0; i < predictions.Length; i++)
        {
            ReadOnlySpan<float> row = scores.Span.Slice(i * classes, classes);
            for (int c = 1; c < classes; c++)
                if (row[c] > row[predictions[i]]) predictions[i] = c;
        }
        return predictions;
    }

    /// <summary>The mean cross-entropy of a model over a whole set, in nats.</summary>
    /// <param name="model">From inputs (m, ...) to logits (m, classes). Layers should be in evaluation mode.</param>
    /// <param name="set">The set, with at least one example.</param>
    public static double CrossEntropy(Func<Tensor, Tensor> model, LabelledSet set) => Scores(model, set).CrossEntropy(set.Labels).Item();

    internal static int RequireScores(Tensor scores, IntTensor labels, [System.Runtime.CompilerServices.CallerMemberName] string metric = "")
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        ShapeException.Require(scores.Rank == 2 && labels.Rank == 1 && scores.Shape[0] == labels.Length && labels.Length > 0,
            $"{metric}: needs scores (n, classes) and labels (n) for n of at least 1, got {scores.Shape} and {labels.Shape}");
        int classes = scores.Shape[1];
        for (int i = 0; i < labels.Length; i++)
            if ((uint)labels[i] >= (uint)classes) throw new ArgumentException($"{metric}: label {labels[i]} of example {i} is not one of the {classes} classes", nameof(labels));
        return classes;
    }
}
