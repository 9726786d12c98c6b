namespace Rindoku.Kernels;

/// <summary>The gradient of a convolution by its weights where groups have few output channels, as in depthwise convolutions.</summary>
/// <remarks>
/// Vectors run along the rows of places, where <see cref="WeightGradientKernel"/>'s run along the output channels and would be mostly empty.
/// Determinism: images are summed in chunks that depend on the shapes alone, and the chunks in their order. Aliasing: dw must not overlap.
/// </remarks>
internal static unsafe class NarrowGradientKernel
{
    private const int EnoughTasks = 64, MostChunks = 16;
    private const int LeastPlaces = 128; // of a chunk: with fewer, adding up its vectors of sums shows
    private const int MostSums = 8192; // of a group, which stay in the first-level cache

    /// <summary>What the tasks share; Sums is laid out [chunk][group][output channel][tap][vector], with room for whole tiles.</summary>
    private sealed class Work(ConvGeometry g, float* x, float* dy, float* dw, int count)
    {
        public readonly ConvGeometry G = g;
        public readonly float* X = x, Dy = dy, Dw = dw;
        // Rows of dy are filled up with zeros to whole vectors; beside them x may then be read over its rows' ends, in a copy.
        public readonly Strips Strips = Strips.For(g, mayReadInPlace: g.Output.W % count == 0);
        public readonly int Terms = g.GroupInputs * g.Kernel.Product, Count = count;
        public float* Sums;

        public (int Outputs, int Taps) Tile => G.GroupOutputs == 1 ? (1, 5) : (4, 3);

        /// <summary>From the sums of one output channel to those of the next, and of a group.</summary>
        public int RowFloats => (Terms + Tile.Taps - 1) / Tile.Taps * Tile.Taps * Count;

        public int GroupFloats => (G.GroupOutputs + Tile.Outputs - 1) / Tile.Outputs * Tile.Outputs * RowFloats;

        public int Chunks => Math.Clamp(EnoughTasks / G.Groups, 1, Math.Clamp(G.Batch * G.Output.Product / LeastPlaces, 1, Math.Min(MostChunks, Strips.Count)));
    }

    /// <summary>
    /// Whether this way is faster than the other: tiles of four channels are full or nearly so, rows are worth the steps between, and the sums,
    /// a vector of which this way has for each weight, are few.
    /// </summary>
    public static bool Pays(ConvGeometry g) => (g.GroupOutputs <= 4 || (g.GroupOutputs <= 8 && g.Output.Product >= 256)) &&
        (g.GroupOutputs + 3) / 4 * 4 * g.GroupInputs * g.Kernel.Product * 16 <= MostSums;

    /// <summary>Computes dw (OutChannels, InChannels / Groups, Kernel) from x and dy.</summary>
    public static void Run(ConvGeometry g, float* x, float* dy, float* dw)
    {
        switch (VectorWidth.For(g.Output.W))
        {
            case 512: Run<V512>(new(g, x, dy, dw, V512.Count)); break;
            case 256: Run<V256>(new(g, x, dy, dw, V256.Count)); break;
            default: Run<V128>(new(g, x, dy, dw, V128.Count)); break;
        }
    }

    private static void Run<V>(Work work) where V : struct, ISimd<V>
    {
        int groups = work.G.Groups, outputs = work.G.GroupOutputs, chunks = work.Chunks;
        using Workspace room = new((long)chunks * groups * work.GroupFloats);
        work.Sums = room.Start;
        Threads.Run(chunks * groups, task => SumChunk<V>(work, task));
        Threads.RunChunks(work.G.OutChannels, Math.Max(1, 8192 / (chunks * work.Terms)), (from, to) =>
        {
            for (int o = from; o < to; o++)
            {
                float* sums = work.Sums + (long)(o / outputs) * work.GroupFloats + o % outputs * work.RowFloats;
                for (int i = 0; i < work.Terms; i++, sums += V.Count)
                {
                    V sum = V.Zero;
                    for (int chunk = 0; chunk < chunks; chunk++) sum += V.Load(ref sums[(long)chunk * groups * work.GroupFloats]);
                    work.Dw[(long)o * work.Terms + i] = V.Sum(sum);
                }
            }
        });
    }

    /// <summary>The sums of some strips for one group.</summary>
    private static void SumChunk<V>(Work work, int task) where V : struct, ISimd<V>
    {
        ConvGeometry g = work.G;
        Strips strips = work.Strips;
        (int chunk, int group) = Math.DivRem(task, g.Groups);
        int padded = strips.InPlace ? 0 : g.GroupInputs * strips.Plane;
        using Workspace roomX = new(padded + PaddedPlanes.Slack), roomDy = new((long)g.GroupOutputs * strips.MostLines * Filled<V>(strips.MostWidth));
        new Span<float>(roomX.Start + padded, PaddedPlanes.Slack).Clear();
        float* sums = work.Sums + (long)task * work.GroupFloats;
        new Span<float>(sums, work.GroupFloats).Clear();
        int first = (int)((long)strips.Count * chunk / work.Chunks), last = (int)((long)strips.Count * (chunk + 1) / work.Chunks);
        for (int number = first; number < last; number++)
        {
            Strip strip = strips.At(number);
            float* x = strips.Source(strip, work.X + ((long)strip.Image * g.InChannels + group * g.GroupInputs) * g.Input.Product, (0, g.GroupInputs), roomX.Start);
            float* dy = work.Dy + ((long)strip.Image * g.OutChannels + group * g.GroupOutputs) * g.Output.Product + strip.Start;
            int width = Filled<V>(strip.Width), plane = g.Output.Product;
            if (width > strip.Width)
            {
                plane = strip.Lines * width;
                for (int o = 0; o < g.GroupOutputs; o++) FillRows(dy + (long)o * g.Output.Product, strip.Width, strip.Lines, width, roomDy.Start + o * plane);
                dy = roomDy.Start;
            }
            NarrowTile<V> tile = new(strips.Offsets, x, strips.LineStep, strip.Lines, width);
            if (g.GroupOutputs == 1) tile.AddOne(dy, sums);
            else
                for (int o = 0; o < g.GroupOutputs; o += 4)
                    tile.AddFour(dy + (long)o * plane, plane, Math.Min(4, g.GroupOutputs - o), sums + (long)o * work.RowFloats, work.RowFloats);
        }
    }

    private static int Filled<V>(int width) where V : struct, ISimd<V> => (width + V.Count - 1) / V.Count * V.Count;

    private static void FillRows(float* from, int length, int rows, int width, float* to)
    {
        for (int row = 0; row < rows; row++, from += length, to += width)
        {
            new ReadOnlySpan<float>(from, length).CopyTo(new Span<float>(to, length));
            new Span<float>(to + length, width - length).Clear();
        }
    }
}
