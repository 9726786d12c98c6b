using System.Runtime.Intrinsics;

namespace Rindoku.Kernels;

/// <summary>Filters of signs, packed over the channels, with what the borders of an image need to know of them.</summary>
internal sealed class SignFilters
{
    /// <summary>Packs filters of real numbers by their signs.</summary>
    /// <param name="weights">(filters, channels, taps).</param>
    /// <param name="filters">How many filters.</param>
    /// <param name="channels">Channels of each.</param>
    /// <param name="taps">Places of the kernel.</param>
    public SignFilters(ReadOnlySpan<float> weights, int filters, int channels, int taps)
    {
        (Channels, Taps) = (channels, taps);
        int words = SignPacking.Words(channels);
        float[] turned = new float[weights.Length];
        StridedCopy.Transpose(weights, turned, filters, channels, taps);
        ulong[] bits = new ulong[filters * taps * words];
        SignPacking.Pack(turned, channels, bits);
        Panels = new BitPanels(filters, taps * words, bits);
        TapBits = new int[taps * Panels.PaddedRows];
        for (int filter = 0; filter < filters; filter++)
            for (int k = 0; k < taps * words; k++)
                TapBits[k / words * Panels.PaddedRows + filter] += System.Numerics.BitOperations.PopCount(bits[filter * taps * words + k]);
    }

    public int Channels { get; }

    public int Taps { get; }

    public BitPanels Panels { get; }

    /// <summary>How many signs of each filter are +1 at each tap, (taps, padded filters).</summary>
    public int[] TapBits { get; }
}

/// <summary>Convolution of signs with signs, along two axes, channels innermost.</summary>
/// <remarks>
/// <para>A place outside of the image counts for nothing: it is a third value, 0, beside −1 and +1. Its words are taken as zeros (all −1), and what that
/// adds is known beforehand: with V taps inside the image, C channels and <c>p</c> bits set in the taps outside, the sum is
/// <c>C V + 2 p − 2 popcount(patch xor filter)</c>. Inside the image p is 0 and V all taps.</para>
/// <para>Aliasing: none. Deterministic: all sums are whole numbers.</para>
/// </remarks>
internal static unsafe class SignConvolution
{
    private const int PlacesAtOnce = 16;
    private const int TaskWork = 1 << 16; // words compared: some 10 microseconds

    /// <summary>The sums, whole numbers as floats: (batch, places, filters).</summary>
    /// <param name="g">The shapes; no groups and no dilation.</param>
    /// <param name="x">(batch, height, width, words).</param>
    /// <param name="filters">The filters.</param>
    /// <param name="y">(batch, height', width', filters), written.</param>
    public static void Forward(ConvGeometry g, ReadOnlySpan<ulong> x, SignFilters filters, Span<float> y)
    {
        int words = SignPacking.Words(g.InChannels);
        if (x.Length != g.Batch * g.Input.Product * words || y.Length != g.Batch * g.Output.Product * g.OutChannels)
            throw new ArgumentException($"SignConvolution: {x.Length} words and {y.Length} sums for {g}");
        if (y.Length == 0) return;
        Borders borders = new(g, filters);
        long work = (long)filters.Panels.Length * filters.Panels.PaddedRows;
        int grain = (int)Math.Clamp(TaskWork / Math.Max(1, work), 1, 64) * PlacesAtOnce;
        fixed (ulong* px = x)
        fixed (float* py = y) InParallel(g, px, filters, borders, py, grain);
        GC.KeepAlive(filters); // whose words the tasks read by their address
    }

    private static void InParallel(ConvGeometry g, ulong* x, SignFilters filters, Borders borders, float* y, int grain) =>
        Threads.RunChunks(g.Batch * g.Output.Product, grain, (from, to) =>
        {
            int patch = filters.Panels.Length, padded = filters.Panels.PaddedRows;
            bool inPlace = g.Kernel == new Triple(1, 1, 1) && g.Stride.Product == 1 && g.Padding == default;
            using Workspace patches = new(inPlace ? 0 : 2L * PlacesAtOnce * patch), counts = new(PlacesAtOnce * padded);
            for (int place = from; place < to; place += PlacesAtOnce)
            {
                int places = Math.Min(PlacesAtOnce, to - place);
                ulong* rows = inPlace ? x + (long)place * patch : (ulong*)patches.Start;
                if (!inPlace)
                    for (int i = 0; i < places; i++) Gather(g, x, place + i, rows + (long)i * patch);
                BitProduct.Differences(places, rows, filters.Panels, (int*)counts.Start);
                for (int i = 0; i < places; i++)
                {
                    (int row, int column) = Math.DivRem((place + i) % g.Output.Product, g.Output.W);
                    Finish((int*)counts.Start + i * padded, borders.At(row, column), y + (long)(place + i) * g.OutChannels, g.OutChannels);
                }
            }
        });

    // Sums from counts: what is known beforehand less twice the differences.
    private static void Finish(int* counts, ReadOnlySpan<int> known, float* y, int filters)
    {
        int i = 0;
        fixed (int* pk = known)
            for (; i <= filters - Vector256<int>.Count; i += Vector256<int>.Count)
                Vector256.ConvertToSingle(Vector256.Load(pk + i) - (Vector256.Load(counts + i) << 1)).Store(y + i);
        for (; i < filters; i++) y[i] = known[i] - 2 * counts[i];
    }

    /// <summary>The words of one place's taps, zeros where a tap lies outside.</summary>
    private static void Gather(ConvGeometry g, ulong* x, int place, ulong* patch)
    {
        int words = SignPacking.Words(g.InChannels);
        (int image, int at) = Math.DivRem(place, g.Output.Product);
        (int oy, int ox) = Math.DivRem(at, g.Output.W);
        int left = ox * g.Stride.W - g.Padding.W, first = Math.Max(0, -left), last = Math.Min(g.Kernel.W, g.Input.W - left);
        for (int ky = 0; ky < g.Kernel.H; ky++, patch += g.Kernel.W * words)
        {
            int iy = oy * g.Stride.H - g.Padding.H + ky;
            Span<ulong> row = new(patch, g.Kernel.W * words);
            if ((uint)iy >= (uint)g.Input.H || last <= first)
            {
                row.Clear();
                continue;
            }
            row[..(first * words)].Clear();
            row[(last * words)..].Clear();
            long source = ((long)image * g.Input.H + iy) * g.Input.W + left + first;
            new ReadOnlySpan<ulong>(x + source * words, (last - first) * words).CopyTo(row[(first * words)..]);
        }
    }

    /// <summary>For each place what its sums are known to be before anything is compared; places with the same taps inside share it.</summary>
    private sealed class Borders
    {
        private readonly int[] rowKinds, columnKinds;
        private readonly int[][] known;
        private readonly int columnKindCount;

        public Borders(ConvGeometry g, SignFilters filters)
        {
            ((int First, int Last)[] rows, rowKinds) = Kinds(g.Output.H, g.Input.H, g.Kernel.H, g.Stride.H, g.Padding.H);
            ((int First, int Last)[] columns, columnKinds) = Kinds(g.Output.W, g.Input.W, g.Kernel.W, g.Stride.W, g.Padding.W);
            columnKindCount = columns.Length;
            known = [.. rows.SelectMany(row => columns.Select(column => Known(g, filters, row, column)))];
        }

        public ReadOnlySpan<int> At(int row, int column) => known[rowKinds[row] * columnKindCount + columnKinds[column]];

        private static int[] Known(ConvGeometry g, SignFilters filters, (int First, int Last) rows, (int First, int Last) columns)
        {
            int padded = filters.Panels.PaddedRows;
            int[] sums = new int[padded];
            Array.Fill(sums, g.InChannels * (rows.Last - rows.First) * (columns.Last - columns.First));
            for (int ky = 0; ky < g.Kernel.H; ky++)
                for (int kx = 0; kx < g.Kernel.W; kx++)
                {
                    if (ky >= rows.First && ky < rows.Last && kx >= columns.First && kx < columns.Last) continue;
                    for (int i = 0; i < padded; i++) sums[i] += 2 * filters.TapBits[(ky * g.Kernel.W + kx) * padded + i];
                }
            return sums;
        }

        // Which taps along an axis lie inside, for each output; most outputs are alike.
        private static ((int First, int Last)[] Ranges, int[] KindOf) Kinds(int outputs, int inputs, int kernel, int stride, int padding)
        {
            List<(int, int)> ranges = [];
            int[] kinds = new int[outputs];
            for (int i = 0; i < outputs; i++)
            {
                int start = i * stride - padding, first = Math.Clamp(-start, 0, kernel), last = Math.Clamp(inputs - start, first, kernel);
                int kind = ranges.IndexOf((first, last));
                if (kind < 0)
                {
                    kind = ranges.Count;
                    ranges.Add((first, last));
                }
                kinds[i] = kind;
            }
            return ([.. ranges], kinds);
        }
    }
}
