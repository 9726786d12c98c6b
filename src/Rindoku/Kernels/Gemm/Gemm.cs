namespace Rindoku.Kernels;

/// <summary>Matrix products, packed and blocked for the caches.</summary>
/// <remarks>
/// <para>After Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication": panels of both operands are copied into the
/// order in which the register tile reads them, the depth is cut so that a block of panels stays in the second-level cache.</para>
/// <para>Determinism: each number of the result is one chain of fused multiply-adds in the order of the depth, so it has the same bits for
/// any thread count, vector width, neighbouring rows and columns, and for packed and unpacked paths. Aliasing: c must not overlap a or b.</para>
/// </remarks>
internal static unsafe class Gemm
{
    // A block of 8 x 8 register tiles (96 x 256) with this depth takes 350 KB of packed panels: a second-level cache of 512 KB holds it.
    private const int DepthBlock = 256;
    private const int RowBlock = 3072;
    private const int ColumnBlock = 4096;

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
            for (int j = 0; j < g.N; j += ColumnBlock)
                for (int p = 0; p < Math.Max(1, g.K); p += DepthBlock)
                    MultiplyBlock<V>(g, j, Math.Min(ColumnBlock, g.N - j), p, Math.Min(DepthBlock, g.K - p));
    }

    private static void MultiplyBlock<V>(GemmProduct g, int j0, int columns, int p0, int depth) where V : struct, ISimd<V>
    {
        int width = 2 * V.Count, unit = RowPanels.UnitFor<V>();
        int columnPanels = (columns + width - 1) / width;
        using Workspace roomA = new((long)depth * (Math.Min(RowBlock, g.M) + unit)), roomB = new((long)depth * columnPanels * width);
        for (int i0 = 0; i0 < g.M; i0 += RowBlock)
        {
            RowPanels rowPanels = new(Math.Min(RowBlock, g.M - i0), unit);
            Pack<V>(g, i0, rowPanels, roomA.Start, j0, columns, i0 == 0 ? columnPanels : 0, roomB.Start, p0, depth);
            Compute<V>(g, i0, rowPanels, roomA.Start, j0, columns, columnPanels, roomB.Start, p0, depth);
        }
    }

    private static void Pack<V>(GemmProduct g, int i0, RowPanels rowPanels, float* packedA, int j0, int columns, int columnPanels, float* packedB,
        int p0, int depth) where V : struct, ISimd<V>
    {
        const int group = 4;
        int width = 2 * V.Count, tasksA = (rowPanels.Count + group - 1) / group, tasksB = (columnPanels + group - 1) / group;
        Threads.Run(tasksA + tasksB, task =>
        {
            int first = group * (task < tasksA ? task : task - tasksA);
            if (task < tasksA)
            {
                for (int panel = first; panel < Math.Min(first + group, rowPanels.Count); panel++)
                {
                    int start = rowPanels.Start(panel), i = i0 + start, height = rowPanels.Height(panel);
                    Panels.PackRows(g.A.From(i, p0), Math.Min(height, g.M - i), height, depth, packedA + (long)start * depth);
                }
            }
            else
            {
                int j = first * width;
                Panels.PackColumns(g.B.From(p0, j0 + j), Math.Min(group * width, columns - j), width, depth, packedB + (long)j * depth);
            }
        });
    }

    private static void Compute<V>(GemmProduct g, int i0, RowPanels rowPanels, float* packedA, int j0, int columns, int columnPanels, float* packedB,
        int p0, int depth) where V : struct, ISimd<V>
    {
        int group = (long)rowPanels.Count * columnPanels >= 16 * 64 ? 8 : 4;
        int width = 2 * V.Count, across = (columnPanels + group - 1) / group, down = (rowPanels.Count + group - 1) / group;
        Threads.Run(down * across, task =>
        {
            (int column, int row) = Math.DivRem(task, down);
            int lastPanel = Math.Min((row + 1) * group, rowPanels.Count), end = Math.Min((column + 1) * group * width, columns);
            for (int j = column * group * width; j < end; j += width)
            {
                for (int panel = row * group; panel < lastPanel; panel++)
                {
                    int start = rowPanels.Start(panel);
                    g.Tile<V, EvenRows>(i0 + start, rowPanels.Height(panel), j0 + j, Math.Min(width, columns - j), p0, depth,
                        packedA + (long)start * depth, packedB + (long)j * depth, new(width));
                }
            }
        });
    }

    private static void RequireLengths(int count, int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c)
    {
        if (a.Length != (long)count * m * k || b.Length != (long)count * k * n || c.Length != (long)count * m * n)
            throw new ArgumentException($"Gemm: spans of {a.Length}, {b.Length} and {c.Length} numbers for ({m}, {k}) x ({k}, {n})");
    }
}
