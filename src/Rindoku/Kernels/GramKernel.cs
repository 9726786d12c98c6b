using System.Numerics.Tensors;

namespace Rindoku.Kernels;

/// <summary>Numbers from the Gram matrices, of orders 1 ... P, of the features of many examples.</summary>
/// <remarks>
/// <para><c>G^p = F^(p) F^(p)ᵀ</c> of an example's features F, C channels at S positions, to the element-wise power p. Taken are the sums of its rows
/// (C numbers) or its upper triangle with the diagonal (C (C + 1) / 2, row by row), and of each the signed root, <c>sign(s) |s|^(1/p)</c>, which
/// brings all orders to one scale: that of F squared.</para>
/// <para>F is first divided by the power of two below its largest magnitude, and the results are multiplied by the square of it: no power overflows,
/// whatever the features are, and nothing is rounded by it. Sums are in double precision, over blocks of positions that stay in the first-level cache.</para>
/// <para>Determinism: an example is computed by one thread in a fixed order. The result may not lie in the input.</para>
/// </remarks>
internal static class GramKernel
{
    private const int BlockLength = 2048; // of doubles, twice: the features and their power
    private const int Grain = 16384;

    /// <summary>How many numbers an example gives, all orders together.</summary>
    public static int Count(int channels, int orders, bool triangle) => orders * (triangle ? channels * (channels + 1) / 2 : channels);

    /// <summary>Computes the numbers, order by order.</summary>
    /// <param name="maps">The features of each example: channel by channel, or position by position.</param>
    /// <param name="examples">How many.</param>
    /// <param name="channels">C.</param>
    /// <param name="channelsLast">Whether the channels of a position lie side by side.</param>
    /// <param name="orders">P.</param>
    /// <param name="triangle">Whether the upper triangle is taken, not the sums of rows.</param>
    /// <param name="result"><see cref="Count"/> numbers for each example; NaN for one whose features are not all finite.</param>
    public static unsafe void Write(ReadOnlySpan<float> maps, int examples, int channels, bool channelsLast, int orders, bool triangle, Span<double> result)
    {
        int count = Count(channels, orders, triangle);
        if (maps.Length % (examples * channels) != 0 || result.Length != examples * count)
            throw new ArgumentException($"GramKernel: {maps.Length} features and room for {result.Length} numbers do not fit {examples} examples of {channels} channels");
        fixed (float* from = maps)
        fixed (double* to = result)
            Write(from, to, examples, maps.Length / examples, new Layout(channels, channelsLast, orders, triangle), count);
    }

    private readonly record struct Layout(int Channels, bool ChannelsLast, int Orders, bool Triangle);

    private static unsafe void Write(float* maps, double* result, int examples, int length, Layout layout, int count) =>
        Threads.RunChunks(examples, Math.Max(1, Grain / length), (first, end) =>
        {
            int positions = length / layout.Channels, block = Math.Clamp(BlockLength / layout.Channels, 1, positions);
            double[] features = new double[layout.Channels * block], power = new double[features.Length], columns = new double[block];
            for (int i = first; i < end; i++)
                Example(new ReadOnlySpan<float>(maps + (long)i * length, length), new Span<double>(result + (long)i * count, count), layout, features, power, columns);
        });

    private static void Example(ReadOnlySpan<float> map, Span<double> result, Layout layout, double[] features, double[] power, double[] columns)
    {
        float most = Math.Abs(TensorPrimitives.MaxMagnitude(map)); // NaN where there is one
        if (!float.IsFinite(most))
        {
            result.Fill(double.NaN);
            return;
        }
        result.Clear();
        if (most == 0) return;
        int exponent = Math.ILogB(most), each = result.Length / layout.Orders, positions = map.Length / layout.Channels;
        for (int from = 0; from < positions; from += columns.Length)
        {
            int here = Math.Min(columns.Length, positions - from);
            Span<double> f = features.AsSpan(..(layout.Channels * here)), raised = power.AsSpan(..f.Length);
            Load(map, f, layout, from, here, Math.ScaleB(1, -exponent));
            f.CopyTo(raised);
            for (int p = 1; p <= layout.Orders; p++)
            {
                if (p > 1) TensorPrimitives.Multiply(raised, f, raised); // never exp(p log x): features may be negative
                Span<double> sums = result.Slice((p - 1) * each, each);
                if (layout.Triangle) AddTriangle(raised, here, layout.Channels, sums);
                else AddRowSums(raised, here, layout.Channels, sums, columns.AsSpan(..here));
            }
        }
        double back = Math.ScaleB(1, 2 * exponent);
        for (int i = 0; i < result.Length; i++) result[i] = back * Root(result[i], i / each + 1);
    }

    // A block of positions, channel by channel.
    private static void Load(ReadOnlySpan<float> map, Span<double> block, Layout layout, int from, int here, double scale)
    {
        int positions = map.Length / layout.Channels;
        for (int c = 0; c < layout.Channels; c++)
        {
            Span<double> row = block.Slice(c * here, here);
            if (layout.ChannelsLast)
                for (int j = 0; j < here; j++) row[j] = map[(from + j) * layout.Channels + c] * scale;
            else
            {
                ReadOnlySpan<float> source = map.Slice(c * positions + from, here);
                for (int j = 0; j < here; j++) row[j] = source[j] * scale;
            }
        }
    }

    // Σ_c' G_cc' = Σ_j F_cj (Σ_c' F_c'j): the sum of a row needs no matrix.
    private static void AddRowSums(ReadOnlySpan<double> f, int positions, int channels, Span<double> sums, Span<double> columns)
    {
        columns.Clear();
        for (int c = 0; c < channels; c++) TensorPrimitives.Add(columns, f.Slice(c * positions, positions), columns);
        for (int c = 0; c < channels; c++) sums[c] += TensorPrimitives.Dot(f.Slice(c * positions, positions), columns);
    }

    private static void AddTriangle(ReadOnlySpan<double> f, int positions, int channels, Span<double> entries)
    {
        for (int c = 0, at = 0; c < channels; c++)
            for (int other = c; other < channels; other++)
                entries[at++] += TensorPrimitives.Dot(f.Slice(c * positions, positions), f.Slice(other * positions, positions));
    }

    private static double Root(double s, int p) => p switch
    {
        1 => s,
        2 => Math.CopySign(Math.Sqrt(Math.Abs(s)), s),
        _ => Math.CopySign(Math.Pow(Math.Abs(s), 1.0 / p), s),
    };
}
