using Rindoku.Bench.Sweep;

namespace Rindoku.Tests.Bench;

/// <summary>What counts as a cliff, and that the sweep times the shapes that it says.</summary>
public sealed class SweepTests
{
    [Theory]
    [InlineData(1000, 21, 1.0)]     // the same work at half the rate; the call's microsecond is left out
    [InlineData(1000, 41, 2.0)]
    [InlineData(2000, 41, 1.0)]     // twice the work may take twice as long
    [InlineData(500, 11, 1.0)]
    public void Excess_is_the_time_over_that_at_half_the_neighbours_rate(double work, double microseconds, double expected)
    {
        SweepTiming neighbour = new("matmul", "n=8", 1000, 10e-6, "GFLOP/s"), shape = new("matmul", "n=7", work, microseconds * 1e-6, "GFLOP/s");
        Assert.Equal(expected, new Cliff(shape, neighbour).Excess, 9);
    }

    [Fact]
    public void A_shape_that_costs_what_a_larger_neighbour_costs_pays_for_padding()
    {
        SweepTiming small = new("matmul", "n=1", 1e4, 11e-6, "GFLOP/s"), large = new("matmul", "n=16", 16e4, 10e-6, "GFLOP/s");
        Assert.True(new Cliff(small, large) is { Excess: > 1, IsPadding: true });
        Assert.False(new Cliff(small with { Seconds = 20e-6 }, large).IsPadding);
        Assert.False(new Cliff(large with { Seconds = 10 }, small).IsPadding); // no smaller neighbour excuses
    }

    [Fact]
    public void A_sweep_times_every_shape_of_its_grid()
    {
        List<SweepTiming> timings = [];
        SweepRunner.Run(["sum-columns"], timings.Add);
        Assert.Equal(4 * 13, timings.Count);
        Assert.Equal(("rows=1 length=1", 4.0), (timings[0].Sizes, timings[0].Amount));
        Assert.Equal(("rows=1000 length=1023", 4.0 * 1000 * 1023), (timings[^1].Sizes, timings[^1].Amount));
        Assert.All(timings, t => Assert.True(t.Operation == "sum-columns" && t.Seconds > 0 && t.Rate > 0));
        Assert.Throws<ArgumentException>(() => SweepRunner.Run(["matmull"]));
    }

    [Fact]
    public void Every_sweep_has_a_name_of_its_own() => Assert.Distinct(SweepRunner.Names);
}
