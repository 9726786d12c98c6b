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
        // Multiply-adds, and what a product costs however small it is.
        const long taskWork = 1 << 20, overhead = 1 << 14;
        long work = (long)m * n * k + overhead;
        fixed (float* pa = a, pb = b, pc = c)
        {
            BatchOf batch = new(m, n, k, pa, transposeA, placesA, pb, transposeB, placesB, pc);
            if (work >= 64 * taskWork) batch.Some(0, placesA.Length); // large enough to be shared between threads one by one
            else Threads.RunChunks(placesA.Length, (int)Math.Max(1, taskWork / work), batch, static (batch, from, to) => batch.Some(from, to));
        }
    }

    /// <summary>The matrices of a batch.</summary>
    private readonly struct BatchOf(int m, int n, int k, float* a, bool transposeA, int[] placesA, float* b, bool transposeB, int[] placesB, float* c)
    {
        public void One(int i) => Multiply(new(m, n, k, new(a + (long)placesA[i] * m * k, transposeA ? m : k, transposeA),
            new(b + (long)placesB[i] * k * n, transposeB ? k : n, transposeB), c + (long)i * m * n, n));

        public void Some(int from, int to)
        {
            for (int i = from; i < to; i++) One(i);
        }
    }

    /// <summary>Computes a product by the way that suits its shape.</summary>
    public static void Multiply(in GemmProduct g)
    {
        if (g.M == 0 || g.N == 0) return;
        if (GemmNarrow.Suits(g))
        {
            GemmNarrow.Multiply(g);
            return;
        }
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
                    new GemmBlock<V>(g, j, Math.Min(ColumnBlock, g.N - j), p, Math.Min(depth, g.K - p)).Multiply();
        }
    }

    private static void RequireLengths(int count, int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c)
    {
        if (a.Length != (long)count * m * k || b.Length != (long)count * k * n || c.Length != (long)count * m * n)
            throw new ArgumentException($"Gemm: spans of {a.Length}, {b.Length} and {c.Length} numbers for ({m}, {k}) x ({k}, {n})");
    }
}
