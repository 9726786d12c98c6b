namespace Rindoku.Uncertainty;

/// <summary>How uncertain a classifier is of each example, from the probabilities it gives: the larger, the less it knows.</summary>
public static class PredictiveUncertainty
{
    /// <summary>One minus the largest probability, <c>1 − max_c p_c</c>: the usual baseline.</summary>
    /// <param name="probabilities">(n, classes), rows adding up to 1.</param>
    /// <remarks>Source: Hendrycks and Gimpel 2017, arXiv:1610.02136.</remarks>
    /// <exception cref="ShapeException"><paramref name="probabilities"/> is not a matrix.</exception>
    public static float[] OfMaximum(Tensor probabilities) => PerRow(probabilities, row =>
    {
        float most = 0;
        foreach (float p in row) most = MathF.Max(most, p);
        return 1 - most;
    });

    /// <summary>The entropy of the predicted classes, <c>−Σ_c p_c ln p_c</c>, in nats.</summary>
    /// <param name="probabilities">(n, classes), rows adding up to 1; of an ensemble, its mean.</param>
    /// <exception cref="ShapeException"><paramref name="probabilities"/> is not a matrix.</exception>
    public static float[] Entropy(Tensor probabilities) => PerRow(probabilities, row =>
    {
        double sum = 0;
        foreach (float p in row)
            if (p > 0) sum -= p * Math.Log(p);
        return (float)sum;
    });

    /// <summary>
    /// What the members of an ensemble disagree about: the entropy of their mean minus the mean of their entropies, in nats. It is the
    /// mutual information of the class and the member; 0 where all say the same.
    /// </summary>
    /// <param name="members">The probabilities of each member, (n, classes).</param>
    /// <exception cref="ShapeException">The shapes differ, or there are no members.</exception>
    public static float[] Disagreement(IReadOnlyList<Tensor> members)
    {
        float[] whole = Entropy(Ensemble.Mean(members));
        float[][] parts = [.. members.Select(Entropy)];
        // Rounding may leave a hair below 0, where the two are equal.
        return [.. whole.Select((entropy, i) => Math.Max(0, entropy - (float)parts.Average(part => (double)part[i])))];
    }

    private static float[] PerRow(Tensor probabilities, RowFunction function)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ShapeException.Require(probabilities.Rank == 2, $"PredictiveUncertainty: needs probabilities (n, classes), got {probabilities.Shape}");
        int classes = probabilities.Shape[1];
        float[] values = new float[probabilities.Shape[0]];
        for (int i = 0; i < values.Length; i++) values[i] = function(probabilities.Span.Slice(i * classes, classes));
        return values;
    }

    private delegate float RowFunction(ReadOnlySpan<float> row);
}
