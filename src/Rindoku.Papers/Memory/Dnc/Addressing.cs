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
        (Tensor sorted, IntTensor order) = usage.Sort(1);
        Tensor usedBefore = sorted.Narrow(1, 0, sorted.Shape[1] - 1).Pad(1, 1, 0, value: 1).CumProd(1);
        return Tensor.Zeros(usage.Shape).ScatterAdd(1, order, (1 - sorted) * usedBefore);
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
    public static Tensor Links(Tensor links, Tensor write, Tensor precedence)
    {
        ArgumentNullException.ThrowIfNull(links);
        Tensor to = write.Unsqueeze(2), from = write.Unsqueeze(1);
        return (1 - to - from).MultiplyAdd(links, to * precedence.Unsqueeze(1)) * OffDiagonal(links.Shape[1]);
    }

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

    private static Tensor OffDiagonal(int rows) => Tensor.Generate([rows, rows], i => i / rows == i % rows ? 0 : 1);
}
