namespace Rindoku.Kernels;

/// <summary>Matrix products, packed and blocked for the caches.</summary>
/// <remarks>
/// <para>After Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication": panels of both operands are copied into the
/// order in which the register tile reads them, the depth is cut so that a panel of a stays in the first-level cache.</para>
/// <para>Determinism: each number of the result is one chain of fused multiply-adds in the order of the depth, so it has the same bits for
/// any thread count, vector width, neighbouring rows and columns, and for packed and unpacked paths. Aliasing: c must not overlap a or b.</para>
/// </remarks>
internal static unsafe class Gemm
{
    // A packed row panel of this depth is 24 KB and stays in the first-level cache while the packed columns pass by it, from the second
    // level: 8 panels of those are 512 KB. Deeper blocks read and write the results less often, but leave the first-level cache.
    private const int DepthBlock = 512;
    private const int ColumnBlock = 4096;
    private const int SmallRight = 1 << 17; // numbers of b that the second-level cache holds beside the panels of a
    private const int PanelsAtOnce = 8;
    private const int TaskWork = 1 << 19; // multiply-adds: some 10 microseconds

    // With so few rows a packed panel of b would be read only a few times: packing costs more than it brings.
    private const int ThinRows = 48;
    private const long SmallWork = 48 * 48 * 48;

    /// <summary>c (m, n) = op(a) op(b) + bias, dense row-major, where op(a) is (m, k) and op(b) is (k, n).</summary>
    public static void Multiply(int m, int n, int k, ReadOnlySpan<float> a, bool transposeA, ReadOnlySpan<float> b, bool transposeB, Span<float> c,
        ReadOnlySpan<float> columnBias = default)
    {
        RequireLengths(1, m, n, k, a, b, c);
        if (columnBias.Length != 0 && columnBias.Length != n) throw new ArgumentException($"Gemm: {columnBias.Length} biases for {n} columns");
        fixed (float* pa = a, pb = b, pc = c, bias = columnBias)
            Multiply(new(m, n, k, new(pa, transposeA ? m : k, transposeA), new(pb, transposeB ? k : n, transposeB), pc, n) { ColumnBias = bias });
    }

    /// <summary>
    /// Many products of one shape: <c>c[i] = op(a[placesA[i]]) op(b[placesB[i]])</c>, dense row-major; the places count whole matrices.
    /// </summary>
    public static void MultiplyBatch(int m, int n, int k, ReadOnlySpan<float> a, bool transposeA, int[] placesA,
        ReadOnlySpan<float> b, bool transposeB, int[] placesB, Span<float> c)
    {
        fixed (float* pa = a, pb = b, pc = c) Batch(m, n, k, pa, transposeA, placesA, pb, transposeB, placesB, pc);
    }

    private static void Batch(int m, int n, int k, float* a, bool transposeA, int[] placesA, float* b, bool transposeB, int[] placesB, float* c)
    {
        const long taskWork = 1 << 20; // multiply-adds a task: some 10 microseconds
        long work = Math.Max(1, (long)m * n * k);
        void One(int i) => Multiply(new(m, n, k, new(a + (long)placesA[i] * m * k, transposeA ? m : k, transposeA),
            new(b + (long)placesB[i] * k * n, transposeB ? k : n, transposeB), c + (long)i * m * n, n));

        if (work >= 64 * taskWork) // large enough to be shared between threads one by one
            for (int i = 0; i < placesA.Length; i++) One(i);
        else
            Threads.RunChunks(placesA.Length, (int)Math.Clamp(taskWork / work, 1, int.MaxValue), (from, to) =>
            {
                for (int i = from; i < to; i++) One(i);
            });
    }

    /// <summary>Computes a product by the way that suits its shape.</summary>
    public static void Multiply(in GemmProduct g)
    {
        if (g.M == 0 || g.N == 0) return;
        // Narrow results would waste most of a wide tile. All widths give the same bits.
        if (Simd.Bits == 512 && g.N > 16) Multiply<V512>(g);
        else if (Simd.Bits >= 256 && g.N > 8) Multiply<V256>(g);
        else Multiply<V128>(g);
    }

    private static void Multiply<V>(in GemmProduct g) where V : struct, ISimd<V>
    {
        if (g.M <= ThinRows || (long)g.M * g.N * g.K <= SmallWork) GemmThin.Multiply<V>(g);
        else
        {
            int blocks = Math.Max(1, (g.K + DepthBlock - 1) / DepthBlock), depth = (g.K + blocks - 1) / blocks;
            for (int j = 0; j < g.N; j += ColumnBlock)
                for (int block = 0, p = 0; block < blocks; block++, p += depth)
                    MultiplyBlock<V>(g, j, Math.Min(ColumnBlock, g.N - j), p, Math.Min(depth, g.K - p));
        }
    }

    /// <summary>Packs b by all threads, then lets each task multiply some rows, which it packs for itself, with all or a part of the columns.</summary>
    private static void MultiplyBlock<V>(GemmProduct g, int j0, int columns, int p0, int depth) where V : struct, ISimd<V>
    {
        int width = 2 * V.Count, columnPanels = (columns + width - 1) / width;
        // A small b is read where it lies: packed by two cores, its lines would travel between them.
        bool inPlace = !g.B.Transposed && columns % width == 0 && (long)g.K * g.B.Stride <= SmallRight;
        using Workspace roomB = new(inPlace ? 0 : (long)depth * columnPanels * width);
        float* packedB = inPlace ? g.B.From(p0, j0).Start : roomB.Start;
        if (!inPlace) Threads.RunChunks(columnPanels, 2, (from, to) =>
        {
            int j = from * width;
            Panels.PackColumns(g.B.From(p0, j0 + j), Math.Min(to * width, columns) - j, width, depth, packedB + (long)j * depth);
        });

        // Enough tasks for the threads to end together, each of some size; with few rows the columns are cut too.
        RowPanels rowPanels = new(g.M, RowPanels.UnitFor<V>());
        long panelWork = Math.Max(1, 3L * RowPanels.UnitFor<V>() * columns * depth);
        int group = (int)Math.Clamp(Math.Max(rowPanels.Count / 32, TaskWork / panelWork), 1, 8), down = (rowPanels.Count + group - 1) / group;
        int across = Math.Clamp(16 / down, 1, Math.Max(1, columnPanels / 4)), section = (columnPanels + across - 1) / across;
        Threads.Run(down * across, task =>
        {
            (int column, int row) = Math.DivRem(task, down);
            int first = row * group, last = Math.Min(first + group, rowPanels.Count), from = column * section * width;
            Rows<V>(g, rowPanels, first, last, j0, from, Math.Min(from + section * width, columns), packedB, inPlace, p0, depth);
        });
    }

    private static void Rows<V>(in GemmProduct g, RowPanels panels, int first, int last, int j0, int from, int to, float* b, bool inPlace, int p0, int depth)
        where V : struct, ISimd<V>
    {
        int width = 2 * V.Count, start = panels.Start(first);
        using Workspace roomA = new((long)depth * (panels.Start(last) - start));
        for (int panel = first; panel < last; panel++)
        {
            int i = panels.Start(panel), height = panels.Height(panel);
            Panels.PackRows(g.A.From(i, p0), Math.Min(height, g.M - i), height, depth, roomA.Start + (long)(i - start) * depth);
        }
        for (int part = from; part < to; part += PanelsAtOnce * width)
            for (int panel = first; panel < last; panel++)
            {
                int i = panels.Start(panel), height = panels.Height(panel);
                for (int j = part; j < Math.Min(part + PanelsAtOnce * width, to); j += width)
                    g.Tile<V, EvenRows>(i, height, j0 + j, Math.Min(width, to - j), p0, depth,
                        roomA.Start + (long)(i - start) * depth, b + (inPlace ? j : (long)j * depth), new(inPlace ? g.B.Stride : width));
            }
    }

    private static void RequireLengths(int count, int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c)
    {
        if (a.Length != (long)count * m * k || b.Length != (long)count * k * n || c.Length != (long)count * m * n)
            throw new ArgumentException($"Gemm: spans of {a.Length}, {b.Length} and {c.Length} numbers for ({m}, {k}) x ({k}, {n})");
    }
}
