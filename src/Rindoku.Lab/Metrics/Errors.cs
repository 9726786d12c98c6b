namespace Rindoku.Lab;

/// <summary>Errors of numbers and of densities.</summary>
public static class Errors
{
    /// <summary>The mean, added up in double precision; NaN of nothing.</summary>
    public static double Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += value;
        return sum / values.Length;
    }

    /// <summary>Mean absolute error: <c>mean |x - y|</c>.</summary>
    public static double Mae(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual)
    {
        Require(predicted, actual, nameof(Mae));
        double sum = 0;
        for (int i = 0; i < actual.Length; i++) sum += Math.Abs((double)predicted[i] - actual[i]);
        return sum / actual.Length;
    }

    /// <summary>Root of the mean squared error: <c>sqrt(mean (x - y)²)</c>.</summary>
    public static double Rmse(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual)
    {
        Require(predicted, actual, nameof(Rmse));
        double sum = 0;
        for (int i = 0; i < actual.Length; i++) sum += ((double)predicted[i] - actual[i]) * ((double)predicted[i] - actual[i]);
        return Math.Sqrt(sum / actual.Length);
    }

    /// <summary>Perplexity: <c>exp(nll / tokens)</c>.</summary>
    /// <param name="negativeLogLikelihood">The sum over all tokens, in nats.</param>
    /// <param name="tokens">How many tokens.</param>
    public static double Perplexity(double negativeLogLikelihood, long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        return Math.Exp(negativeLogLikelihood / tokens);
    }

    /// <summary>Bits per dimension of a density: <c>nll / (D ln 2)</c>.</summary>
    /// <param name="negativeLogLikelihood">Of one example, or the mean over examples, in nats.</param>
    /// <param name="dimensions">The numbers in one example, D.</param>
    /// <param name="levels">
    /// How many levels the data had where it was scaled to [0, 1] with uniform noise added: adds log2(levels), for the density is then
    /// one of the scaled data. 1 where the likelihood is that of the levels themselves.
    /// </param>
    public static double BitsPerDim(double negativeLogLikelihood, long dimensions, int levels = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(levels);
        return negativeLogLikelihood / (dimensions * Math.Log(2)) + Math.Log2(levels);
    }

    private static void Require(ReadOnlySpan<float> predicted, ReadOnlySpan<float> actual, string metric) =>
        ShapeException.Require(predicted.Length == actual.Length && actual.Length > 0, $"{metric}: needs as many predictions as values and at least one, got {predicted.Length} and {actual.Length}");
}
