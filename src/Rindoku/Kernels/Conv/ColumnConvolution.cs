namespace Rindoku.Kernels;

/// <summary>Convolutions with few outputs and many weights, as one matrix product with the columns of all images together.</summary>
/// <remarks>
/// <para>Rows of so few outputs fill only a part of a vector, and images come too few to fill the rest; columns of all images do, and the
/// weights, which are most of the memory, are read once. Columns are laid out (channel, tap, image, place).</para>
/// <para>Determinism: that of <see cref="Gemm"/>; channels are written out and folded back on their own, in the order of taps and places.
/// Aliasing: results must not overlap the others.</para>
/// </remarks>
internal static unsafe class ColumnConvolution
{
    private const int ShortRow = 8, LeastOutputs = 8; // with fewer, copying the columns is most of the work
    private const int EnoughWork = 1 << 23; // multiply-adds that outweigh the steps of a blocked product
    private const int MostFloats = 1 << 24; // of columns

    // With columns as its rows, Gemm takes so few of them in one step, and all weights go by once.
    private const int FewColumns = 48;
    private const int Grain = 16384;

    /// <summary>What all channels share. Sources holds for each (tap, output) the input that it reads, or Plane for one outside.</summary>
    private sealed class Work(ConvGeometry g)
    {
        public readonly ConvGeometry G = g;
        public readonly int Plane = g.Input.Product, Places = g.Output.Product, Taps = g.Kernel.Product;
        public readonly int[] Sources = AllSources(g);

        public int Terms => G.InChannels * Taps;

        public int Columns => G.Batch * Places;

        /// <summary>Channels of one task.</summary>
        public int ChannelGrain => Math.Max(1, Grain / (Taps * Columns));
    }

    /// <summary>Whether y comes faster this way: rows are short, and columns few or the work large (bounds measured).</summary>
    public static bool Pays(ConvGeometry g) => g.OutChannels >= LeastOutputs && PaysAlways(g);

    /// <summary>Whether dx comes faster this way: as for y, and with a stride, which cuts the direct way into many parts, always.</summary>
    public static bool PaysForInput(ConvGeometry g) => (g.Stride.Product > 1 || g.OutChannels >= LeastOutputs) && PaysAlways(g);

    private static bool PaysAlways(ConvGeometry g)
    {
        bool batchFills = g.Batch >= 16; // whole vectors, where the batch lies last
        long weights = (long)g.OutChannels * g.InChannels * g.Kernel.Product, columns = (long)g.Batch * g.Output.Product;
        return g.Output.W <= ShortRow && (MayPay(g, FewColumns) || (MayPay(g, batchFills ? 128 : 256) && weights * columns >= EnoughWork));
    }

    /// <summary>Whether dw comes faster this way: the sums over places are short beside the weights.</summary>
    public static bool PaysForWeights(ConvGeometry g) => MayPay(g, Math.Clamp(4 * g.OutChannels, 64, 4096));

    private static bool MayPay(ConvGeometry g, int most)
    {
        long columns = (long)g.Batch * g.Output.Product;
        return g.Groups == 1 && columns > 0 && columns <= most && g.OutChannels > 0 && g.InChannels > 0 &&
            columns * g.InChannels * g.Kernel.Product <= MostFloats;
    }

    /// <summary><c>y = w * x + bias</c>.</summary>
    public static void Forward(ConvGeometry g, float* x, float* w, float* bias, float* y)
    {
        Work work = new(g);
        int results = g.OutChannels * work.Columns;
        using Workspace columns = new((long)work.Terms * work.Columns), product = new(results);
        Unfold(work, x, columns.Start);
        MatrixView weights = new(w, work.Terms, false), right = new(columns.Start, work.Columns, false);
        if (work.Columns <= FewColumns && work.Columns < g.OutChannels)
        {
            Gemm.Multiply(new(work.Columns, g.OutChannels, work.Terms, right.Transpose(), weights.Transpose(), product.Start, g.OutChannels) { ColumnBias = bias });
            StridedCopy.Transpose(new(product.Start, results), new(y, results), g.Batch, work.Places, g.OutChannels);
            return;
        }
        float* target = g.Batch == 1 ? y : product.Start;
        Gemm.Multiply(new(g.OutChannels, work.Columns, work.Terms, weights, right, target, work.Columns) { RowBias = bias });
        if (g.Batch > 1) Swap(product.Start, y, g.OutChannels, g.Batch, work.Places);
    }

    /// <summary>dx from dy and w, plus a bias for dx's channels.</summary>
    public static void InputGradient(ConvGeometry g, float* dy, float* w, float* bias, float* dx)
    {
        Work work = new(g);
        using Workspace columns = new((long)work.Terms * work.Columns), turned = new((long)g.OutChannels * work.Columns);
        MatrixView right = new(ChannelsFirst(work, dy, turned), work.Columns, false), weights = new(w, work.Terms, false);
        if (work.Columns <= FewColumns)
        {
            Gemm.Multiply(new(work.Columns, work.Terms, g.OutChannels, right.Transpose(), weights, columns.Start, work.Terms));
            Fold(work, columns.Start, work.Terms, 1, bias, dx);
        }
        else
        {
            Gemm.Multiply(new(work.Terms, work.Columns, g.OutChannels, weights.Transpose(), right, columns.Start, work.Columns));
            Fold(work, columns.Start, 1, work.Columns, bias, dx);
        }
    }

    /// <summary>dw from dy and x.</summary>
    public static void WeightGradient(ConvGeometry g, float* dy, float* x, float* dw)
    {
        Work work = new(g);
        using Workspace columns = new((long)work.Terms * work.Columns), turned = new((long)g.OutChannels * work.Columns);
        Unfold(work, x, columns.Start);
        MatrixView left = new(ChannelsFirst(work, dy, turned), work.Columns, false), right = new(columns.Start, work.Columns, true);
        Gemm.Multiply(new(g.OutChannels, work.Terms, work.Columns, left, right, dw, work.Terms));
    }

    /// <summary>dy as (channel, image, place): itself, or a copy.</summary>
    private static float* ChannelsFirst(Work work, float* dy, Workspace room)
    {
        if (work.G.Batch == 1) return dy;
        Swap(dy, room.Start, work.G.Batch, work.G.OutChannels, work.Places);
        return room.Start;
    }

    /// <summary>From (a, b, places) to (b, a, places).</summary>
    private static void Swap(float* from, float* to, int a, int b, int places)
    {
        int count = a * b * places;
        StridedCopy.Run(new(from, count), 0, [places, b * places, 1], new(to, count), 0, [a * places, places, 1], [b, a, places]);
    }

    private static int[] AllSources(ConvGeometry g)
    {
        int[] sources = new int[g.Kernel.Product * g.Output.Product];
        int at = 0;
        for (int tap = 0; tap < g.Kernel.Product; tap++)
            for (int place = 0; place < g.Output.Product; place++)
            {
                int z = Source(place / (g.Output.H * g.Output.W), tap / (g.Kernel.H * g.Kernel.W), g.Stride.D, g.Padding.D, g.Dilation.D);
                int y = Source(place / g.Output.W % g.Output.H, tap / g.Kernel.W % g.Kernel.H, g.Stride.H, g.Padding.H, g.Dilation.H);
                int x = Source(place % g.Output.W, tap % g.Kernel.W, g.Stride.W, g.Padding.W, g.Dilation.W);
                bool inside = (uint)z < (uint)g.Input.D && (uint)y < (uint)g.Input.H && (uint)x < (uint)g.Input.W;
                sources[at++] = inside ? (z * g.Input.H + y) * g.Input.W + x : g.Input.Product;
            }
        return sources;
    }

    private static int Source(int output, int tap, int stride, int padding, int dilation) => output * stride + tap * dilation - padding;

    private static void Unfold(Work work, float* x, float* columns) =>
        Threads.RunChunks(work.G.InChannels, work.ChannelGrain, (first, last) =>
        {
            // A copy of each plane has a zero behind it, which everything outside reads.
            using Workspace room = new(work.Plane + 1);
            float* plane = room.Start;
            plane[work.Plane] = 0;
            for (int c = first; c < last; c++)
                for (int n = 0; n < work.G.Batch; n++)
                {
                    new ReadOnlySpan<float>(x + ((long)n * work.G.InChannels + c) * work.Plane, work.Plane).CopyTo(new(plane, work.Plane));
                    float* to = columns + (long)c * work.Taps * work.Columns + n * work.Places;
                    fixed (int* sources = work.Sources)
                        for (int tap = 0; tap < work.Taps; tap++, to += work.Columns)
                        {
                            int* source = sources + tap * work.Places;
                            for (int i = 0; i < work.Places; i++) to[i] = plane[source[i]];
                        }
                }
        });

    private static void Fold(Work work, float* columns, int columnStep, int termStep, float* bias, float* dx) =>
        Threads.RunChunks(work.G.InChannels, work.ChannelGrain, (first, last) =>
        {
            // What falls outside is added up behind the plane, and forgotten.
            using Workspace room = new(work.Plane + 1);
            float* plane = room.Start;
            for (int c = first; c < last; c++)
                for (int n = 0; n < work.G.Batch; n++)
                {
                    new Span<float>(plane, work.Plane + 1).Fill(bias == null ? 0 : bias[c]);
                    float* from = columns + (long)c * work.Taps * termStep + (long)n * work.Places * columnStep;
                    fixed (int* sources = work.Sources)
                        for (int tap = 0; tap < work.Taps; tap++, from += termStep)
                        {
                            int* source = sources + tap * work.Places;
                            for (int i = 0; i < work.Places; i++) plane[source[i]] += from[i * columnStep];
                        }
                    new ReadOnlySpan<float>(plane, work.Plane).CopyTo(new(dx + ((long)n * work.G.InChannels + c) * work.Plane, work.Plane));
                }
        });
}
