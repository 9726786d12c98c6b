using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>One number that divides all logits, fitted on held-out examples: the simplest calibration. Predicted classes stay.</summary>
/// <remarks>Source: Guo et al. 2017, arXiv:1706.04599, §4.2.</remarks>
public static class TemperatureScaling
{
    // The temperature is sought from 1/1000 to 1000; where the optimum lies beyond, as with labels all predicted rightly, the end is taken.
    private const double Most = 1000;
    private const int Halvings = 60;

    /// <summary>The temperature T with the least negative log-likelihood of <c>softmax(logits / T)</c>.</summary>
    /// <param name="logits">(n, classes), of examples that the model did not learn from.</param>
    /// <param name="labels">(n).</param>
    /// <returns>T, from 0.001 to 1,000; above 1 where the model is too sure of itself.</returns>
    /// <remarks>
    /// The likelihood is concave in β = 1/T, with the slope <c>mean Σ_c p_c (z_y − z_c)</c>, so that its zero is found by halving.
    /// </remarks>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentException">A logit is not finite, or a label is no class.</exception>
    public static double Fit(Tensor logits, IntTensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        ShapeException.Require(logits.Rank == 2 && labels.Rank == 1 && logits.Shape[0] == labels.Length && labels.Length > 0,
            $"TemperatureScaling: needs logits (n, classes) and labels (n) for n of at least 1, got {logits.Shape} and {labels.Shape}");
        foreach (float z in logits.Span)
            if (!float.IsFinite(z)) throw new ArgumentException($"TemperatureScaling: a logit is {z}", nameof(logits));
        foreach (int label in labels.Span)
            if ((uint)label >= (uint)logits.Shape[1]) throw new ArgumentException($"TemperatureScaling: label {label} is not one of the {logits.Shape[1]} classes", nameof(labels));

        double low = Math.Log(1 / Most), high = Math.Log(Most); // of ln β
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Slope(logits, labels, Math.Exp(middle)) >= 0) low = middle; // 0 where no label is missed and all else has underflowed
            else high = middle;
        }
        return Math.Exp(-(low + high) / 2);
    }

    /// <summary>The calibrated probabilities, <c>softmax(logits / T)</c>, (n, classes).</summary>
    public static Tensor Apply(Tensor logits, double temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        return (logits * (float)(1 / temperature)).Softmax();
    }

    private static double Slope(Tensor logits, IntTensor labels, double beta)
    {
        int classes = logits.Shape[1];
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> row = logits.Span.Slice(i * classes, classes);
            double most = float.NegativeInfinity, total = 0, weighted = 0;
            foreach (float z in row) most = Math.Max(most, z);
            foreach (float z in row)
            {
                double weight = Math.Exp(beta * (z - most));
                total += weight;
                weighted += weight * ((double)row[labels[i]] - z); // not z alone: of z_y - Σ p z rounding would leave 0 too soon
            }
            sum += weighted / total;
        }
        return sum;
    }
}
