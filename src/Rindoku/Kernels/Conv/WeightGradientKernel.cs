using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>The gradient of a convolution by its weights: <c>dw[o, p] = Σ over images and places s of dy[o, s] · x[offset[p] + s]</c>.</summary>
/// <remarks>
/// Determinism: images are summed in chunks that depend on the shapes alone, and the chunks in their order. Aliasing: dw must not overlap.
/// </remarks>
internal static unsafe class WeightGradientKernel
{
    private const int MostChunks = 16, EnoughTasks = 16;
    private const int PartialFloats = 8 << 20; // at most so much memory for partial sums

    /// <summary>What the tasks share. A chunk's sums are laid out [group][channel panel][tap][two vectors of channels].</summary>
    private sealed class Work(ConvGeometry g, float* x, float* dy, float* dw, int width, int unit)
    {
        public readonly ConvGeometry G = g;
        public readonly float* X = x, Dy = dy, Dw = dw;
        public readonly Correlation Forward = Correlation.Forward(g);
        public readonly RowPanels Taps = new(g.GroupInputs * g.Kernel.Product, unit);
        public readonly int Width = width, ChannelPanels = (g.GroupOutputs + width - 1) / width;
        public int Chunks, Parts;
        public float* Sums;

        public int Terms => G.GroupInputs * G.Kernel.Product;

        public long PanelFloats => (long)Taps.PaddedRows * Width;

        public long ChunkFloats => G.Groups * ChannelPanels * PanelFloats;

        public float* SumsOf(int chunk, int group, int channelPanel) => Sums + chunk * ChunkFloats + (group * (long)ChannelPanels + channelPanel) * PanelFloats;
    }

    /// <summary>Computes dw (OutChannels, InChannels / Groups, Kernel) from x and dy.</summary>
    public static void Run(ConvGeometry g, float* x, float* dy, float* dw)
    {
        if (g.OutChannels * g.GroupInputs * g.Kernel.Product == 0) return;
        if (g.Batch == 0 || g.Output.Product == 0) new Span<float>(dw, g.OutChannels * g.GroupInputs * g.Kernel.Product).Clear();
        else if (g.GroupOutputs <= NarrowGradientKernel.MostOutputs) NarrowGradientKernel.Run(g, x, dy, dw);
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
        work.Chunks = (int)Math.Clamp(PartialFloats / work.ChunkFloats, 1, Math.Min(MostChunks, g.Batch));
        work.Parts = Math.Clamp(EnoughTasks / (work.Chunks * g.Groups), 1, work.Taps.Count);
        using Workspace room = new(work.Chunks * work.ChunkFloats);
        work.Sums = room.Start;
        Threads.Run(work.Chunks * g.Groups * work.Parts, task => SumChunk<V>(work, task));
        Threads.RunChunks(g.Groups * work.Terms, 64, (from, to) => AddChunks<V>(work, from, to));
    }

    /// <summary>The sums of some images, for one group and a part of the taps.</summary>
    private static void SumChunk<V>(Work work, int task) where V : struct, ISimd<V>
    {
        ConvGeometry g = work.G;
        (int rest, int part) = Math.DivRem(task, work.Parts);
        (int chunk, int group) = Math.DivRem(rest, g.Groups);
        int firstPanel = work.Taps.Count * part / work.Parts, lastPanel = work.Taps.Count * (part + 1) / work.Parts;
        int firstImage = (int)((long)g.Batch * chunk / work.Chunks), lastImage = (int)((long)g.Batch * (chunk + 1) / work.Chunks);

        PaddedPlanes planes = work.Forward.Planes;
        int places = g.Output.Product;
        using Workspace roomX = new(planes.IsSource ? 0 : (long)g.GroupInputs * planes.Plane);
        using Workspace roomDy = new((long)places * work.Width * work.ChannelPanels);
        for (int image = firstImage; image < lastImage; image++)
        {
            float* x = work.X + ((long)image * g.InChannels + group * g.GroupInputs) * planes.SourcePlane;
            float* dy = work.Dy + ((long)image * g.OutChannels + group * g.GroupOutputs) * places;
            if (!planes.IsSource)
            {
                planes.Fill(x, 0, g.GroupInputs, roomX.Start);
                x = roomX.Start;
            }
            Panels.PackColumns(new MatrixView(dy, places, true), g.GroupOutputs, work.Width, places, roomDy.Start);
            for (int channelPanel = 0; channelPanel < work.ChannelPanels; channelPanel++)
                AddImage<V>(work, firstPanel, lastPanel, x, roomDy.Start + (long)channelPanel * places * work.Width,
                    work.SumsOf(chunk, group, channelPanel), image > firstImage);
        }
    }

    [SkipLocalsInit]
    private static void AddImage<V>(Work work, int firstPanel, int lastPanel, float* x, float* dy, float* sums, bool add) where V : struct, ISimd<V>
    {
        Triple output = work.G.Output;
        PaddedPlanes planes = work.Forward.Planes;
        int[] offsets = work.Forward.Phases[0].SourceOffsets;
        nint* rows = stackalloc nint[12];
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int start = work.Taps.Start(panel), height = work.Taps.Height(panel);
            for (int i = 0; i < height; i++) rows[i] = offsets[Math.Min(start + i, offsets.Length - 1)];
            for (int z = 0; z < output.D; z++)
                GradientTile.Run<V>(height, rows, x + (long)z * planes.DepthStep, output.H, planes.HeightStep, output.W,
                    dy + (long)z * output.H * output.W * work.Width, sums + (long)start * work.Width, add || z > 0);
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
