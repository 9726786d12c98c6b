using System.Globalization;

namespace Rindoku.Lab;

/// <summary>The interval of a mean difference over seeds and over units - test images, problems - that all seeds share.</summary>
/// <remarks>
/// <para>Model: the difference in seed s at unit u is <c>μ + a_s + b_u + e_su</c>, seeds and units both drawn at random. The mean
/// over all has variance <c>σa²/S + σb²/U + σe²/SU</c>. The spread of the S seed means tells <c>σa² + σe²/U</c> and is blind to b;
/// the spread of the U unit means, averaged over seeds, tells <c>σb² + σe²/S</c> and is blind to a. Both are needed, and their sum
/// counts the last term twice, which errs on the side of caution.</para>
/// <para>Units are many: they are resampled (the bootstrap). Seeds are few: resampling three of them gives intervals that miss a
/// quarter of the time (<c>ClaimCoverageTests</c> measures it), so their part is drawn from Student's distribution, evenly
/// over its quantiles. Without units this is exactly Student's interval; without spread over seeds it is the bootstrap's.</para>
/// </remarks>
internal static class SeedsAndUnits
{
    private const int Draws = 4000;

    public static string Method(int seeds, int units) => seeds < 2 ? "one seed: no interval" : string.Create(CultureInfo.InvariantCulture,
        $"Student's t over {seeds} seeds and a bootstrap over {units} units, {Draws} draws");

    /// <param name="seedDifferences">The difference of each seed.</param>
    /// <param name="unitDifferences">The difference of each unit, averaged over seeds.</param>
    /// <param name="name">Keys the random numbers, so that the same data always gives the same interval.</param>
    public static (double Mean, Interval Interval) Of(double[] seedDifferences, float[] unitDifferences, string name)
    {
        (double mean, double error) = SeedMean.MeanAndError(seedDifferences);
        if (seedDifferences.Length < 2) return (mean, Interval.Unknown);

        Rng rng = new Rng(0).Split($"claim {name}");
        double[] draws = UnitDraws(unitDifferences, rng.Split("units"));
        double[] seedQuantiles = StudentT.EvenQuantiles(Draws, seedDifferences.Length - 1);
        rng.Split("seeds").Shuffle(seedQuantiles.AsSpan());
        for (int i = 0; i < Draws; i++) draws[i] += mean + error * seedQuantiles[i];
        Array.Sort(draws);
        return (mean, new Interval(Quantile(draws, 0.025), Quantile(draws, 0.975)));
    }

    /// <summary>How far the mean of a resample of the units lies from the mean of the units.</summary>
    private static double[] UnitDraws(float[] units, Rng rng)
    {
        double[] draws = new double[Draws];
        double mean = 0;
        foreach (float unit in units) mean += unit;
        mean /= units.Length;

        float[] places = new float[units.Length];
        for (int i = 0; i < Draws; i++)
        {
            rng.FillUniform(places, 0, units.Length);
            double sum = 0;
            foreach (float place in places) sum += units[Math.Min((int)place, units.Length - 1)];
            draws[i] = sum / units.Length - mean;
        }
        return draws;
    }

    /// <summary>The p-quantile of sorted values, between neighbours in proportion.</summary>
    private static double Quantile(double[] sorted, double p)
    {
        double place = p * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
