using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>What an attention may look at, and how.</summary>
public sealed record AttentionOptions
{
    /// <summary>Added to the scores; broadcasts to (*, T, S). May be learned (relative positions).</summary>
    public Tensor? Bias { get; init; }

    /// <summary>1 where a query may look at a key, 0 where not; broadcasts to (*, T, S).</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Whether a query sees only keys up to its own place.</summary>
    public bool Causal { get; init; }

    /// <summary>What products are multiplied by, or null for <c>1 / √D</c>.</summary>
    public float? Scale { get; init; }

    /// <summary>Dropout of the weights, from 0 to 1.</summary>
    public float Dropout { get; init; }

    /// <summary>Where dropout's draws come from; without it there is no dropout (evaluation).</summary>
    public Rng? Rng { get; init; }
}

public static partial class TensorOps
{
    /// <summary>Scaled dot-product attention: <c>y = softmax(q kᵀ / √D + bias) v</c>.</summary>
    /// <param name="query">q, (*, T, D), for instance (batch, heads, time, width).</param>
    /// <param name="key">k, (*, S, D).</param>
    /// <param name="value">v, (*, S, E).</param>
    /// <param name="options">Masks, scale and dropout.</param>
    /// <returns>(*, T, E). A query that may look at nothing gives NaN.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <remarks>
    /// The (T, S) weights are never stored, unless dropout is drawn, the bias is learned, or a second graph is wanted.
    /// Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.1; in blocks after Dao et al. 2022, arXiv:2205.14135.
    /// </remarks>
    public static Tensor Attention(this Tensor query, Tensor key, Tensor value, AttentionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        options ??= new AttentionOptions();
        ShapeException.Require(query.Rank >= 3 && key.Rank == query.Rank && value.Rank == query.Rank && key.Shape[..^2] == query.Shape[..^2]
            && key.Shape[^1] == query.Shape[^1] && value.Shape[..^1] == key.Shape[..^1],
            $"Attention: query {query.Shape}, key {key.Shape} and value {value.Shape} must be (*, T, D), (*, S, D) and (*, S, E)");
        Shape scores = query.Shape.With(-1, key.Shape[^2]);
        Tensor? bias = AttentionBias(options, scores);
        float scale = options.Scale ?? 1 / MathF.Sqrt(query.Shape[^1]);
        bool drops = options.Dropout > 0 && options.Rng is not null;
        return drops || bias is { RequiresGrad: true }
            ? AttentionByParts(query, key, value, bias, options, scale)
            : AttentionInBlocks(query, key, value, bias, options with { Dropout = 0 }, scale);
    }

    private static Tensor AttentionInBlocks(Tensor query, Tensor key, Tensor value, Tensor? bias, AttentionOptions options, float scale)
    {
        Shape lead = query.Shape[..^2], shape = query.Shape.With(-1, value.Shape[^1]);
        AttentionRun run = new(query.Shape[^2], key.Shape[^2], query.Shape[^1], value.Shape[^1], scale, options.Causal,
            bias is null ? [] : Places(bias.Shape[..^2], lead), bias?.Shape[^2] ?? 1, bias?.Shape[^1] ?? 1);
        int heads = lead.Length;
        Tensor y = Tensor.Uninitialized(shape), maxima = Tensor.Uninitialized(query.Shape[..^1]), logSums = Tensor.Uninitialized(query.Shape[..^1]);
        AttentionKernel.Forward(run, heads, query.Span, key.Span, value.Span, SpanOf(bias), y.Writable, maxima.Writable, logSums.Writable);
        return RecordByParts("attention", y, (dy, _) =>
        {
            Tensor dq = Tensor.Zeros(query.Shape), dk = Tensor.Zeros(key.Shape), dv = Tensor.Zeros(value.Shape);
            AttentionKernel.Backward(run, heads, query.Span, key.Span, value.Span, SpanOf(bias), y.Span, maxima.Span, logSums.Span, dy.Span,
                dq.Writable, dk.Writable, dv.Writable);
            return [dq, dk, dv];
        }, t => AttentionByParts(t[0], t[1], t[2], bias, options, scale), query, key, value);
    }

    private static Tensor AttentionByParts(Tensor query, Tensor key, Tensor value, Tensor? bias, AttentionOptions options, float scale)
    {
        Tensor scores = query.MatMul(key, transposeB: true) * scale;
        if (bias is not null) scores += bias;
        if (options.Causal) scores += CausalBias(scores.Shape[^2], scores.Shape[^1]);
        Tensor weights = scores.Softmax(-1);
        if (options.Rng is { } rng) weights = weights.Dropout(options.Dropout, rng);
        return weights.MatMul(value);
    }

    private static Tensor CausalBias(int queries, int keys) =>
        Tensor.Generate([queries, keys], i => i % keys > i / keys ? float.NegativeInfinity : 0);

    /// <summary>What is added to the scores: the bias, and -∞ where the mask is 0; of at least two axes.</summary>
    private static Tensor? AttentionBias(AttentionOptions options, Shape scores)
    {
        Tensor? hidden = options.Mask is { } mask ? Tensor.Generate(mask.Shape, i => mask.Span[i] == 0 ? float.NegativeInfinity : 0) : null;
        Tensor? bias = options.Bias is null ? hidden : hidden is null ? options.Bias : options.Bias + hidden;
        if (bias is null) return null;
        ShapeException.Require(bias.Rank <= scores.Rank && Shape.Broadcast(bias.Shape, scores, "Attention") == scores,
            $"Attention: the mask or bias {bias.Shape} does not expand to the scores {scores}");
        return bias.Rank >= 2 ? bias : bias.Reshape(1, bias.Length);
    }
}
