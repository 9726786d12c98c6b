namespace Rindoku.Kernels;

/// <summary>The weight gradient of 3 x 3 convolutions of stride 1 with a quarter of the multiplications.</summary>
/// <remarks>
/// The transpose of <see cref="WinogradKernel"/>: <c>dw = Gᵀ [Σ over tiles of (A dy Aᵀ) ⊙ (Bᵀ x B)] G</c>, where the sums for all pairs of
/// channels are 36 matrix products whose depth is the tiles.
/// </remarks>
internal static unsafe class WinogradGradientKernel
{
    public static int MostChunks = 16, ChunkTiles = 128, EnoughTasks = 4;

    // Products begin a cache line off the powers of two: a tile's 36 numbers would else all fall into the same few lines of the cache.
    private const int Apart = 16, Width = WinogradGradientPlan.GroupWidth;

    /// <summary>What the tasks share.</summary>
    private sealed class Work(WinogradGradientPlan plan, float* x, float* dy, float* dw)
    {
        public readonly WinogradGradientPlan Plan = plan;
        public readonly ConvGeometry G = plan.Geometry;
        public readonly float* X = x, Dy = dy, Dw = dw;
        public readonly int Tiles = plan.MostTiles, Chunks = Math.Clamp((int)((long)plan.Blocks * plan.MostTiles / ChunkTiles), 1, Math.Min(MostChunks, plan.Blocks));
        public float* Sums;

        public nint InputStride => (nint)Plan.InputGroups * Width * Tiles + Apart;

        public nint OutputStride => (nint)Plan.OutputGroups * Width * Tiles + Apart;

        public long BlockFloats => WinogradMath.Products * ((long)InputStride + OutputStride);

        public nint SumStride => (nint)Plan.OutputGroups * Width * Plan.InputGroups * Width + Apart;

        public nint ChunkFloats => WinogradMath.Products * SumStride;
    }

    /// <summary>Computes dw (OutChannels, InChannels, 3, 3) from x and dy.</summary>
    public static void Run(WinogradGradientPlan plan, float* x, float* dy, float* dw)
    {
        Work work = new(plan, x, dy, dw);
        switch (Simd.Bits)
        {
            case 512: Run<V512, V256>(work); break;
            case 256: Run<V256, V128>(work); break;
            default: Run<V128, V128>(work); break;
        }
    }

    // P is as wide as a panel of output channels, the rows of a register tile.
    private static void Run<V, P>(Work work) where V : struct, ISimd<V> where P : struct, ISimd<P>
    {
        WinogradGradientPlan plan = work.Plan;
        bool shared = work.Chunks < EnoughTasks;
        int chunks = shared ? 1 : work.Chunks;
        using Workspace sums = new(chunks * work.ChunkFloats);
        work.Sums = sums.Start;
        if (shared)
        {
            using Workspace room = new(work.BlockFloats);
            float* all = room.Start;
            for (int i = 0; i < plan.Blocks; i++)
            {
                int block = i;
                Threads.Run(plan.InputGroups + plan.OutputGroups, group => Load<V, P>(work, block, group, group + 1, all));
                Threads.Run(WinogradMath.Products, product => Multiply<V, P>(work, block, product, product + 1, all, work.Sums, block > 0));
            }
        }
        else
            Threads.Run(chunks, chunk =>
            {
                using Workspace room = new(work.BlockFloats);
                int first = (int)((long)plan.Blocks * chunk / chunks), last = (int)((long)plan.Blocks * (chunk + 1) / chunks);
                for (int block = first; block < last; block++)
                {
                    Load<V, P>(work, block, 0, plan.InputGroups + plan.OutputGroups, room.Start);
                    Multiply<V, P>(work, block, 0, WinogradMath.Products, room.Start, work.Sums + chunk * work.ChunkFloats, block > first);
                }
            });
        Threads.RunChunks(work.G.OutChannels, 4, (from, to) =>
        {
            for (int o = from; o < to; o++)
                for (int group = 0; group < plan.InputGroups; group++)
                {
                    int channel = group * Width;
                    WinogradGradientTiles.Weights<V>(work.Sums + ((nint)o * plan.InputGroups + group) * Width, work.SumStride, chunks, work.ChunkFloats,
                        Math.Min(Width, work.G.InChannels - channel), work.Dw + ((nint)o * work.G.InChannels + channel) * 9);
                }
        });
    }

    /// <summary>Some groups of channels of a block, first those of x, then those of dy.</summary>
    private static void Load<V, P>(Work work, int block, int fromGroup, int toGroup, float* to) where V : struct, ISimd<V> where P : struct, ISimd<P>
    {
        WinogradGradientPlan plan = work.Plan;
        ConvGeometry g = work.G;
        int first = block * plan.BlockUnits, last = Math.Min(plan.Units, first + plan.BlockUnits);
        int mostBand = Math.Min(plan.TilesY, plan.BlockUnits), columns = 4 * plan.UnitTiles + 2;
        using Workspace room = new((4 * mostBand + 2) * columns * Width), lines = new(6 * columns * Width);
        for (int group = fromGroup; group < toGroup; group++)
        {
            bool isInput = group < plan.InputGroups;
            int channel = Width * (isInput ? group : group - plan.InputGroups), border = isInput ? 2 : 0;
            int channels = Math.Min(Width, (isInput ? g.InChannels : g.OutChannels) - channel);
            (int Y, int X) size = isInput ? (g.Input.H, g.Input.W) : (g.Output.H, g.Output.W);
            float* place = to + (isInput ? 0 : WinogradMath.Products * work.InputStride) + channel * work.Tiles;
            for (int i = first, band; i < last; i += band)
            {
                WinogradUnit unit = plan.Unit(i);
                band = plan.Band(i, last);
                (int Y, int X) start = isInput ? (unit.Y - g.Padding.H, unit.X - g.Padding.W) : (unit.Y, unit.X), part = (4 * band + border, 4 * unit.Count + border);
                float* plane = (isInput ? work.X : work.Dy) + ((long)unit.Image * (isInput ? g.InChannels : g.OutChannels) + channel) * size.Y * size.X;
                WinogradGradientTiles.Turn(plane, size, channels, start, part, room.Start);
                for (int row = 0; row < band; row++)
                {
                    float* turned = room.Start + 4 * row * part.X * Width;
                    if (isInput) WinogradGradientTiles.Inputs<V>(turned, part.X, unit.Count, lines.Start, place, work.InputStride);
                    else WinogradGradientTiles.Outputs<P>(turned, part.X, unit.Count, lines.Start, place, work.OutputStride, P.Count * work.Tiles);
                    place += unit.Count * (isInput ? Width : P.Count);
                }
            }
        }
    }

    private static void Multiply<V, P>(Work work, int block, int fromProduct, int toProduct, float* from, float* sums, bool add)
        where V : struct, ISimd<V> where P : struct, ISimd<P>
    {
        WinogradGradientPlan plan = work.Plan;
        int first = block * plan.BlockUnits, last = Math.Min(plan.Units, first + plan.BlockUnits), depth = 0;
        for (int i = first; i < last; i++) depth += plan.Unit(i).Count;
        int stride = plan.InputGroups * Width, rows = plan.OutputGroups * Width, whole = stride / (2 * V.Count) * (2 * V.Count);
        for (int product = fromProduct; product < toProduct; product++)
        {
            float* b = from + product * work.InputStride, a = from + WinogradMath.Products * work.InputStride + product * work.OutputStride;
            float* c = sums + product * work.SumStride;
            for (int j = 0; j < whole; j += 2 * V.Count) Column<V>(work, depth, P.Count, rows, a, b, c, j, stride, add);
            if (whole < stride) Column<V256>(work, depth, P.Count, rows, a, b, c, whole, stride, add);
        }
    }

    private static void Column<V>(Work work, int depth, int height, int rows, float* a, float* b, float* c, int j, int stride, bool add) where V : struct, ISimd<V>
    {
        float* b0 = b + j / Width * Width * work.Tiles + j % Width, b1 = b + (j + V.Count) / Width * Width * work.Tiles + (j + V.Count) % Width;
        for (int i = 0; i < rows; i += height)
            RegisterTile.Run<V, EvenRows>(height, new EvenRows(Width), depth, a + i * work.Tiles, b0, b1, c + (nint)i * stride + j, c + (nint)i * stride + j + V.Count, stride, add);
    }
}
