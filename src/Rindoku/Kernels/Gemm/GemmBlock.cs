namespace Rindoku.Kernels;

/// <summary>A part of a product, some columns wide and some depth deep: packs b by all threads, then lets each task multiply some rows of a.</summary>
internal readonly unsafe struct GemmBlock<V> where V : struct, ISimd<V>
{
    private const int SmallRight = 1 << 17; // numbers of b that the second-level cache holds beside the panels of a
    private const int PanelsAtOnce = 8;
    private const int TaskWork = 1 << 19; // multiply-adds: some 10 microseconds

    private readonly GemmProduct g;
    private readonly int j0, columns, p0, depth;
    private readonly bool inPlace;
    private readonly RowPanels panels;
    private readonly int group, down, section; // panels of rows in a task, tasks down, columns in a task

    /// <summary>Plans the part of g's columns from j0 and of its depth from p0 on.</summary>
    public GemmBlock(in GemmProduct g, int j0, int columns, int p0, int depth)
    {
        (this.g, this.j0, this.columns, this.p0, this.depth) = (g, j0, columns, p0, depth);
        // A small b is read where it lies: packed by two cores, its lines would travel between them.
        inPlace = !g.B.Transposed && columns % Width == 0 && (long)g.K * g.B.Stride <= SmallRight;

        // Enough tasks for the threads to end together, each of some size and all alike; with few rows the columns are cut too.
        panels = new(g.M, RowPanels.UnitFor<V>());
        long panelWork = Math.Max(1, 3L * RowPanels.UnitFor<V>() * columns * depth);
        int most = (int)Math.Clamp(Math.Max(panels.Count / 32, TaskWork / panelWork), 1, 8);
        down = (panels.Count + most - 1) / most;
        group = (panels.Count + down - 1) / down;
        int across = Math.Clamp(16 / down, 1, Math.Max(1, ColumnPanels / 4));
        section = (ColumnPanels + across - 1) / across * Width;
    }

    private static int Width => 2 * V.Count;

    private int ColumnPanels => (columns + Width - 1) / Width;

    /// <summary>Computes it.</summary>
    public void Multiply()
    {
        using Workspace room = new(inPlace ? 0 : (long)depth * ColumnPanels * Width);
        Work work = new(this, inPlace ? g.B.From(p0, j0).Start : room.Start);
        if (!inPlace) Threads.RunChunks(ColumnPanels, 2, work, static (work, from, to) => work.Block.Pack(from, to, work.B));
        Threads.Run(down * ((columns + section - 1) / section), work, static (work, task) => work.Block.Rows(task, work.B));
    }

    private readonly struct Work(GemmBlock<V> block, float* b)
    {
        public readonly GemmBlock<V> Block = block;
        public readonly float* B = b;
    }

    private void Pack(int from, int to, float* packed)
    {
        int start = from * Width, end = Math.Min(to * Width, columns), whole = (end - start) / Width * Width, rest = end - start - whole;
        Panels.PackColumns(g.B.From(p0, j0 + start), whole, Width, depth, packed + (long)start * depth);
        if (rest > 0) Panels.PackColumns(g.B.From(p0, j0 + start + whole), rest, Panels.WidthFor<V>(rest), depth, packed + (long)(start + whole) * depth);
    }

    private void Rows(int task, float* b)
    {
        (int column, int row) = Math.DivRem(task, down);
        int first = row * group, last = Math.Min(first + group, panels.Count), from = column * section, to = Math.Min(from + section, columns);
        if (first >= last) return;
        int start = panels.Start(first);
        using Workspace room = new((long)depth * (panels.Start(last) - start));
        for (int panel = first; panel < last; panel++)
        {
            int i = panels.Start(panel), height = panels.Height(panel);
            Panels.PackRows(g.A.From(i, p0), Math.Min(height, g.M - i), height, depth, room.Start + (long)(i - start) * depth);
        }
        for (int part = from; part < to; part += PanelsAtOnce * Width)
            for (int panel = first; panel < last; panel++)
            {
                int i = panels.Start(panel), height = panels.Height(panel);
                float* packedA = room.Start + (long)(i - start) * depth;
                for (int j = part; j < Math.Min(part + PanelsAtOnce * Width, to); j += Width)
                    Tile(i, height, j, Math.Min(Width, to - j), packedA, b + (inPlace ? j : (long)j * depth));
            }
    }

    private void Tile(int i, int height, int j, int columns, float* a, float* b)
    {
        int width = Panels.WidthFor<V>(columns);
        if (width == Width) g.Tile<V, EvenRows>(i, height, j0 + j, columns, p0, depth, a, b, new(inPlace ? g.B.Stride : width));
        else if (width == 16) g.Tile<V256, EvenRows>(i, height, j0 + j, columns, p0, depth, a, b, new(width));
        else g.Tile<V128, EvenRows>(i, height, j0 + j, columns, p0, depth, a, b, new(width));
    }
}
