namespace Rindoku.Lab;

/// <summary>Means over seeds with Student's 95 % interval.</summary>
internal static class SeedMean
{
    public static string Method(int seeds) => seeds < 2 ? "one seed: no interval" : $"Student's t over {seeds} seeds";

    public static (double Mean, Interval Interval) Of(double[] values)
    {
        (double mean, double error) = MeanAndError(values);
        if (values.Length < 2) return (mean, Interval.Unknown);
        double half = StudentT.Quantile(0.975, values.Length - 1) * error;
        return (mean, new Interval(mean - half, mean + half));
    }

    /// <summary>The same on a logarithmic scale, for ratios.</summary>
    public static (double Mean, Interval Interval) Geometric(double[] values)
    {
        (double mean, Interval interval) = Of([.. values.Select(value => Math.Log(value))]);
        return (Math.Exp(mean), new Interval(Math.Exp(interval.Low), Math.Exp(interval.High)));
    }

    /// <summary>The difference of two independent means; the degrees of freedom are Welch's and Satterthwaite's.</summary>
    public static (double Mean, Interval Interval) Welch(double[] a, double[] b)
    {
        (double meanA, double errorA) = MeanAndError(a);
        (double meanB, double errorB) = MeanAndError(b);
        double difference = meanA - meanB;
        if (a.Length < 2 || b.Length < 2) return (difference, Interval.Unknown);

        double varianceA = errorA * errorA, varianceB = errorB * errorB, variance = varianceA + varianceB;
        if (variance == 0) return (difference, new Interval(difference, difference));
        double freedom = variance * variance / (varianceA * varianceA / (a.Length - 1) + varianceB * varianceB / (b.Length - 1));
        double half = StudentT.Quantile(0.975, freedom) * Math.Sqrt(variance);
        return (difference, new Interval(difference - half, difference + half));
    }

    /// <summary>The mean and its standard error, <c>s / sqrt(n)</c>.</summary>
    public static (double Mean, double Error) MeanAndError(double[] values)
    {
        double mean = values.Average(), squares = 0;
        foreach (double value in values) squares += (value - mean) * (value - mean);
        return (mean, values.Length < 2 ? 0 : Math.Sqrt(squares / (values.Length - 1) / values.Length));
    }
}
