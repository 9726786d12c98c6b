using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>The gradient of a convolution by its weights where groups have few output channels, as in depthwise convolutions.</summary>
/// <remarks>
/// Vectors run along the rows of places, where <see cref="WeightGradientKernel"/>'s run along the output channels and would be mostly empty.
/// Determinism: images are summed in chunks that depend on the shapes alone, and the chunks in their order. Aliasing: dw must not overlap.
/// </remarks>
internal static unsafe class NarrowGradientKernel
{
    /// <summary>With more output channels a group the other kernel is faster.</summary>
    public const int MostOutputs = 4;

    private const int TapsAtOnce = 5; // 9, 25 and 49 taps fit well
    private const int EnoughTasks = 64;

    /// <summary>What the tasks share; Sums is laid out [chunk][group][output channel][tap][vector].</summary>
    private sealed class Work(ConvGeometry g, float* x, float* dy, float* dw)
    {
        public readonly ConvGeometry G = g;
        public readonly float* X = x, Dy = dy, Dw = dw;
        public readonly Correlation Forward = Correlation.Forward(g);
        public readonly int Chunks = Math.Clamp(EnoughTasks / g.Groups, 1, Math.Min(16, g.Batch));
        public readonly int Terms = g.GroupInputs * g.Kernel.Product;
        public float* Sums;
    }

    /// <summary>Computes dw (OutChannels, InChannels / Groups, Kernel) from x and dy.</summary>
    public static void Run(ConvGeometry g, float* x, float* dy, float* dw)
    {
        Work work = new(g, x, dy, dw);
        switch (VectorWidth.For(g.Output.W))
        {
            case 512: Run<V512>(work); break;
            case 256: Run<V256>(work); break;
            default: Run<V128>(work); break;
        }
    }

    private static void Run<V>(Work work) where V : struct, ISimd<V>
    {
        int weights = work.G.OutChannels * work.Terms;
        using Workspace room = new((long)work.Chunks * weights * V.Count);
        work.Sums = room.Start;
        Threads.Run(work.Chunks * work.G.Groups, task => SumChunk<V>(work, task));
        for (int i = 0; i < weights; i++)
        {
            V sum = V.Zero;
            for (int chunk = 0; chunk < work.Chunks; chunk++) sum += V.Load(ref work.Sums[((long)chunk * weights + i) * V.Count]);
            work.Dw[i] = V.Sum(sum);
        }
    }

    /// <summary>The sums of some images for one group.</summary>
    private static void SumChunk<V>(Work work, int task) where V : struct, ISimd<V>
    {
        ConvGeometry g = work.G;
        (int chunk, int group) = Math.DivRem(task, g.Groups);
        PaddedPlanes planes = work.Forward.Planes;
        // Rows of dy are filled up with zeros to whole vectors; beside them x may then be read over its rows' ends.
        int width = (g.Output.W + V.Count - 1) / V.Count * V.Count, rows = g.Output.D * g.Output.H, padded = g.GroupInputs * planes.Plane;
        bool inPlace = width == g.Output.W && planes.IsSource;
        using Workspace roomX = new(padded + PaddedPlanes.Slack), roomDy = new((long)rows * width);
        new Span<float>(roomX.Start + padded, PaddedPlanes.Slack).Clear();
        float* sums = work.Sums + ((long)chunk * g.Groups + group) * g.GroupOutputs * work.Terms * V.Count;
        new Span<float>(sums, g.GroupOutputs * work.Terms * V.Count).Clear();
        for (int image = (int)((long)g.Batch * chunk / work.Chunks); image < (int)((long)g.Batch * (chunk + 1) / work.Chunks); image++)
        {
            float* x = work.X + ((long)image * g.InChannels + group * g.GroupInputs) * planes.SourcePlane;
            if (!inPlace) planes.Fill(x, 0, g.GroupInputs, roomX.Start);
            for (int o = 0; o < g.GroupOutputs; o++)
            {
                float* dy = work.Dy + ((long)image * g.OutChannels + group * g.GroupOutputs + o) * g.Output.Product;
                if (width > g.Output.W) FillRows(dy, g.Output.W, rows, width, roomDy.Start);
                AddImage<V>(work, inPlace ? x : roomX.Start, width > g.Output.W ? roomDy.Start : dy, width, sums + (long)o * work.Terms * V.Count);
            }
        }
    }

    private static void FillRows(float* from, int length, int rows, int width, float* to)
    {
        for (int row = 0; row < rows; row++, from += length, to += width)
        {
            new ReadOnlySpan<float>(from, length).CopyTo(new Span<float>(to, length));
            new Span<float>(to + length, width - length).Clear();
        }
    }

    [SkipLocalsInit]
    private static void AddImage<V>(Work work, float* x, float* dy, int width, float* sums) where V : struct, ISimd<V>
    {
        int[] offsets = work.Forward.Phases[0].SourceOffsets;
        float* tile = stackalloc float[TapsAtOnce * 16];
        nint* taps = stackalloc nint[TapsAtOnce];
        for (int first = 0; first < offsets.Length; first += TapsAtOnce)
        {
            // A last, partial group of taps repeats the last tap, and leaves the repetitions out.
            int floats = Math.Min(TapsAtOnce, offsets.Length - first) * V.Count;
            for (int i = 0; i < TapsAtOnce; i++) taps[i] = offsets[Math.Min(first + i, offsets.Length - 1)];
            Span<float> kept = new(sums + (long)first * V.Count, floats);
            kept.CopyTo(new Span<float>(tile, floats));
            AddTaps<V>(work, taps, x, dy, width, tile);
            new ReadOnlySpan<float>(tile, floats).CopyTo(kept);
        }
    }

    private static void AddTaps<V>(Work work, nint* taps, float* x, float* dy, int width, float* tile) where V : struct, ISimd<V>
    {
        Triple output = work.G.Output;
        PaddedPlanes planes = work.Forward.Planes;
        float* x0 = x + taps[0], x1 = x + taps[1], x2 = x + taps[2], x3 = x + taps[3], x4 = x + taps[4];
        V s0 = V.Load(ref tile[0]), s1 = V.Load(ref tile[V.Count]), s2 = V.Load(ref tile[2 * V.Count]), s3 = V.Load(ref tile[3 * V.Count]);
        V s4 = V.Load(ref tile[4 * V.Count]);
        for (int z = 0; z < output.D; z++)
            for (int y = 0; y < output.H; y++, dy += width)
            {
                nint row = (nint)z * planes.DepthStep + (nint)y * planes.HeightStep, at = row;
                for (nint end = row + width; at < end; at += V.Count)
                {
                    V d = V.Load(ref dy[at - row]);
                    s0 = V.Fma(d, V.Load(ref x0[at]), s0);
                    s1 = V.Fma(d, V.Load(ref x1[at]), s1);
                    s2 = V.Fma(d, V.Load(ref x2[at]), s2);
                    s3 = V.Fma(d, V.Load(ref x3[at]), s3);
                    s4 = V.Fma(d, V.Load(ref x4[at]), s4);
                }
            }
        V.Store(s0, ref tile[0]);
        V.Store(s1, ref tile[V.Count]);
        V.Store(s2, ref tile[2 * V.Count]);
        V.Store(s3, ref tile[3 * V.Count]);
        V.Store(s4, ref tile[4 * V.Count]);
    }
}
