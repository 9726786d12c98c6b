namespace Rindoku.Lab.Tests.Claims;

/// <summary>Simulations of how often a 95 % interval contains the truth.</summary>
public sealed class ClaimCoverageTests
{
    private const int Trials = 600;

    // The share of 600 trials has a deviation of 0.9 % around 95 %; the bounds are three of them away.
    private const double Least = 0.923, Most = 0.977;

    [Fact]
    public void Over_seeds_alone_95_percent_are_right()
    {
        Rng rng = new(1);
        Assert.InRange(Coverage(_ => SeedMean.Of([.. Enumerable.Range(0, 3).Select(_ => 1 + rng.NextNormal())]).Interval, 1), Least, Most);
    }

    [Fact]
    public void Resampling_three_seeds_would_miss_a_quarter_of_the_time()
    {
        // Why the seeds are not resampled: the interval of the resampled means of three numbers is nearly their range.
        Rng rng = new(2);
        double coverage = Coverage(_ =>
        {
            double[] values = [.. Enumerable.Range(0, 3).Select(_ => rng.NextNormal())];
            double[] means = [.. Enumerable.Range(0, 400).Select(_ => (values[rng.NextInt(3)] + values[rng.NextInt(3)] + values[rng.NextInt(3)]) / 3).Order()];
            return new Interval(means[10], means[389]);
        }, 0);
        Assert.InRange(coverage, 0.6, 0.85);
    }

    // Differences μ + a_s + b_u + e_su, with one of the three parts large at a time, and with all. Too wide is allowed only where e
    // matters, which is counted twice on purpose.
    [Theory]
    [InlineData(3, 1.0, 0.0, 0.0, Most)]
    [InlineData(3, 0.0, 5.0, 0.0, Most)]
    [InlineData(3, 1.0, 5.0, 0.0, 0.99)]
    [InlineData(3, 0.0, 0.0, 5.0, 1.0)]
    [InlineData(8, 0.5, 3.0, 2.0, 1.0)]
    public void Over_seeds_and_units_at_least_95_percent_are_right(int seeds, double a, double b, double e, double most)
    {
        const int units = 60;
        Rng rng = new(3);
        double coverage = Coverage(trial =>
        {
            double[] unitParts = [.. Enumerable.Range(0, units).Select(_ => b * rng.NextNormal())];
            double[] seedMeans = new double[seeds];
            float[] unitMeans = new float[units];
            for (int s = 0; s < seeds; s++)
            {
                double seedPart = a * rng.NextNormal();
                for (int u = 0; u < units; u++)
                {
                    double difference = 0.7 + seedPart + unitParts[u] + (e > 0 ? e * rng.NextNormal() : 0);
                    seedMeans[s] += difference / units;
                    unitMeans[u] += (float)(difference / seeds);
                }
            }
            return SeedsAndUnits.Of(seedMeans, unitMeans, $"trial {trial}").Interval;
        }, 0.7);
        Assert.InRange(coverage, Least, most);
    }

    [Fact]
    public void Without_units_that_differ_the_interval_is_Students_and_always_the_same()
    {
        (double mean, Interval interval) = SeedsAndUnits.Of([1, 2, 3], [2, 2, 2, 2], "x");
        Assert.Equal(2, mean);
        Assert.Equal(2 - 2.484, interval.Low, 0.01);
        Assert.Equal(2 + 2.484, interval.High, 0.01);
        Assert.Equal(interval, SeedsAndUnits.Of([1, 2, 3], [2, 2, 2, 2], "x").Interval);
    }

    [Fact]
    public void Without_seeds_that_differ_the_interval_is_the_bootstraps()
    {
        // 400 units, 0 or 1 by half: the mean has the deviation 0.5 / 20, and the interval is 1.96 of them to each side.
        float[] units = [.. Enumerable.Range(0, 400).Select(u => u % 2f)];
        (double mean, Interval interval) = SeedsAndUnits.Of([0.5, 0.5, 0.5], units, "x");
        Assert.Equal(0.5, mean);
        Assert.Equal(0.5 - 0.049, interval.Low, 0.003);
        Assert.Equal(0.5 + 0.049, interval.High, 0.003);
    }

    private static double Coverage(Func<int, Interval> interval, double truth) =>
        Enumerable.Range(0, Trials).Count(trial => interval(trial) is var i && i.Low <= truth && truth <= i.High) / (double)Trials;
}
