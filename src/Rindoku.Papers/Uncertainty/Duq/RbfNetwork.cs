using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>The sizes and constants of the kernels of an <see cref="RbfNetwork"/>.</summary>
/// <param name="EmbeddingSize">E: how many numbers a class compares with its centroid.</param>
/// <param name="LengthScale">σ: how far from the centroid a kernel reaches; above 0.</param>
/// <param name="Memory">γ: what part of the running sums stays at each move of the centroids, from 0 to 1.</param>
/// <param name="ProjectionDeviation">The standard deviation that W starts with.</param>
/// <param name="StartCount">How many examples the random centroids count for at the start; above 0.</param>
public sealed record RbfOptions(int EmbeddingSize, double LengthScale, double Memory, double ProjectionDeviation, double StartCount);

/// <summary>A network that answers with a kernel for each class: 1 at the centroid of the class, 0 far away from it.</summary>
/// <remarks>
/// <para>Features f(x), (n, F), are projected for each class: <c>z_c = W_c f(x)</c>, (n, E, C). With the centroids e_c
/// <c>K_c(x) = exp(−(1/E) ‖z_c − e_c‖² / (2 σ²))</c>, (n, C). The class is the one with the largest kernel, and that kernel is how certain
/// the answer is. Kernels need not add up to 1: off the data all of them may vanish, which softmax cannot.</para>
/// <para>Centroids are not learned but follow the embeddings of their class: <c>e_c = m_c / N_c</c>, with running sums m and counts N.</para>
/// <para>Shapes: whatever the trunk takes → kernels (n, C). Checkpoint keys as in the authors' code: <c>W</c> (E, C, F), <c>m</c> (E, C), <c>N</c> (C);
/// the features are under <c>trunk</c>.</para>
/// <para>Source: van Amersfoort, Smith, Teh and Gal 2020, arXiv:2003.02037, §2, equations 1 to 6.</para>
/// </remarks>
public sealed class RbfNetwork : Layer
{
    private readonly Layer trunk;
    private readonly Parameter projections;
    private readonly BufferTensor sums, counts;
    private readonly double lengthScale, memory;

    /// <summary>A network.</summary>
    /// <param name="trunk">f: from inputs to features (n, <paramref name="features"/>).</param>
    /// <param name="features">F: how many features.</param>
    /// <param name="classes">C.</param>
    /// <param name="options">The kernels.</param>
    /// <param name="rng">Source of the start values of projections and centroids.</param>
    public RbfNetwork(Layer trunk, int features, int classes, RbfOptions options, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.LengthScale);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.StartCount);
        if (options.Memory is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(options), options.Memory, "RbfNetwork: the memory must lie from 0 to 1");
        (lengthScale, memory) = (options.LengthScale, options.Memory);
        this.trunk = Register("trunk", trunk);
        projections = Register("W", rng.Split("projections").Normal([options.EmbeddingSize, classes, features], 0, (float)options.ProjectionDeviation));
        sums = RegisterBuffer("m", rng.Split("centroids").Normal([options.EmbeddingSize, classes]) * (float)options.StartCount);
        counts = RegisterBuffer("N", Tensor.Full([classes], (float)options.StartCount));
    }

    /// <summary>C.</summary>
    public int Classes => counts.Length;

    /// <summary>e_c = m_c / N_c, (E, C).</summary>
    public Tensor Centroids => sums / counts;

    /// <summary>The kernels, K: (n, C), each from 0 to 1.</summary>
    public override Tensor Forward(Tensor x) => Kernels(Embed(x), Centroids, lengthScale);

    /// <summary>What each class sees of the inputs, z: (n, E, C), <c>z[i,m,c] = Σ_j W[m,c,j] f(x)[i,j]</c>.</summary>
    public Tensor Embed(Tensor x)
    {
        Tensor features = trunk.Forward(x);
        (int size, int classes, int inputs) = (projections.Shape[0], projections.Shape[1], projections.Shape[2]);
        return features.Linear(projections.Reshape(size * classes, inputs)).Reshape(features.Shape[0], size, classes);
    }

    /// <summary><c>K[i,c] = exp(−mean_m (z[i,m,c] − e[m,c])² / (2 σ²))</c>: the mean over the embedding, not the sum.</summary>
    /// <param name="embedded">z, (n, E, C).</param>
    /// <param name="centroids">e, (E, C).</param>
    /// <param name="lengthScale">σ.</param>
    public static Tensor Kernels(Tensor embedded, Tensor centroids, double lengthScale)
    {
        ArgumentNullException.ThrowIfNull(embedded);
        ArgumentNullException.ThrowIfNull(centroids);
        ShapeException.Require(embedded.Rank == 3 && embedded.Shape[1..] == centroids.Shape,
            $"RbfNetwork: needs embeddings (n, E, C) and centroids (E, C), got {embedded.Shape} and {centroids.Shape}");
        Tensor distances = (embedded - centroids).Square().Mean([1]);
        return (distances * (float)(-1 / (2 * lengthScale * lengthScale))).Exp();
    }

    /// <summary>
    /// The training loss: the binary cross-entropy of each kernel, the mean over examples and classes, and λ times the
    /// <see cref="GradientPenalty"/>. At λ = 0 no gradient is taken on the way, so that no second graph is built.
    /// </summary>
    /// <param name="x">Inputs.</param>
    /// <param name="y">Their classes, (n).</param>
    /// <param name="penalty">λ, 0 or more.</param>
    public Tensor Loss(Tensor x, IntTensor y, double penalty)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentOutOfRangeException.ThrowIfNegative(penalty);
        Tensor inputs = penalty > 0 ? x.Tracked() : x;
        Tensor kernels = Forward(inputs);
        Tensor loss = kernels.BinaryCrossEntropy(y.OneHot(Classes));
        return penalty > 0 ? loss + GradientPenalty(kernels, inputs) * (float)penalty : loss;
    }

    /// <summary>
    /// <c>mean_i (‖∂ Σ_c K_c(x_i) / ∂x_i‖ − 1)²</c>, on both sides: kernels that change too fast with the input are held back, and so are those
    /// that do not change at all, for which an input off the data would look like one on it (§2.2).
    /// </summary>
    /// <param name="kernels">K, (n, C), computed from <paramref name="inputs"/>.</param>
    /// <param name="inputs">x, (n, ...), a leaf of the tape.</param>
    /// <returns>A scalar that can be differentiated again.</returns>
    public static Tensor GradientPenalty(Tensor kernels, Tensor inputs)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(inputs);
        Tensor gradient = Grad.Of(kernels.Sum(), inputs, createGraph: true);
        Tensor lengths = gradient.Reshape(inputs.Shape[0], inputs.Length / inputs.Shape[0]).Norm(axes: [1]);
        return (lengths - 1).Square().Mean();
    }

    /// <summary>
    /// Moves the centroids towards the examples of a batch, as the network sees them at test: <c>N_c ← γ N_c + (1 − γ) n_c</c> with the n_c
    /// examples of class c, <c>m_c ← γ m_c + (1 − γ) Σ z_c</c> over them. Comes after the optimizer's step (equations 4 to 6).
    /// </summary>
    /// <param name="x">The inputs of the batch.</param>
    /// <param name="y">Their classes.</param>
    public void MoveCentroids(Tensor x, IntTensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        bool training = IsTraining;
        Eval();
        using (MemoryScope.Open())
        using (NoGrad.Enter())
        {
            Tensor ofClass = y.OneHot(Classes);
            Move(Tensor.Einsum("imc,ic->mc", Embed(x), ofClass).Span, ofClass.Sum([0]).Span);
        }
        if (training) Train();
    }

    private void Move(ReadOnlySpan<float> newSums, ReadOnlySpan<float> newCounts)
    {
        float stays = (float)memory, comes = (float)(1 - memory);
        Span<float> m = sums.Values, n = counts.Values;
        for (int c = 0; c < n.Length; c++)
        {
            float count = stays * n[c] + comes * newCounts[c];
            if (count == 0) continue; // without memory a class that the batch lacks has nothing left to divide by: it keeps its centroid
            n[c] = count;
            for (int at = c; at < m.Length; at += n.Length) m[at] = stays * m[at] + comes * newSums[at];
        }
    }
}
