using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>The sizes and constants of an attention: <c>softmax(scale · q kᵀ + mask) v</c> for each head.</summary>
/// <param name="Queries">T.</param>
/// <param name="Keys">S.</param>
/// <param name="Width">D, of queries and keys.</param>
/// <param name="ValueWidth">E, of values.</param>
/// <param name="Scale">What products are multiplied by.</param>
/// <param name="Causal">Whether a query sees no key beyond its own place.</param>
/// <param name="MaskPlaces">For each head which (rows, columns) matrix of the mask is its own; empty without a mask.</param>
/// <param name="MaskRows">Rows of the mask: T, or 1 for all queries.</param>
/// <param name="MaskColumns">Columns of the mask: S, or 1 for all keys.</param>
internal sealed record AttentionRun(int Queries, int Keys, int Width, int ValueWidth, float Scale, bool Causal, int[] MaskPlaces, int MaskRows, int MaskColumns)
{
    /// <summary>Keys from this place on are hidden from all of the queries before <paramref name="end"/>.</summary>
    public int VisibleKeys(int end) => Causal ? Math.Min(Keys, end) : Keys;
}

/// <summary>Attention in blocks of queries and keys, with a running softmax: the (T, S) scores are never stored.</summary>
/// <remarks>
/// After Dao et al. 2022, arXiv:2205.14135. The maximum and the log-sum of each query's scores are saved, from which the way back
/// makes the weights of a block again. A query whose keys are all hidden gives NaN. Aliasing: none. Deterministic: blocks of queries
/// are independent on the way forward, heads on the way back.
/// </remarks>
internal static unsafe partial class AttentionKernel
{
    // 32 rows take the unpacked matrix product; a block of weights (16 KiB) and one of keys stay in the second-level cache.
    private const int QueryBlock = 32;
    private const int KeyBlock = 128;

    /// <summary>Runs forward.</summary>
    /// <param name="run">Sizes.</param>
    /// <param name="heads">How many independent attentions.</param>
    /// <param name="q">(heads, T, D).</param>
    /// <param name="k">(heads, S, D).</param>
    /// <param name="v">(heads, S, E).</param>
    /// <param name="mask">Added to the scores, or empty.</param>
    /// <param name="y">(heads, T, E), written.</param>
    /// <param name="maxima">(heads, T), written.</param>
    /// <param name="logSums">(heads, T), written.</param>
    public static void Forward(AttentionRun run, int heads, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v, ReadOnlySpan<float> mask,
        Span<float> y, Span<float> maxima, Span<float> logSums)
    {
        int blocks = (run.Queries + QueryBlock - 1) / QueryBlock;
        fixed (float* pq = q, pk = k, pv = v, pm = mask, py = y, px = maxima, ps = logSums)
        {
            float* query = pq, key = pk, value = pv, bias = pm, target = py, max = px, log = ps;
            Threads.Run(heads * blocks, task =>
            {
                (int head, int block) = Math.DivRem(task, blocks);
                int first = block * QueryBlock, rows = Math.Min(QueryBlock, run.Queries - first);
                long row = (long)head * run.Queries + first;
                ForwardBlock(run, first, rows, query + row * run.Width, key + (long)head * run.Keys * run.Width, value + (long)head * run.Keys * run.ValueWidth,
                    MaskOf(run, head, bias), target + row * run.ValueWidth, max + row, log + row);
            });
        }
    }

    private static void ForwardBlock(AttentionRun run, int first, int rows, float* q, float* k, float* v, float* mask, float* y, float* maxima, float* logSums)
    {
        using Workspace memory = new(QueryBlock * KeyBlock);
        float* scores = memory.Start;
        double* sums = stackalloc double[QueryBlock];
        new Span<double>(sums, rows).Clear();
        new Span<float>(maxima, rows).Fill(float.NegativeInfinity);
        new Span<float>(y, rows * run.ValueWidth).Clear();
        for (int j = 0, end = run.VisibleKeys(first + rows); j < end; j += KeyBlock)
        {
            int columns = Math.Min(KeyBlock, end - j);
            Scores(run, first, rows, j, columns, q, k, mask, scores);
            for (int i = 0; i < rows; i++)
            {
                float* line = scores + i * columns;
                float old = maxima[i], max = MathF.Max(old, Max(line, columns));
                if (float.IsNegativeInfinity(max))
                {
                    new Span<float>(line, columns).Clear(); // nothing to be seen so far
                    continue;
                }
                float fade = MathF.Exp(old - max);
                maxima[i] = max;
                sums[i] = sums[i] * fade + Weights(run, first + i, j, columns, line, max, 0);
                ScaleRow(y + (long)i * run.ValueWidth, run.ValueWidth, fade);
            }
            Gemm.Multiply(new(rows, run.ValueWidth, columns, new(scores, columns, false), new(v + (long)j * run.ValueWidth, run.ValueWidth, false), y, run.ValueWidth) { Add = true });
        }
        for (int i = 0; i < rows; i++)
        {
            logSums[i] = (float)Math.Log(sums[i]);
            ScaleRow(y + (long)i * run.ValueWidth, run.ValueWidth, (float)(1 / sums[i]));
        }
    }

    private static float* MaskOf(AttentionRun run, int head, float* mask) =>
        run.MaskPlaces.Length == 0 ? null : mask + (long)run.MaskPlaces[head] * run.MaskRows * run.MaskColumns;

    /// <summary><c>scale · q kᵀ + mask</c> of a block, hidden keys at -∞.</summary>
    private static void Scores(AttentionRun run, int i0, int rows, int j0, int columns, float* q, float* k, float* mask, float* scores)
    {
        Gemm.Multiply(new(rows, columns, run.Width, new(q, run.Width, false), new(k + (long)j0 * run.Width, run.Width, true), scores, columns));
        for (int i = 0; i < rows; i++)
        {
            float* line = scores + i * columns;
            ScaleRow(line, columns, run.Scale);
            if (mask is not null)
            {
                float* added = mask + (run.MaskRows == 1 ? 0 : (long)(i0 + i) * run.MaskColumns);
                for (int j = 0; j < columns; j++) line[j] += added[run.MaskColumns == 1 ? 0 : j0 + j];
            }
            if (!run.Causal) continue;
            int visible = VisibleColumns(run, i0 + i, j0, columns);
            new Span<float>(line + visible, columns - visible).Fill(float.NegativeInfinity);
        }
    }

    private static int VisibleColumns(AttentionRun run, int query, int firstKey, int columns) =>
        run.Causal ? Math.Clamp(query + 1 - firstKey, 0, columns) : columns;

    /// <summary>Turns a query's scores into <c>e^(score - max - logSum)</c> and gives their sum.</summary>
    /// <remarks>Those of keys that causality hides are zeros without having been computed: see <see cref="SimdMemory.Clean"/>.</remarks>
    private static float Weights(AttentionRun run, int query, int firstKey, int columns, float* line, float max, float logSum)
    {
        int visible = VisibleColumns(run, query, firstKey, columns);
        new Span<float>(line + visible, columns - visible).Clear();
        return Exponentials(line, visible, max, logSum);
    }

    private static void ScaleRow(float* x, int count, float factor)
    {
        Span<float> row = new(x, count);
        System.Numerics.Tensors.TensorPrimitives.Multiply(row, factor, row);
    }

    private static float Max(float* x, int count) => Simd.Bits == 512 ? Max<V512>(x, count) : Simd.Bits == 256 ? Max<V256>(x, count) : Max<V128>(x, count);

    private static float Max<V>(float* x, int count) where V : struct, ISimd<V>
    {
        V max = V.All(float.NegativeInfinity);
        for (int i = 0; i < count; i += V.Count) max = V.Max(max, Load<V>(x + i, count - i, float.NegativeInfinity));
        return V.MaxOf(max);
    }

    /// <summary>Turns x into <c>e^(x - max - logSum)</c> and gives their sum.</summary>
    private static float Exponentials(float* x, int count, float max, float logSum) => Simd.Bits == 512 ? Exponentials<V512>(x, count, max, logSum)
        : Simd.Bits == 256 ? Exponentials<V256>(x, count, max, logSum) : Exponentials<V128>(x, count, max, logSum);

    private static float Exponentials<V>(float* x, int count, float max, float logSum) where V : struct, ISimd<V>
    {
        V sum = V.Zero, m = V.All(max), l = V.All(logSum);
        for (int i = 0; i < count; i += V.Count)
        {
            V e = SimdMath.Exp(Load<V>(x + i, count - i, max) - m - l);
            if (count - i < V.Count) e &= V.First(count - i);
            Store(e, x + i, count - i);
            sum += e;
        }
        return V.Sum(sum);
    }
}
