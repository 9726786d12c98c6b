using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

internal static unsafe partial class AttentionKernel
{
    /// <summary>Runs backward: with weights P, <c>dv = Pᵀ dy</c>, <c>dS = P (dy vᵀ - Σ dy y) scale</c>, <c>dq = dS k</c> and <c>dk = dSᵀ q</c>.</summary>
    /// <param name="run">Sizes.</param>
    /// <param name="heads">How many independent attentions.</param>
    /// <param name="q">(heads, T, D).</param>
    /// <param name="k">(heads, S, D).</param>
    /// <param name="v">(heads, S, E).</param>
    /// <param name="mask">Added to the scores, or empty.</param>
    /// <param name="y">(heads, T, E), as the forward pass wrote it.</param>
    /// <param name="maxima">(heads, T), as the forward pass wrote it.</param>
    /// <param name="logSums">(heads, T), as the forward pass wrote it.</param>
    /// <param name="dy">(heads, T, E).</param>
    /// <param name="dq">Zeros of q's size, added to.</param>
    /// <param name="dk">Zeros of k's size, added to.</param>
    /// <param name="dv">Zeros of v's size, added to.</param>
    public static void Backward(AttentionRun run, int heads, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v, ReadOnlySpan<float> mask,
        ReadOnlySpan<float> y, ReadOnlySpan<float> maxima, ReadOnlySpan<float> logSums, ReadOnlySpan<float> dy, Span<float> dq, Span<float> dk, Span<float> dv)
    {
        fixed (float* pq = q, pk = k, pv = v, pm = mask, py = y, px = maxima, ps = logSums, pdy = dy, pdq = dq, pdk = dk, pdv = dv)
        {
            Head all = new(pq, pk, pv, pm, py, px, ps, pdy, pdq, pdk, pdv);
            Threads.Run(heads, head => BackwardHead(run, all.Number(head, run)));
        }
    }

    /// <summary>Where everything of one head lies.</summary>
    private readonly struct Head(float* q, float* k, float* v, float* mask, float* y, float* maxima, float* logSums, float* dy, float* dq, float* dk, float* dv)
    {
        public readonly float* Q = q, K = k, V = v, Mask = mask, Y = y, Maxima = maxima, LogSums = logSums, Dy = dy, Dq = dq, Dk = dk, Dv = dv;

        public Head Number(int head, AttentionRun run)
        {
            long queries = (long)head * run.Queries, keys = (long)head * run.Keys;
            return new(Q + queries * run.Width, K + keys * run.Width, V + keys * run.ValueWidth, MaskOf(run, head, Mask), Y + queries * run.ValueWidth,
                Maxima + queries, LogSums + queries, Dy + queries * run.ValueWidth, Dq + queries * run.Width, Dk + keys * run.Width, Dv + keys * run.ValueWidth);
        }
    }

    private static void BackwardHead(AttentionRun run, Head h)
    {
        using Workspace memory = new(2 * QueryBlock * KeyBlock);
        for (int i = 0; i < run.Queries; i += QueryBlock)
        {
            int rows = Math.Min(QueryBlock, run.Queries - i);
            for (int j = 0, end = run.VisibleKeys(i + rows); j < end; j += KeyBlock)
                BackwardBlock(run, h, i, rows, j, Math.Min(KeyBlock, end - j), memory.Start, memory.Start + QueryBlock * KeyBlock);
        }
    }

    private static void BackwardBlock(AttentionRun run, Head h, int i0, int rows, int j0, int columns, float* weights, float* slopes)
    {
        float* q = h.Q + (long)i0 * run.Width, dy = h.Dy + (long)i0 * run.ValueWidth, y = h.Y + (long)i0 * run.ValueWidth;
        float* k = h.K + (long)j0 * run.Width, v = h.V + (long)j0 * run.ValueWidth;
        Scores(run, i0, rows, j0, columns, q, h.K, h.Mask, weights);
        for (int i = 0; i < rows; i++) Weights(run, i0 + i, j0, columns, weights + i * columns, h.Maxima[i0 + i], h.LogSums[i0 + i]);
        Gemm.Multiply(new(columns, run.ValueWidth, rows, new(weights, columns, true), new(dy, run.ValueWidth, false), h.Dv + (long)j0 * run.ValueWidth, run.ValueWidth) { Add = true });

        Gemm.Multiply(new(rows, columns, run.ValueWidth, new(dy, run.ValueWidth, false), new(v, run.ValueWidth, true), slopes, columns));
        for (int i = 0; i < rows; i++)
        {
            float mean = Dot(dy + (long)i * run.ValueWidth, y + (long)i * run.ValueWidth, run.ValueWidth);
            Elementwise.Map2(new SlopeKernel(mean, run.Scale), new ReadOnlySpan<float>(weights + i * columns, columns),
                new ReadOnlySpan<float>(slopes + i * columns, columns), new Span<float>(slopes + i * columns, columns));
        }
        Gemm.Multiply(new(rows, run.Width, columns, new(slopes, columns, false), new(k, run.Width, false), h.Dq + (long)i0 * run.Width, run.Width) { Add = true });
        Gemm.Multiply(new(columns, run.Width, rows, new(slopes, columns, true), new(q, run.Width, false), h.Dk + (long)j0 * run.Width, run.Width) { Add = true });
    }

    private static float Dot(float* a, float* b, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++) sum += (double)a[i] * b[i];
        return (float)sum;
    }

    private readonly struct SlopeKernel(float mean, float scale) : IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V weight, V slope) where V : struct, ISimd<V> => weight * (slope - V.All(mean)) * V.All(scale);
    }
}
