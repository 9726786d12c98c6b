namespace Rindoku.Kernels;

/// <summary>Products with few rows, and small ones: each strip of columns is a task, which reads b once from memory.</summary>
/// <remarks>
/// The first register tile reads b where it lies and, if further tiles follow, packs it for them as it goes: a pass of packing beforehand
/// would take as long as the tile. Only the transpose of a matrix and the last, narrow columns are packed first.
/// </remarks>
internal static unsafe class GemmThin
{
    // A packed panel of b is 64 KB, the rows of a that go with it are at most 96 KB: both stay in the second-level cache.
    private const int DepthBlock = 512;
    private const int StripWork = 1 << 21, LeastWork = 1 << 19; // multiply-adds of one task, if there are many and if there are few

    public static void Multiply<V>(in GemmProduct g) where V : struct, ISimd<V>
    {
        int width = 2 * V.Count;
        RowPanels panels = new(g.M, RowPanels.UnitFor<V>());
        using Workspace room = new((long)panels.PaddedRows * g.K);
        for (int panel = 0; panel < panels.Count; panel++)
        {
            int start = panels.Start(panel), height = panels.Height(panel);
            Panels.PackRows(g.A.From(start, 0), Math.Min(height, g.M - start), height, g.K, room.Start + (long)start * g.K);
        }
        long work = (long)panels.PaddedRows * g.K * g.N;
        int across = (g.N + width - 1) / width, few = (int)Math.Min(8, work / LeastWork);
        int tasks = (int)Math.Min(across, Math.Max(work / StripWork, Math.Max(1, few)));
        int strip = Math.Min(32, (across + tasks - 1) / tasks) * width;
        Threads.RunChunks(g.N, strip, new Work(g, panels, room.Start), static (work, from, to) => Strip<V>(work.Product, work.Panels, work.PackedA, from, to));
    }

    private readonly struct Work(GemmProduct product, RowPanels panels, float* packedA)
    {
        public readonly GemmProduct Product = product;
        public readonly RowPanels Panels = panels;
        public readonly float* PackedA = packedA;
    }

    private static void Strip<V>(in GemmProduct g, RowPanels panels, float* packedA, int from, int to) where V : struct, ISimd<V>
    {
        int width = 2 * V.Count;
        using Workspace room = new((long)Math.Min(DepthBlock, g.K) * width);
        for (int p = 0; p < Math.Max(1, g.K); p += DepthBlock)
            for (int j = from; j < to; j += width)
            {
                int columns = Math.Min(width, to - j), depth = Math.Min(DepthBlock, g.K - p);
                switch (Panels.WidthFor<V>(columns))
                {
                    case 8: Columns<V128>(g, panels, packedA, j, columns, p, depth, room.Start); break;
                    case 16: Columns<V256>(g, panels, packedA, j, columns, p, depth, room.Start); break;
                    default: Columns<V>(g, panels, packedA, j, columns, p, depth, room.Start); break;
                }
            }
    }

    private static void Columns<V>(in GemmProduct g, RowPanels panels, float* packedA, int j, int columns, int p, int depth, float* packedB)
        where V : struct, ISimd<V>
    {
        int width = 2 * V.Count;
        MatrixView b = g.B.From(p, j);
        bool whole = columns == width && !b.Transposed;
        if (!whole) Panels.PackColumns(b, columns, width, depth, packedB);
        for (int panel = 0; panel < panels.Count; panel++)
        {
            int start = panels.Start(panel), height = panels.Height(panel);
            float* packed = packedA + (long)start * g.K + (long)p * height;
            if (!whole || panel > 0) g.Tile<V, EvenRows>(start, height, j, columns, p, depth, packed, packedB, new(width));
            else if (panels.Count > 1) g.Tile<V, PackedRows>(start, height, j, columns, p, depth, packed, b.Start, new(b.Stride, packedB));
            else g.Tile<V, FetchedRows>(start, height, j, columns, p, depth, packed, b.Start, new(b.Stride));
        }
    }
}
