using Rindoku.Lab;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>What importance weights say together; they are given by their logarithms, for most are too small or too large for a float.</summary>
public static class ImportanceWeights
{
    /// <summary>The logarithm of the mean weight, <c>ln Ẑ = ln (Σ w / S)</c>.</summary>
    /// <param name="logWeights">ln w of S particles, at least one.</param>
    public static double LogMean(ReadOnlySpan<float> logWeights)
    {
        (double largest, double sum, _) = Sums(logWeights);
        return largest + Math.Log(sum / logWeights.Length);
    }

    /// <summary>The effective sample size, <c>(Σ w)² / Σ w²</c>: S where all weights are equal, 1 where a single one counts.</summary>
    /// <param name="logWeights">ln w of S particles, at least one.</param>
    public static double EffectiveSampleSize(ReadOnlySpan<float> logWeights)
    {
        (_, double sum, double squares) = Sums(logWeights);
        return sum * sum / squares;
    }

    /// <summary>Systematic resampling: the i-th particle chosen is the one in which (i + u) / S lies, their weights laid end to end from 0 to 1.</summary>
    /// <param name="logWeights">ln w of S particles, at least one.</param>
    /// <param name="u">One random number, from 0 to below 1.</param>
    /// <param name="chosen">Receives the numbers of the chosen, S of them, growing.</param>
    /// <remarks>A particle of normalised weight W is chosen W S times on average, and never less or more than that rounded down or up.</remarks>
    public static void Resample(ReadOnlySpan<float> logWeights, double u, Span<int> chosen)
    {
        ShapeException.Require(chosen.Length == logWeights.Length, $"ImportanceWeights.Resample: {logWeights.Length} weights, but room for {chosen.Length} numbers");
        (double largest, double sum, _) = Sums(logWeights);
        int particle = 0;
        double upTo = Math.Exp(logWeights[0] - largest); // the weights up to and with this particle
        for (int i = 0; i < chosen.Length; i++)
        {
            double position = (i + u) / chosen.Length * sum;
            while (upTo <= position && particle + 1 < logWeights.Length) upTo += Math.Exp(logWeights[++particle] - largest);
            chosen[i] = particle;
        }
    }

    // The largest, and the sums of w and w² in units of it.
    private static (double Largest, double Sum, double Squares) Sums(ReadOnlySpan<float> logWeights)
    {
        ShapeException.Require(logWeights.Length > 0, $"ImportanceWeights: needs at least one weight, got {logWeights.Length}");
        double largest = double.NegativeInfinity, sum = 0, squares = 0;
        foreach (float log in logWeights) largest = Math.Max(largest, log); // NaN if any is
        if (!double.IsFinite(largest))
            throw new LabException(FormattableString.Invariant($"The largest of {logWeights.Length} logarithms of importance weights is {largest}: they cannot be normalised. Try a lower learning rate."));
        foreach (float log in logWeights)
        {
            double weight = Math.Exp(log - largest);
            sum += weight;
            squares += weight * weight;
        }
        return (largest, sum, squares);
    }
}
