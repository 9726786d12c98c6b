using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>The gradient of a convolution by its weights: <c>dw[o, p] = Σ over images and places s of dy[o, s] · x[offset[p] + s]</c>.</summary>
/// <remarks>
/// Images are cut into strips, runs of whole lines or of a part of one line, and a task adds up a chunk of them: what it needs of x and dy stays
/// in its cache. Determinism: strips and chunks depend on the shapes alone, and are added in their order. Aliasing: dw must not overlap.
/// </remarks>
internal static unsafe class WeightGradientKernel
{
    private const int MostChunks = 16, EnoughTasks = 16, TaskProducts = 1 << 18;
    private const int GoodPlaces = 512; // of a chunk: with fewer, writing its sums and adding them up shows
    private const int LeastPanels = 4; // of taps, in a task: all that share a chunk pack its dy, each for itself
    private const int PartialFloats = 8 << 20; // at most so much memory for partial sums

    /// <summary>What the tasks share. A chunk's sums are laid out [group][channel panel][tap][two vectors of channels].</summary>
    private sealed class Work(ConvGeometry g, float* x, float* dy, float* dw, int width, int unit)
    {
        public readonly ConvGeometry G = g;
        public readonly float* X = x, Dy = dy, Dw = dw;
        public readonly Strips Strips = Strips.For(g);
        public readonly RowPanels Taps = new(g.GroupInputs * g.Kernel.Product, unit);
        public readonly int Width = width, ChannelPanels = (g.GroupOutputs + width - 1) / width;
        public float* Sums;

        /// <summary>Chunks of strips, and parts of the taps; a task for each of both and group.</summary>
        public int Chunks { get; private set; }

        public int Parts { get; private set; }

        public int Terms => G.GroupInputs * G.Kernel.Product;

        public long PanelFloats => (long)Taps.PaddedRows * Width;

        public long ChunkFloats => G.Groups * ChannelPanels * PanelFloats;

        public void Cut()
        {
            long products = (long)G.Batch * G.Output.Product * G.OutChannels * Terms;
            int tasks = (int)Math.Clamp(products / TaskProducts, 1, EnoughTasks);
            int most = (int)Math.Clamp(PartialFloats / ChunkFloats, 1, Math.Min(MostChunks, Strips.Count));
            int good = (int)Math.Clamp((long)G.Batch * G.Output.Product / GoodPlaces, 1, most);
            Parts = Math.Clamp(tasks / (good * G.Groups), 1, (Taps.Count + LeastPanels - 1) / LeastPanels);
            Chunks = Math.Clamp(tasks / (Parts * G.Groups), good, most);
        }

        public float* SumsOf(int chunk, int group, int channelPanel) => Sums + chunk * ChunkFloats + (group * (long)ChannelPanels + channelPanel) * PanelFloats;
    }

    /// <summary>Computes dw (OutChannels, InChannels / Groups, Kernel) from x and dy.</summary>
    public static void Run(ConvGeometry g, float* x, float* dy, float* dw)
    {
        if (g.OutChannels * g.GroupInputs * g.Kernel.Product == 0) return;
        if (g.Batch == 0 || g.Output.Product == 0) new Span<float>(dw, g.OutChannels * g.GroupInputs * g.Kernel.Product).Clear();
        else if (NarrowGradientKernel.Pays(g)) NarrowGradientKernel.Run(g, x, dy, dw);
        else
            switch (VectorWidth.For((g.GroupOutputs + 1) / 2))
            {
                case 512: Run<V512>(g, x, dy, dw); break;
                case 256: Run<V256>(g, x, dy, dw); break;
                default: Run<V128>(g, x, dy, dw); break;
            }
    }

    private static void Run<V>(ConvGeometry g, float* x, float* dy, float* dw) where V : struct, ISimd<V>
    {
        Work work = new(g, x, dy, dw, 2 * V.Count, RowPanels.UnitFor<V>());
        work.Cut();
        using Workspace room = new(work.Chunks * work.ChunkFloats);
        work.Sums = room.Start;
        Threads.Run(work.Chunks * g.Groups * work.Parts, task => SumChunk<V>(work, task));
        int grain = Math.Max(64, 32768 / (work.Chunks * work.Width * work.ChannelPanels));
        Threads.RunChunks(g.Groups * work.Terms, grain, (from, to) => AddChunks<V>(work, from, to));
    }

    /// <summary>The sums of some strips, for one group and a part of the taps.</summary>
    private static void SumChunk<V>(Work work, int task) where V : struct, ISimd<V>
    {
        ConvGeometry g = work.G;
        Strips strips = work.Strips;
        (int rest, int part) = Math.DivRem(task, work.Parts);
        (int chunk, int group) = Math.DivRem(rest, g.Groups);
        int firstPanel = work.Taps.Count * part / work.Parts, lastPanel = work.Taps.Count * (part + 1) / work.Parts;
        int firstTap = work.Taps.Start(firstPanel), lastTap = Math.Min(work.Terms, work.Taps.Start(lastPanel)), taps = g.Kernel.Product;
        (int From, int To) channels = (firstTap / taps, (lastTap + taps - 1) / taps);
        int first = (int)((long)strips.Count * chunk / work.Chunks), last = (int)((long)strips.Count * (chunk + 1) / work.Chunks);

        using Workspace roomX = new(strips.InPlace ? 0 : (long)g.GroupInputs * strips.Plane);
        using Workspace roomDy = new((long)strips.MostLines * strips.MostWidth * work.Width * work.ChannelPanels);
        for (int number = first; number < last; number++)
        {
            Strip strip = strips.At(number);
            float* x = strips.Source(strip, work.X + ((long)strip.Image * g.InChannels + group * g.GroupInputs) * g.Input.Product, channels, roomX.Start);
            float* dy = work.Dy + ((long)strip.Image * g.OutChannels + group * g.GroupOutputs) * g.Output.Product + strip.Start;
            int places = strip.Lines * strip.Width;
            Panels.PackColumns(new MatrixView(dy, g.Output.Product, true), g.GroupOutputs, work.Width, places, roomDy.Start);
            for (int channelPanel = 0; channelPanel < work.ChannelPanels; channelPanel++)
                AddStrip<V>(work, strip, firstPanel, lastPanel, x, roomDy.Start + (long)channelPanel * places * work.Width,
                    work.SumsOf(chunk, group, channelPanel), number > first);
        }
    }

    [SkipLocalsInit]
    private static void AddStrip<V>(Work work, in Strip strip, int firstPanel, int lastPanel, float* x, float* dy, float* sums, bool add)
        where V : struct, ISimd<V>
    {
        int[] offsets = work.Strips.Offsets;
        nint* rows = stackalloc nint[12];
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int start = work.Taps.Start(panel), height = work.Taps.Height(panel);
            for (int i = 0; i < height; i++) rows[i] = offsets[Math.Min(start + i, offsets.Length - 1)];
            GradientTile.Run<V>(height, rows, x, strip.Lines, work.Strips.LineStep, strip.Width, dy, sums + (long)start * work.Width, add);
        }
    }

    /// <summary>Adds the chunks up for some (group, tap), and puts them in their places in dw.</summary>
    [SkipLocalsInit]
    private static void AddChunks<V>(Work work, int from, int to) where V : struct, ISimd<V>
    {
        float* total = stackalloc float[32];
        for (int i = from; i < to; i++)
        {
            (int group, int term) = Math.DivRem(i, work.Terms);
            for (int channelPanel = 0; channelPanel < work.ChannelPanels; channelPanel++)
            {
                V a = V.Zero, b = V.Zero;
                for (int chunk = 0; chunk < work.Chunks; chunk++)
                {
                    float* sums = work.SumsOf(chunk, group, channelPanel) + (long)term * work.Width;
                    a += V.Load(ref sums[0]);
                    b += V.Load(ref sums[V.Count]);
                }
                V.Store(a, ref total[0]);
                V.Store(b, ref total[V.Count]);
                int first = channelPanel * work.Width, count = Math.Min(work.Width, work.G.GroupOutputs - first);
                float* dw = work.Dw + (long)(group * work.G.GroupOutputs + first) * work.Terms + term;
                for (int j = 0; j < count; j++) dw[(long)j * work.Terms] = total[j];
            }
        }
    }
}
