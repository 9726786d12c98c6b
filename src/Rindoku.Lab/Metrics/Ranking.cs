namespace Rindoku.Lab;

/// <summary>How well a score ranks positives before negatives: detection, out-of-distribution tests.</summary>
/// <remarks>Higher scores mean positive. Ties are handled exactly: what has the same score is passed at once.</remarks>
public static class Ranking
{
    /// <summary>
    /// The area under the receiver operating characteristic: the probability that a positive scores higher than a negative, ties
    /// counting one half (Mann and Whitney).
    /// </summary>
    /// <exception cref="ArgumentException">There are no positives or no negatives, or a score is NaN.</exception>
    public static double Auroc(ReadOnlySpan<float> scores, ReadOnlySpan<bool> positive)
    {
        double area = 0, truePositives = 0;
        List<(long Positives, long Negatives)> steps = Steps(scores, positive, out long positives, out long negatives);
        foreach ((long p, long n) in steps)
        {
            area += n * (truePositives + p / 2.0);
            truePositives += p;
        }
        return area / ((double)positives * negatives);
    }

    /// <summary>The area under precision over recall as average precision: the sum over thresholds of precision times the gain in recall.</summary>
    /// <remarks>No line is drawn between points, which would be too kind (Davis and Goadrich 2006); as scikit-learn's <c>average_precision_score</c>.</remarks>
    /// <exception cref="ArgumentException">There are no positives or no negatives, or a score is NaN.</exception>
    public static double Aupr(ReadOnlySpan<float> scores, ReadOnlySpan<bool> positive)
    {
        double area = 0, truePositives = 0, taken = 0;
        foreach ((long p, long n) in Steps(scores, positive, out long positives, out _))
        {
            truePositives += p;
            taken += p + n;
            area += truePositives / taken * p / positives;
        }
        return area;
    }

    /// <summary>The part of the negatives above the highest threshold that lets at least a given part of the positives through.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="positive">Which are positive.</param>
    /// <param name="truePositiveRate">The part of the positives, usually 0.95.</param>
    /// <exception cref="ArgumentException">There are no positives or no negatives, or a score is NaN.</exception>
    public static double FalsePositiveRateAt(ReadOnlySpan<float> scores, ReadOnlySpan<bool> positive, double truePositiveRate = 0.95)
    {
        long truePositives = 0, falsePositives = 0;
        foreach ((long p, long n) in Steps(scores, positive, out long positives, out long negatives))
        {
            truePositives += p;
            falsePositives += n;
            if (truePositives >= truePositiveRate * positives) return (double)falsePositives / negatives;
        }
        return 1;
    }

    /// <summary>The best mean of the two rates of right answers, over all thresholds: <c>max (TPR + TNR) / 2</c>, from 0.5 to 1.</summary>
    /// <remarks>Called detection accuracy in the literature on out-of-distribution examples.</remarks>
    /// <exception cref="ArgumentException">There are no positives or no negatives, or a score is NaN.</exception>
    public static double BalancedAccuracy(ReadOnlySpan<float> scores, ReadOnlySpan<bool> positive)
    {
        double best = 0.5;
        long truePositives = 0, falsePositives = 0;
        foreach ((long p, long n) in Steps(scores, positive, out long positives, out long negatives))
        {
            truePositives += p;
            falsePositives += n;
            best = Math.Max(best, ((double)truePositives / positives + 1 - (double)falsePositives / negatives) / 2);
        }
        return best;
    }

    /// <summary>From the highest score down, how many positives and negatives share each score.</summary>
    private static List<(long Positives, long Negatives)> Steps(ReadOnlySpan<float> scores, ReadOnlySpan<bool> positive, out long positives, out long negatives)
    {
        if (scores.Length != positive.Length) throw new ArgumentException($"Ranking: {scores.Length} scores, {positive.Length} labels", nameof(positive));
        float[] keys = scores.ToArray();
        if (Array.Exists(keys, float.IsNaN)) throw new ArgumentException("Ranking: a score is NaN, which has no rank", nameof(scores));
        bool[] labels = positive.ToArray();
        Array.Sort(keys, labels);
        List<(long Positives, long Negatives)> steps = [];
        positives = negatives = 0;
        for (int i = keys.Length - 1; i >= 0;)
        {
            long p = 0, n = 0;
            float score = keys[i];
            for (; i >= 0 && keys[i] == score; i--)
            {
                if (labels[i]) p++;
                else n++;
            }
            steps.Add((p, n));
            positives += p;
            negatives += n;
        }
        if (positives == 0 || negatives == 0) throw new ArgumentException($"Ranking: needs positives and negatives, got {positives} and {negatives}", nameof(positive));
        return steps;
    }
}
