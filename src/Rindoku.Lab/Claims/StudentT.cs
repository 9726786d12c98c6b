using System.Collections.Concurrent;

namespace Rindoku.Lab;

/// <summary>Student's t distribution.</summary>
internal static class StudentT
{
    private static readonly ConcurrentDictionary<(int Count, double Freedom), double[]> Even = new();

    /// <summary>The value below which t lies with probability p.</summary>
    /// <param name="p">The probability, between 0 and 1.</param>
    /// <param name="freedom">The degrees of freedom, ν, above zero.</param>
    public static double Quantile(double p, double freedom)
    {
        if (p == 0.5) return 0;
        if (p < 0.5) return -Quantile(1 - p, freedom);
        double low = 0, high = 1;
        while (Cumulative(high, freedom) < p) high *= 2;
        for (int i = 0; i < 100 && high - low > 1e-13 * high; i++)
        {
            double middle = (low + high) / 2;
            if (Cumulative(middle, freedom) < p) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }

    /// <summary>The quantiles of <c>(i + 1/2) / count</c>, a new array: a sample of the distribution without sampling noise.</summary>
    public static double[] EvenQuantiles(int count, double freedom) => [.. Even.GetOrAdd((count, freedom), static key =>
    {
        double[] quantiles = new double[key.Count];
        for (int i = 0; i < (key.Count + 1) / 2; i++)
        {
            quantiles[i] = Quantile((i + 0.5) / key.Count, key.Freedom);
            quantiles[key.Count - 1 - i] = -quantiles[i];
        }
        return quantiles;
    })];

    /// <summary>The probability of a value up to t: <c>1 - I(ν / (ν + t²); ν/2, 1/2) / 2</c> for positive t.</summary>
    public static double Cumulative(double t, double freedom)
    {
        double tail = IncompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
        return t > 0 ? 1 - tail : tail;
    }

    /// <summary>The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22), on the side where it converges fast.</summary>
    private static double IncompleteBeta(double x, double a, double b)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        if (x > (a + 1) / (a + b + 2)) return 1 - IncompleteBeta(1 - x, b, a);
        double front = Math.Exp(a * Math.Log(x) + b * Math.Log(1 - x) + LogGamma(a + b) - LogGamma(a) - LogGamma(b)) / a;
        double c = 1, d = 1 / Nonzero(1 - (a + b) * x / (a + 1)), value = d;
        for (int m = 1; m < 300; m++)
        {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / Nonzero(1 + even * d);
            c = Nonzero(1 + even / c);
            value *= c * d;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / Nonzero(1 + odd * d);
            c = Nonzero(1 + odd / c);
            value *= c * d;
            if (Math.Abs(c * d - 1) < 1e-15) break;
        }
        return front * value;
    }

    // Lentz's method divides by running terms, which may pass through zero.
    private static double Nonzero(double x) => Math.Abs(x) < 1e-300 ? 1e-300 : x;

    /// <summary>log Γ(x) for x above zero: Stirling's series after the argument has been raised above 10.</summary>
    private static double LogGamma(double x)
    {
        double shift = 0;
        while (x < 10) shift -= Math.Log(x++);
        double r = 1 / (x * x);
        double series = (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / x;
        return shift + (x - 0.5) * Math.Log(x) - x + Math.Log(2 * Math.PI) / 2 + series;
    }
}
