using Rindoku.Uncertainty;

namespace Rindoku.Tests.Uncertainty;

/// <summary>The statistics of one map: worked values, and what must not change them.</summary>
public sealed class GramFeaturesTests
{
    private static readonly float[] Worked = [1, 2, 3, -1], Negative = [1, 0, -3, 0];

    [Fact]
    public void Row_sums_of_the_worked_example()
    {
        double[] expected = [6, 11, 5.477226, 9.746795, 4.379519, 9.081563, 4.337613, 9.033422];
        Close(expected, Statistics(Worked, channels: 2, orders: 4), 1e-6);
    }

    [Fact]
    public void A_negative_sum_keeps_its_sign_through_the_root() =>
        Close([-2, 6, 3.162278, 9.486833, -2.962496, 8.887488], Statistics(Negative, channels: 2, orders: 3), 1e-6);

    [Fact]
    public void The_upper_triangle_has_the_diagonal_and_each_pair_once() =>
        Close([5, 1, 10, Math.Sqrt(17), Math.Sqrt(13), Math.Sqrt(82)], Statistics(Worked, channels: 2, orders: 2, GramStatistic.UpperTriangle), 1e-12);

    [Theory, InlineData(GramStatistic.RowSums), InlineData(GramStatistic.UpperTriangle)]
    public void Features_times_a_give_statistics_times_a_squared_at_every_order(GramStatistic statistic)
    {
        float[] features = Random(6 * 20);
        double[] once = Statistics(features, 6, 10, statistic), eight = Statistics([.. features.Select(x => 8 * x)], 6, 10, statistic);
        Close([.. once.Select(s => 64 * s)], eight, 1e-12);
    }

    [Fact]
    public void Where_a_feature_is_does_not_matter_and_channels_carry_their_numbers_with_them()
    {
        const int channels = 5, positions = 12;
        float[] features = Random(channels * positions);
        int[] places = new Rng(2).Permutation(positions), order = new Rng(3).Permutation(channels);
        float[] moved = new float[features.Length], reordered = new float[features.Length];
        for (int c = 0; c < channels; c++)
            for (int j = 0; j < positions; j++)
            {
                moved[c * positions + j] = features[c * positions + places[j]];
                reordered[c * positions + j] = features[order[c] * positions + j];
            }
        double[] statistics = Statistics(features, channels, 10);
        Close(statistics, Statistics(moved, channels, 10), 1e-9);
        Close([.. Enumerable.Range(0, 10 * channels).Select(i => statistics[i / channels * channels + order[i % channels]])], Statistics(reordered, channels, 10), 1e-9);
    }

    [Fact]
    public void Channels_that_lie_side_by_side_are_the_same_features()
    {
        float[] byPosition = [1, 3, 2, -1];
        double[] result = new double[8];
        Assert.True(new GramFeatures(4, GramStatistic.RowSums).Write(byPosition, 2, channelsLast: true, result));
        Assert.Equal(Statistics(Worked, 2, 4), result);
    }

    [Fact]
    public void High_even_orders_come_to_the_largest_product_of_two_channels_at_one_place()
    {
        double[] last = Statistics(Worked, channels: 2, orders: 60)[^2..];
        Assert.Equal(4, last[0], 0.1);
        Assert.Equal(9, last[1], 0.1);
    }

    [Theory, InlineData(1e30f), InlineData(1e-20f)]
    public void Neither_huge_nor_tiny_features_leave_the_numbers_that_there_are(float scale)
    {
        double[] statistics = Statistics([.. Worked.Select(x => x * scale)], channels: 2, orders: 10), plain = Statistics(Worked, channels: 2, orders: 10);
        double unit = scale; // the float's own value, not the decimal it was written as
        Close([.. plain.Select(s => s * unit * unit)], statistics, 1e-5 * unit * unit);
    }

    [Fact]
    public void Features_of_zero_give_zeros_and_features_that_are_no_numbers_are_told()
    {
        Assert.Equal(new double[4], Statistics([0, 0, 0, 0], channels: 2, orders: 2));
        GramFeatures gram = new(2, GramStatistic.RowSums);
        Assert.False(gram.Write([1, float.NaN, 2, 3], 2, false, new double[4]));
        Assert.False(gram.Write([1, 2, float.NegativeInfinity, 3], 2, false, new double[4]));
        Assert.True(gram.Write([1, 2, 3, 4], 2, false, new double[4])); // the workspace is as good as new
    }

    [Fact]
    public void A_value_below_or_above_the_range_deviates_by_its_share_of_the_bound()
    {
        GramRange range = new([1]);
        range.Widen(0, [2]);
        range.Widen(0, [4]);
        Assert.Equal(0.5, range.Deviation(0, [1]), 1e-6);
        Assert.Equal(0.25, range.Deviation(0, [5]), 1e-6);
        Assert.Equal(0, range.Deviation(0, [3]));
        Assert.Equal(0, range.Deviation(0, [2]));
        Assert.Equal(0, range.Deviation(0, [4]));
    }

    [Fact]
    public void A_bound_of_minus_epsilon_does_not_divide_by_zero()
    {
        GramRange range = new([1]);
        range.Widen(0, [-1e-6]);
        Assert.Equal(0.5, range.Deviation(0, [-2e-6]), 1e-9); // the authors' |min + ε| would be 0 here
    }

    private static double[] Statistics(float[] features, int channels, int orders, GramStatistic statistic = GramStatistic.RowSums)
    {
        GramFeatures gram = new(orders, statistic);
        double[] result = new double[gram.Count(channels)];
        Assert.True(gram.Write(features, channels, channelsLast: false, result));
        return result;
    }

    private static float[] Random(int count) => new Rng(1).Normal([count]).ToArray();

    private static void Close(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
    }
}
