namespace Rindoku.Kernels;

/// <summary>Products with few rows, and small ones: b is packed by each strip of columns for itself, just before its use.</summary>
/// <remarks>With so few rows that one tile covers them, b is read where it lies, unless it is transposed: packing would read it as often.</remarks>
internal static unsafe class GemmThin
{
    // Rows of b in one sweep: as many pages are open at a time, which the address cache must hold.
    private const int DepthBlock = 128;
    private const int PanelsAtOnce = 4;
    private const int StripWork = 1 << 19; // multiply-adds of one task

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
        long column = Math.Max(1, (long)panels.PaddedRows * g.K);
        int strip = (int)Math.Clamp(StripWork / (column * width), 1, 32) * width;
        if (g.N <= strip) Strip<V>(g, panels, room.Start, 0, g.N);
        else InParallel<V>(g, panels, room.Start, strip);
    }

    private static void InParallel<V>(GemmProduct g, RowPanels panels, float* packedA, int strip) where V : struct, ISimd<V> =>
        Threads.RunChunks(g.N, strip, (from, to) => Strip<V>(g, panels, packedA, from, to));

    private static void Strip<V>(in GemmProduct g, RowPanels panels, float* packedA, int from, int to) where V : struct, ISimd<V>
    {
        int width = 2 * V.Count;
        using Workspace room = new(DepthBlock * PanelsAtOnce * width);
        for (int p = 0; p < Math.Max(1, g.K); p += DepthBlock)
        {
            int depth = Math.Min(DepthBlock, g.K - p);
            for (int j = from; j < to; j += PanelsAtOnce * width)
                Columns<V>(g, panels, packedA, j, Math.Min(PanelsAtOnce * width, to - j), p, depth, room.Start);
        }
    }

    private static void Columns<V>(in GemmProduct g, RowPanels panels, float* packedA, int j0, int columns, int p, int depth, float* room)
        where V : struct, ISimd<V>
    {
        int width = 2 * V.Count;
        MatrixView b = g.B.From(p, j0);
        bool pack = b.Transposed || panels.Count > 1;
        if (pack) Panels.PackColumns(b, columns, width, depth, room);
        for (int j = 0; j < columns; j += width)
        {
            int some = Math.Min(width, columns - j), stride = pack ? width : b.Stride;
            float* panelB = pack ? room + (long)j * depth : b.Start + j;
            if (!pack && some < width)
            {
                Panels.PackColumns(g.B.From(p, j0 + j), some, width, depth, room);
                panelB = room;
                stride = width;
            }
            for (int panel = 0; panel < panels.Count; panel++)
            {
                int start = panels.Start(panel), height = panels.Height(panel);
                g.Tile<V>(start, height, j0 + j, some, p, depth, packedA + (long)start * g.K + (long)p * height, panelB, stride);
            }
        }
    }
}
