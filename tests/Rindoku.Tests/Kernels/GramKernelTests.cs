using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

/// <summary>The statistics of one map: worked values, and what must not change them.</summary>
[Collection(nameof(KernelSettings))]
public sealed class GramKernelTests
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
        Close([5, 1, 10, Math.Sqrt(17), Math.Sqrt(13), Math.Sqrt(82)], Statistics(Worked, channels: 2, orders: 2, triangle: true), 1e-12);

    [Theory, InlineData(false), InlineData(true)]
    public void Features_times_a_give_statistics_times_a_squared_at_every_order(bool triangle)
    {
        float[] features = Random(6 * 20);
        // A factor that rounds nothing: the rounding of 3x would be raised to the twentieth power.
        double[] once = Statistics(features, 6, 10, triangle), four = Statistics([.. features.Select(x => 4 * x)], 6, 10, triangle);
        Close([.. once.Select(s => 16 * s)], four, 1e-6);
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

    [Theory, InlineData(1, 1), InlineData(3, 1), InlineData(1, 5000), InlineData(7, 292), InlineData(7, 293), InlineData(64, 33), InlineData(2050, 3)]
    public void Every_size_gives_what_the_matrix_itself_gives(int channels, int positions)
    {
        const int examples = 3, orders = 4;
        float[] maps = Random(examples * channels * positions), byPosition = new float[maps.Length];
        for (int i = 0; i < maps.Length; i++)
        {
            (int example, int c, int j) = (i / (channels * positions), i / positions % channels, i % positions);
            byPosition[(example * positions + j) * channels + c] = maps[i];
        }
        double[] result = new double[examples * orders * channels], fromPositions = new double[result.Length];
        GramKernel.Write(maps, examples, channels, channelsLast: false, orders, triangle: false, result);
        GramKernel.Write(byPosition, examples, channels, channelsLast: true, orders, triangle: false, fromPositions);
        Assert.Equal(result, fromPositions);
        for (int example = 0; example < examples; example++)
            Close(Reference(maps.AsSpan(example * channels * positions, channels * positions), channels, orders), result[(example * orders * channels)..((example + 1) * orders * channels)], 1e-6);
    }

    [Fact]
    public void The_rows_of_the_triangle_add_up_to_the_row_sums_at_order_one()
    {
        const int channels = 9;
        float[] features = Random(channels * 300);
        double[] entries = Statistics(features, channels, 1, triangle: true), sums = new double[channels];
        for (int c = 0, at = 0; c < channels; c++)
            for (int other = c; other < channels; other++, at++)
            {
                sums[c] += entries[at];
                if (other != c) sums[other] += entries[at];
            }
        Close(sums, Statistics(features, channels, 1), 1e-9);
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        float[] maps = Random(40 * 12 * 100);
        Tensor[] Work()
        {
            double[] result = new double[40 * 12 * 10];
            GramKernel.Write(maps, 40, 12, channelsLast: false, orders: 10, triangle: false, result);
            return [Tensor.Of([.. result.Select(s => (float)s)])];
        }
        Rindoku.Tests.Ops.Determinism.Check(Work);
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
        double[] result = new double[3 * 4];
        GramKernel.Write([1, float.NaN, 2, 3, 1, 2, 3, -1, 1, 2, float.NegativeInfinity, 3], 3, 2, channelsLast: false, orders: 2, triangle: false, result);
        Assert.All(result[..4], s => Assert.True(double.IsNaN(s)));
        Assert.Equal(Statistics(Worked, 2, 2), result[4..8]); // neighbours are as good as alone
        Assert.All(result[8..], s => Assert.True(double.IsNaN(s)));
        Assert.Throws<ArgumentException>(() => GramKernel.Write(new float[7], 1, 2, false, 1, false, new double[2]));
    }

    private static double[] Statistics(float[] features, int channels, int orders, bool triangle = false)
    {
        double[] result = new double[GramKernel.Count(channels, orders, triangle)];
        GramKernel.Write(features, 1, channels, channelsLast: false, orders, triangle, result);
        return result;
    }

    // As it is defined: the matrix, the sums of its rows, their roots.
    private static double[] Reference(ReadOnlySpan<float> f, int channels, int orders)
    {
        int positions = f.Length / channels;
        double[] result = new double[orders * channels];
        for (int p = 1; p <= orders; p++)
        {
            double[] columns = new double[positions];
            for (int i = 0; i < f.Length; i++) columns[i % positions] += Math.Pow(f[i], p);
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                for (int j = 0; j < positions; j++) sum += Math.Pow(f[c * positions + j], p) * columns[j];
                result[(p - 1) * channels + c] = Math.Sign(sum) * Math.Pow(Math.Abs(sum), 1.0 / p);
            }
        }
        return result;
    }

    private static float[] Random(int count) => new Rng(1).Normal([count]).ToArray();

    private static void Close(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
    }
}
