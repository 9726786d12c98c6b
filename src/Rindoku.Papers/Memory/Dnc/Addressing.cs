using Rindoku.Autograd;
using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>How a memory of N rows is addressed: by content, by what is free, and by the order of writing.</summary>
/// <remarks>
/// <para>Letters of the paper: B sequences, N rows, W numbers in a row, R read heads, one write head. A weighting is a share of attention for
/// every row: not negative, with a sum of at most 1.</para>
/// <para>Every function takes all sequences and heads at once. Source: Graves et al. 2016, Methods, "DNC".</para>
/// </remarks>
public static class Addressing
{
    /// <summary>Content: <c>C(M, k, β)[i] = softmax_i(β cos(k, M[i]))</c>.</summary>
    /// <param name="rows">The rows of the memory at unit length, (B, N, W), as <see cref="AtUnitLength"/> gives them.</param>
    /// <param name="keys">k, (B, heads, W).</param>
    /// <param name="strengths">β, (B, heads, 1).</param>
    /// <param name="epsilon">What keeps the length of a key from zero.</param>
    /// <returns>(B, heads, N).</returns>
    public static Tensor ByContent(Tensor rows, Tensor keys, Tensor strengths, float epsilon = 1e-6f)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return (AtUnitLength(keys, epsilon) * strengths).MatMul(rows, transposeB: true).Softmax();
    }

    /// <summary>Vectors along the last axis, divided by their length: <c>x / √(|x|² + ε)</c>.</summary>
    /// <remarks>Without ε the cosine of an empty row is 0/0; with a very small one its gradient is huge.</remarks>
    public static Tensor AtUnitLength(Tensor vectors, float epsilon = 1e-6f)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        return vectors * (vectors.Square().Sum([-1], keep: true) + epsilon).Rsqrt();
    }

    /// <summary>Retention: <c>ψ = Π_i (1 − f^i w^{r,i})</c>, how much of each row is not freed.</summary>
    /// <param name="freeGates">f, (B, R, 1).</param>
    /// <param name="reads">The read weightings of the step before, (B, R, N).</param>
    /// <returns>(B, N).</returns>
    public static Tensor Retention(Tensor freeGates, Tensor reads)
    {
        ArgumentNullException.ThrowIfNull(freeGates);
        Tensor kept = 1 - freeGates * reads;
        return kept.Shape[1] == 1 ? kept.Reshape(kept.Shape[0], kept.Shape[2]) : kept.Prod([1]);
    }

    /// <summary>Usage: <c>u' = (u + w − u w) ψ</c>.</summary>
    /// <param name="usage">u, (B, N).</param>
    /// <param name="write">w, the write weighting of the step before, (B, N).</param>
    /// <param name="retention">ψ, (B, N).</param>
    public static Tensor Usage(Tensor usage, Tensor write, Tensor retention)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return write.MultiplyAdd(1 - usage, usage) * retention;
    }

    /// <summary>Allocation: with the rows in ascending order of usage, φ, <c>a[φ_j] = (1 − u[φ_j]) Π_{i&lt;j} u[φ_i]</c>.</summary>
    /// <param name="usage">u, (B, N).</param>
    /// <returns>(B, N); the sum is 1 − Π u.</returns>
    /// <remarks>Of equally used rows the first comes first. The order is taken as constant on the way back; the gradient goes through the values.</remarks>
    public static Tensor Allocation(Tensor usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        (int batch, int rows) = (usage.Shape[0], usage.Shape[1]);
        IntTensor order = usage.ArgSort(1);
        float[] allocation = new float[usage.Length];
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<float> u = usage.Span.Slice(b * rows, rows);
            ReadOnlySpan<int> phi = order.Span.Slice(b * rows, rows);
            float usedBefore = 1;
            for (int j = 0; j < rows; j++)
            {
                int i = phi[j];
                allocation[b * rows + i] = (1 - u[i]) * usedBefore;
                usedBefore *= u[i];
            }
        }
        // Put together from a sort, a gather, a running product and a scatter this would be nearly thirty small operations a step, there and back; it is one.
        return Tape.RecordFused("allocation", Tensor.Own(allocation, usage.Shape), (dy, _) => [AllocationGradient(usage, order, dy)],
            new Edge(usage, dy => AllocationGradientOnTape(usage, order, dy)));
    }

    // With P the product of what is used before: ∂L/∂u[φ_k] = P_k (T_k − g_k), where T_k = g_{k+1} (1 − u_{k+1}) + u_{k+1} T_{k+1} is what all later ones have of it.
    private static Tensor AllocationGradient(Tensor usage, IntTensor order, Tensor dy)
    {
        (int batch, int rows) = (usage.Shape[0], usage.Shape[1]);
        float[] slope = new float[usage.Length];
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<float> u = usage.Span.Slice(b * rows, rows), g = dy.Span.Slice(b * rows, rows);
            ReadOnlySpan<int> phi = order.Span.Slice(b * rows, rows);
            Span<float> d = slope.AsSpan(b * rows, rows);
            float later = 0, before = 1;
            for (int k = rows - 1; k >= 0; k--)
            {
                int i = phi[k];
                d[i] = later - g[i];
                later = g[i] * (1 - u[i]) + u[i] * later;
            }
            for (int k = 0; k < rows; k++)
            {
                d[phi[k]] *= before;
                before *= u[phi[k]];
            }
        }
        return Tensor.Own(slope, usage.Shape);
    }

    // The same, to be differentiated again.
    private static Tensor AllocationGradientOnTape(Tensor usage, IntTensor order, Tensor dy)
    {
        Tensor u = usage.Gather(1, order), g = dy.Gather(1, order);
        int rows = u.Shape[1];
        Tensor nextGain = Next(g * (1 - u)), nextUse = Next(u), before = u.Narrow(1, 0, rows - 1).Pad(1, 1, 0, value: 1).CumProd(1);
        // T is a recurrence from the end: T_k = nextGain_k + nextUse_k T_{k+1}.
        Tensor later = nextGain.Flip(1).LinearScan(nextUse.Flip(1), 1).Flip(1);
        return Tensor.Zeros(usage.Shape).ScatterAdd(1, order, before * (later - g));

        Tensor Next(Tensor x) => x.Narrow(1, 1, rows - 1).Pad(1, 0, 1);
    }

    /// <summary>Write weighting: <c>w = g^w (g^a a + (1 − g^a) c)</c>.</summary>
    /// <param name="writeGate">g^w, (B, 1).</param>
    /// <param name="allocationGate">g^a, (B, 1).</param>
    /// <param name="allocation">a, (B, N).</param>
    /// <param name="content">c, (B, N).</param>
    public static Tensor Write(Tensor writeGate, Tensor allocationGate, Tensor allocation, Tensor content) =>
        writeGate * content.Lerp(allocation, allocationGate);

    /// <summary>The memory after a write: <c>M' = M (1 − w eᵀ) + w vᵀ</c>.</summary>
    /// <param name="memory">M, (B, N, W).</param>
    /// <param name="write">w, (B, N).</param>
    /// <param name="erase">e, (B, 1, W).</param>
    /// <param name="vector">v, (B, 1, W).</param>
    public static Tensor Written(Tensor memory, Tensor write, Tensor erase, Tensor vector) =>
        write.Unsqueeze(2).MultiplyAdd(vector - memory * erase, memory);

    /// <summary>Links: <c>L'[i, j] = (1 − w[i] − w[j]) L[i, j] + w[i] p[j]</c>, and 0 for i = j: how much row i was written right after row j.</summary>
    /// <param name="links">L, (B, N, N).</param>
    /// <param name="write">w, (B, N).</param>
    /// <param name="precedence">p before the write, (B, N).</param>
    /// <param name="offDiagonal"><see cref="OffDiagonal"/>, made once.</param>
    public static Tensor Links(Tensor links, Tensor write, Tensor precedence, Tensor offDiagonal)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(precedence);
        Tensor to = write.Unsqueeze(2), from = write.Unsqueeze(1);
        return (1 - to - from).MultiplyAdd(links, to * precedence.Unsqueeze(1)) * offDiagonal;
    }

    /// <summary>Ones with zeros on the diagonal, (N, N).</summary>
    public static Tensor OffDiagonal(int rows) => Tensor.Generate([rows, rows], i => i / rows == i % rows ? 0 : 1);

    /// <summary>Precedence: <c>p' = (1 − Σ w) p + w</c>, how much each row was the last one written.</summary>
    /// <param name="precedence">p, (B, N).</param>
    /// <param name="write">w, (B, N).</param>
    public static Tensor Precedence(Tensor precedence, Tensor write) => (1 - write.Sum([1], keep: true)).MultiplyAdd(precedence, write);

    /// <summary>Forward: <c>f = L w</c>, the rows written right after those that were read.</summary>
    /// <param name="links">L, (B, N, N).</param>
    /// <param name="reads">w, (B, R, N).</param>
    /// <returns>(B, R, N).</returns>
    public static Tensor Forward(Tensor links, Tensor reads) => reads.MatMul(links, transposeB: true);

    /// <summary>Backward: <c>b = Lᵀ w</c>, the rows written right before those that were read.</summary>
    /// <param name="links">L, (B, N, N).</param>
    /// <param name="reads">w, (B, R, N).</param>
    /// <returns>(B, R, N).</returns>
    public static Tensor Backward(Tensor links, Tensor reads) => reads.MatMul(links);

    /// <summary>Read weightings: <c>w = π₁ b + π₂ c + π₃ f</c>.</summary>
    /// <param name="modes">π, (B, R, 3): backward, content, forward.</param>
    /// <param name="backward">b, (B, R, N).</param>
    /// <param name="content">c, (B, R, N).</param>
    /// <param name="forward">f, (B, R, N).</param>
    public static Tensor Read(Tensor modes, Tensor backward, Tensor content, Tensor forward) =>
        modes.Narrow(2, 0, 1).MultiplyAdd(backward, modes.Narrow(2, 1, 1).MultiplyAdd(content, modes.Narrow(2, 2, 1) * forward));
}
