using System.Numerics.Tensors;

namespace Rindoku.Uncertainty;

/// <summary>The statistics of one example's features in one layer: numbers from its Gram matrices of orders 1 ... P.</summary>
/// <remarks>
/// <para><c>G^p = F^(p) F^(p)ᵀ</c> of the features F, C channels at S positions, to the element-wise power p; then of each number taken from it the
/// signed root, <c>sign(s) |s|^(1/p)</c>, which brings all orders to one scale: that of F squared.</para>
/// <para>F is divided by its largest magnitude a first and the statistics are multiplied by a²: so no power overflows, whatever the features are.
/// Sums are in double precision. An instance keeps its workspace, so it serves one thread.</para>
/// </remarks>
/// <param name="orders">P.</param>
/// <param name="statistic">Which numbers of the matrices.</param>
internal sealed class GramFeatures(int orders, GramStatistic statistic)
{
    private double[] scaled = [], powered = [], columnSums = [];

    /// <summary>How many numbers <see cref="Write"/> gives for a layer of so many channels, all orders together.</summary>
    public int Count(int channels) => orders * (statistic == GramStatistic.RowSums ? channels : channels * (channels + 1) / 2);

    /// <summary>Computes the statistics, order by order.</summary>
    /// <param name="features">F: channel by channel, or position by position.</param>
    /// <param name="channels">C.</param>
    /// <param name="channelsLast">Whether the channels of a position lie side by side.</param>
    /// <param name="result">Where they go, <see cref="Count"/> numbers.</param>
    /// <returns>False where a feature is not finite; the result then means nothing.</returns>
    public bool Write(ReadOnlySpan<float> features, int channels, bool channelsLast, Span<double> result)
    {
        int positions = features.Length / channels;
        Reserve(features.Length, positions);
        double most = Scale(features, channels, positions, channelsLast);
        if (!double.IsFinite(most)) return false;
        if (most == 0)
        {
            result.Clear();
            return true;
        }
        Span<double> f = scaled.AsSpan(..features.Length), power = powered.AsSpan(..features.Length);
        f.CopyTo(power);
        int each = result.Length / orders;
        for (int p = 1; p <= orders; p++)
        {
            if (p > 1) TensorPrimitives.Multiply(power, f, power); // never exp(p log x): features may be negative
            Span<double> ofOrder = result.Slice((p - 1) * each, each);
            if (statistic == GramStatistic.RowSums) RowSums(power, channels, positions, ofOrder);
            else UpperTriangle(power, channels, positions, ofOrder);
            foreach (ref double s in ofOrder) s = most * most * Root(s, p);
        }
        return true;
    }

    private void Reserve(int length, int positions)
    {
        if (scaled.Length < length) (scaled, powered) = (new double[length], new double[length]);
        if (columnSums.Length < positions) columnSums = new double[positions];
    }

    // Channel by channel, divided by the largest magnitude, which is given back.
    private double Scale(ReadOnlySpan<float> features, int channels, int positions, bool channelsLast)
    {
        double most = 0;
        foreach (float x in features)
        {
            if (!float.IsFinite(x)) return double.NaN;
            most = Math.Max(most, Math.Abs(x));
        }
        if (most == 0) return 0;
        for (int i = 0; i < features.Length; i++)
            scaled[i] = features[channelsLast ? i % positions * channels + i / positions : i] / most;
        return most;
    }

    // Σ_c' G_cc' = Σ_j F_cj (Σ_c' F_c'j): the sum of a row needs no matrix.
    private void RowSums(ReadOnlySpan<double> power, int channels, int positions, Span<double> sums)
    {
        Span<double> columns = columnSums.AsSpan(..positions);
        columns.Clear();
        for (int c = 0; c < channels; c++) TensorPrimitives.Add(columns, power.Slice(c * positions, positions), columns);
        for (int c = 0; c < channels; c++) sums[c] = TensorPrimitives.Dot(power.Slice(c * positions, positions), columns);
    }

    private static void UpperTriangle(ReadOnlySpan<double> power, int channels, int positions, Span<double> entries)
    {
        for (int c = 0, at = 0; c < channels; c++)
            for (int other = c; other < channels; other++)
                entries[at++] = TensorPrimitives.Dot(power.Slice(c * positions, positions), power.Slice(other * positions, positions));
    }

    private static double Root(double s, int p) => p == 1 ? s : Math.CopySign(Math.Pow(Math.Abs(s), 1.0 / p), s);
}
