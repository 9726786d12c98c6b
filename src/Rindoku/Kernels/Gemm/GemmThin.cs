namespace Rindoku.Kernels;

/// <summary>Products with few rows, and small ones: only a is packed, b is read where it lies.</summary>
/// <remarks>A transposed b, and the last columns where less than two vectors are left, are packed panel by panel just before their use.</remarks>
internal static unsafe class GemmThin
{
    // Rows of b in one sweep: as many pages are open at a time, which the address cache must hold.
    private const int DepthBlock = 128;
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
        using Workspace room = new(DepthBlock * width);
        for (int p = 0; p < Math.Max(1, g.K); p += DepthBlock)
        {
            int depth = Math.Min(DepthBlock, g.K - p);
            for (int j = from; j < to; j += width)
            {
                int columns = Math.Min(width, to - j), stride = g.B.Stride;
                MatrixView b = g.B.From(p, j);
                float* panelB = b.Start;
                if (columns < width || b.Transposed)
                {
                    panelB = room.Start;
                    stride = width;
                    Panels.PackColumns(b, columns, width, depth, panelB);
                }
                for (int panel = 0; panel < panels.Count; panel++)
                {
                    int start = panels.Start(panel), height = panels.Height(panel);
                    g.Tile<V>(start, height, j, columns, p, depth, packedA + (long)start * g.K + (long)p * height, panelB, stride);
                }
            }
        }
    }
}
