using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>The weight gradient of 3 x 3 convolutions of stride 1 with a quarter of the multiplications.</summary>
/// <remarks>
/// <para>The transpose of <see cref="WinogradKernel"/>: <c>dw = Gᵀ [Σ over tiles of (A dy Aᵀ) ⊙ (Bᵀ x B)] G</c>, where the sums for all pairs of
/// channels are 36 matrix products whose depth is the tiles.</para>
/// <para>Accuracy: errors are 0.7 to 3.5 times the direct way's, 1.2e-6 of the gradient's size (root mean squares, measured).</para>
/// <para>Determinism: blocks and chunks of tiles depend on the shapes alone, and are added in their order. Aliasing: dw must not overlap.</para>
/// </remarks>
internal static unsafe class WinogradGradientKernel
{
    // Products begin a cache line off the powers of two: a tile's 36 numbers would else all fall into the same few lines of the cache.
    private const int Apart = 16, Width = WinogradGradientPlan.GroupWidth, Products = WinogradMath.Products;

    // So many products are added up in one chain before they are added to the sums: in longer ones the rounding errors of large sums pile up.
    private const int Chain = 64;

    /// <summary>One of the two that are transformed: x, of which a tile of outputs reads two rows and columns more, or dy.</summary>
    private sealed record Side(nint Planes, int Channels, (int Y, int X) Size, (int Y, int X) Padding, int Border);

    /// <summary>What the tasks share, and where things lie.</summary>
    /// <remarks>
    /// A block holds groups of 16 channels of x as [group][product][tile][16], behind them dy as [panel][product][tile][height]. Sums are cut into
    /// patches of a panel of output channels and a column of two vectors of input channels: [column][panel][product][height][column width].
    /// </remarks>
    private sealed class Work(WinogradGradientPlan plan, float* x, float* dy, float* dw, int height, int columnWidth)
    {
        public readonly WinogradGradientPlan Plan = plan;
        public readonly ConvGeometry G = plan.Geometry;
        public readonly float* Dw = dw;
        public readonly int Height = height, ColumnWidth = columnWidth;
        public readonly int Panels = plan.OutputGroups * Width / height, Columns = (plan.InputGroups * Width + columnWidth - 1) / columnWidth;
        public readonly int InputStride = plan.BlockTiles * Width + Apart, OutputStride = plan.BlockTiles * height + Apart;

        public readonly Side Inputs = new((nint)x, plan.Geometry.InChannels, (plan.Geometry.Input.H, plan.Geometry.Input.W),
            (plan.Geometry.Padding.H, plan.Geometry.Padding.W), 2);

        public readonly Side Outputs = new((nint)dy, plan.Geometry.OutChannels, (plan.Geometry.Output.H, plan.Geometry.Output.W), (0, 0), 0);

        public int Groups => Plan.InputGroups + Plan.OutputGroups;

        public nint InputFloats => (nint)Plan.InputGroups * Products * InputStride;

        public nint BlockFloats => InputFloats + (nint)Panels * Products * OutputStride;

        public int Patches => Panels * Columns;

        public int PatchFloats => Products * Height * ColumnWidth;

        public nint SumFloats => (nint)Patches * PatchFloats;

        public (int From, int To) UnitsOf(int block) => (block * Plan.BlockUnits, Math.Min(Plan.Units, (block + 1) * Plan.BlockUnits));
    }

    /// <summary>Computes dw (OutChannels, InChannels, 3, 3) from x and dy.</summary>
    public static void Run(WinogradGradientPlan plan, float* x, float* dy, float* dw)
    {
        switch (Simd.Bits)
        {
            case 512: Run<V512, V256>(new(plan, x, dy, dw, V256.Count, 2 * V512.Count)); break;
            case 256: Run<V256, V128>(new(plan, x, dy, dw, V128.Count, 2 * V256.Count)); break;
            default: Run<V128, V128>(new(plan, x, dy, dw, V128.Count, 2 * V128.Count)); break;
        }
    }

    // P is as wide as a panel of output channels, the rows of a register tile.
    private static void Run<V, P>(Work work) where V : struct, ISimd<V> where P : struct, ISimd<P>
    {
        if (work.Plan.Chunks == 1) RunShared<V, P>(work);
        else RunChunks<V, P>(work);
    }

    /// <summary>Chunks of blocks, each with sums of its own, which are added up at the end.</summary>
    private static void RunChunks<V, P>(Work work) where V : struct, ISimd<V> where P : struct, ISimd<P>
    {
        WinogradGradientPlan plan = work.Plan;
        using Workspace room = new(plan.Chunks * work.SumFloats);
        float* all = room.Start;
        Threads.Run(plan.Chunks, chunk =>
        {
            using Workspace transformed = new(work.BlockFloats);
            float* sums = all + chunk * work.SumFloats;
            int first = (int)((long)plan.Blocks * chunk / plan.Chunks), last = (int)((long)plan.Blocks * (chunk + 1) / plan.Chunks);
            for (int block = first; block < last; block++)
            {
                for (int group = 0; group < work.Groups; group++) Load<V, P>(work, block, group, work.UnitsOf(block), transformed.Start);
                for (int patch = 0; patch < work.Patches; patch++)
                    Multiply<V>(work, block, patch, transformed.Start, sums + (nint)patch * work.PatchFloats, block == first);
            }
        });
        Threads.RunChunks(work.Patches, 2, (from, to) =>
        {
            for (int patch = from; patch < to; patch++) Finish<V>(work, patch, all + (nint)patch * work.PatchFloats, plan.Chunks);
        });
    }

    /// <summary>One block after the other, each shared out: groups of channels of parts of it first, then the patches of sums.</summary>
    private static void RunShared<V, P>(Work work) where V : struct, ISimd<V> where P : struct, ISimd<P>
    {
        const int partTiles = 32, patchTiles = 128; // tiles that are worth a task
        WinogradGradientPlan plan = work.Plan;
        bool single = plan.Blocks == 1; // sums need not be kept
        using Workspace transformed = new(work.BlockFloats), kept = new(single ? 0 : work.SumFloats);
        float* room = transformed.Start, sums = kept.Start;
        for (int i = 0; i < plan.Blocks; i++)
        {
            int block = i, parts = Math.Clamp(plan.BlockTiles / partTiles, 1, plan.BlockUnits);
            (int first, int last) = work.UnitsOf(block);
            Threads.Run(work.Groups * parts, task =>
            {
                (int group, int part) = Math.DivRem(task, parts);
                Load<V, P>(work, block, group, (first + (last - first) * part / parts, first + (last - first) * (part + 1) / parts), room);
            });
            Threads.RunChunks(work.Patches, Math.Max(1, patchTiles / plan.BlockTiles), (from, to) =>
            {
                using Workspace own = new(work.PatchFloats);
                for (int patch = from; patch < to; patch++)
                {
                    float* c = single ? own.Start : sums + (nint)patch * work.PatchFloats;
                    Multiply<V>(work, block, patch, room, c, block == 0);
                    if (block == plan.Blocks - 1) Finish<V>(work, patch, c, 1);
                }
            });
        }
    }

    /// <summary>A group of channels of some units of a block; the groups of x come first, then those of dy.</summary>
    private static void Load<V, P>(Work work, int block, int group, (int From, int To) units, float* transformed)
        where V : struct, ISimd<V> where P : struct, ISimd<P>
    {
        WinogradGradientPlan plan = work.Plan;
        bool isInput = group < plan.InputGroups;
        Side side = isInput ? work.Inputs : work.Outputs;
        int channel = Width * (isInput ? group : group - plan.InputGroups), tile = plan.TilesOf(work.UnitsOf(block).From, units.From);
        int mostRows = 4 * Math.Min(plan.TilesY, units.To - units.From) + side.Border, mostColumns = 4 * plan.UnitTiles + side.Border;
        using Workspace turned = new(mostRows * mostColumns * Width), lines = new(6 * mostColumns * Width);
        float* inputs = transformed + (nint)group * Products * work.InputStride;
        float* outputs = transformed + work.InputFloats + (nint)(channel / P.Count) * Products * work.OutputStride;
        for (int i = units.From, band; i < units.To; i += band)
        {
            WinogradUnit unit = plan.Unit(i);
            band = plan.Band(i, units.To);
            int columns = 4 * unit.Count + side.Border;
            float* plane = (float*)side.Planes + ((nint)unit.Image * side.Channels + channel) * side.Size.Y * side.Size.X, rows = turned.Start;
            WinogradGradientTiles.Turn(plane, side.Size, Math.Min(Width, side.Channels - channel), (unit.Y - side.Padding.Y, unit.X - side.Padding.X),
                (4 * band + side.Border, columns), rows);
            for (int row = 0; row < band; row++, rows += 4 * columns * Width, tile += unit.Count)
            {
                if (isInput) WinogradGradientTiles.Inputs<V>(rows, unit.Count, lines.Start, inputs + tile * Width, work.InputStride);
                else WinogradGradientTiles.Outputs<P>(rows, unit.Count, lines.Start, outputs + tile * P.Count, work.OutputStride, Products * work.OutputStride);
            }
        }
    }

    /// <summary>The 36 products of a block for one patch of sums.</summary>
    private static void Multiply<V>(Work work, int block, int patch, float* transformed, float* sums, bool fresh) where V : struct, ISimd<V>
    {
        (int column, int panel) = Math.DivRem(patch, work.Panels);
        (int from, int to) = work.UnitsOf(block);
        int depth = work.Plan.TilesOf(from, to), channel = column * work.ColumnWidth;
        float* a = transformed + work.InputFloats + (nint)panel * Products * work.OutputStride;
        if (channel + work.ColumnWidth <= work.Plan.InputGroups * Width) Multiply<V>(work, depth, a, transformed, channel, sums, fresh);
        else Multiply<V256>(work, depth, a, transformed, channel, sums, fresh); // a single group, where two fill vectors of 16
    }

    [SkipLocalsInit]
    private static void Multiply<V>(Work work, int depth, float* a, float* inputs, int channel, float* sums, bool fresh) where V : struct, ISimd<V>
    {
        float* b0 = inputs + (nint)(channel / Width) * Products * work.InputStride + channel % Width;
        channel += V.Count;
        float* b1 = inputs + (nint)(channel / Width) * Products * work.InputStride + channel % Width;
        float* part = stackalloc float[8 * 2 * V.Count];
        for (int product = 0; product < Products; product++)
        {
            for (int first = 0; first < depth; first += Chain)
            {
                int tiles = Math.Min(Chain, depth - first), at = first * Width;
                bool add = !fresh || first > 0;
                float* c = add ? part : sums;
                int stride = add ? 2 * V.Count : work.ColumnWidth;
                RegisterTile.Run<V, EvenRows>(work.Height, new EvenRows(Width), tiles, a + first * work.Height, b0 + at, b1 + at, c, c + V.Count, stride, false);
                if (add) AddRows<V>(part, sums, work.Height, work.ColumnWidth);
            }
            a += work.OutputStride;
            b0 += work.InputStride;
            b1 += work.InputStride;
            sums += work.Height * work.ColumnWidth;
        }
    }

    private static void AddRows<V>(float* part, float* sums, int rows, int stride) where V : struct, ISimd<V>
    {
        for (int row = 0; row < rows; row++, part += 2 * V.Count, sums += stride)
        {
            V.Store(V.Load(ref sums[0]) + V.Load(ref part[0]), ref sums[0]);
            V.Store(V.Load(ref sums[V.Count]) + V.Load(ref part[V.Count]), ref sums[V.Count]);
        }
    }

    /// <summary>The weights of a patch.</summary>
    private static void Finish<V>(Work work, int patch, float* sums, int chunks) where V : struct, ISimd<V>
    {
        (int column, int panel) = Math.DivRem(patch, work.Panels);
        int output = panel * work.Height, channel = column * work.ColumnWidth;
        int rows = Math.Min(work.Height, work.G.OutChannels - output), channels = Math.Min(work.ColumnWidth, work.G.InChannels - channel);
        float* dw = work.Dw + ((long)output * work.G.InChannels + channel) * 9;
        for (int row = 0; row < rows; row++, sums += work.ColumnWidth, dw += (long)work.G.InChannels * 9)
            WinogradGradientTiles.Weights<V>(sums, work.Height * work.ColumnWidth, chunks, (nint)work.SumFloats, channels, dw);
    }
}
