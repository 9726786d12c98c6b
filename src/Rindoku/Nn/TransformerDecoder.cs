using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>A layer of a transformer's decoder: self-attention, attention to the encoder's output, a feed-forward part.</summary>
/// <remarks>
/// <para>target <c>(B, T, E)</c>, memory <c>(B, S, E)</c> → <c>(B, T, E)</c>. Post-norm or pre-norm as <see cref="TransformerEncoderLayer"/>.</para>
/// <para>Checkpoint keys as PyTorch's layer of this name: <c>self_attn.*</c>, <c>multihead_attn.*</c>, <c>linear1.*</c>, <c>linear2.*</c>,
/// <c>norm1.*</c>, <c>norm2.*</c>, <c>norm3.*</c>.</para>
/// <para>Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.1.</para>
/// </remarks>
public sealed class TransformerDecoderLayer : Module
{
    private static readonly AttentionOptions Causal = new() { Causal = true };
    private readonly TransformerSettings settings;
    private readonly MultiHeadAttention attention, toMemory;
    private readonly FeedForward feedForward;
    private readonly LayerNorm norm1, norm2, norm3;
    private readonly Layer dropout1, dropout2, dropout3;

    /// <summary>A layer with random start values.</summary>
    /// <param name="settings">Sizes and choices.</param>
    /// <param name="rng">Source of the start values and of dropout's draws.</param>
    public TransformerDecoderLayer(TransformerSettings settings, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.settings = settings;
        attention = Register("self_attn", settings.Attention(rng, self: true));
        toMemory = Register("multihead_attn", settings.Attention(rng, self: false));
        Linear linear1 = Register("linear1", new Linear(settings.Width, settings.Hidden, rng, settings.Bias));
        Layer dropout = Register("dropout", new Dropout(settings.Dropout, rng));
        Linear linear2 = Register("linear2", new Linear(settings.Hidden, settings.Width, rng, settings.Bias));
        feedForward = new FeedForward(linear1, dropout, linear2, settings.Activation);
        norm1 = Register("norm1", settings.Norm());
        norm2 = Register("norm2", settings.Norm());
        norm3 = Register("norm3", settings.Norm());
        dropout1 = Register("dropout1", new Dropout(settings.Dropout, rng));
        dropout2 = Register("dropout2", new Dropout(settings.Dropout, rng));
        dropout3 = Register("dropout3", new Dropout(settings.Dropout, rng));
    }

    /// <summary>The layer's output.</summary>
    /// <param name="target">(B, T, E), what has been written so far.</param>
    /// <param name="memory">(B, S, E), the encoder's output.</param>
    /// <param name="self">Masks and biases of the self-attention; causal if not given.</param>
    /// <param name="cross">Masks and biases of the attention to the memory.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public Tensor Forward(Tensor target, Tensor memory, AttentionOptions? self = null, AttentionOptions? cross = null)
    {
        self ??= Causal;
        Tensor x = target;
        if (settings.NormFirst)
        {
            x = x + dropout1.Forward(attention.Forward(norm1.Forward(x), self));
            x = x + dropout2.Forward(toMemory.Forward(norm2.Forward(x), memory, memory, cross));
            return x + dropout3.Forward(feedForward.Forward(norm3.Forward(x)));
        }
        x = norm1.Forward(x + dropout1.Forward(attention.Forward(x, self)));
        x = norm2.Forward(x + dropout2.Forward(toMemory.Forward(x, memory, memory, cross)));
        return norm3.Forward(x + dropout3.Forward(feedForward.Forward(x)));
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"TransformerDecoderLayer({settings.Width}, {settings.Heads} heads, hidden {settings.Hidden})";
}

/// <summary>A stack of <see cref="TransformerDecoderLayer"/>s.</summary>
/// <remarks>Checkpoint keys as PyTorch's: <c>layers.0.*</c>, <c>layers.1.*</c>, ...; <c>norm.*</c> if there is one.</remarks>
public sealed class TransformerDecoder : Module
{
    private readonly TransformerDecoderLayer[] layers;
    private readonly LayerNorm? norm;

    /// <summary>A stack with random start values, each layer's its own.</summary>
    /// <param name="settings">Sizes and choices.</param>
    /// <param name="layers">How many layers.</param>
    /// <param name="rng">Source of the start values and of dropout's draws.</param>
    /// <param name="finalNorm">Whether the output is normalised; null means: for pre-norm layers.</param>
    public TransformerDecoder(TransformerSettings settings, int layers, Rng rng, bool? finalNorm = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        this.layers = [.. Enumerable.Range(0, layers).Select(_ => new TransformerDecoderLayer(settings, rng))];
        Register("layers", new ModuleList(this.layers));
        if (finalNorm ?? settings.NormFirst) norm = Register("norm", settings.Norm());
    }

    /// <summary>The output of all layers.</summary>
    /// <param name="target">(B, T, E), what has been written so far.</param>
    /// <param name="memory">(B, S, E), the encoder's output.</param>
    /// <param name="self">Masks and biases of the self-attention; causal if not given.</param>
    /// <param name="cross">Masks and biases of the attention to the memory.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public Tensor Forward(Tensor target, Tensor memory, AttentionOptions? self = null, AttentionOptions? cross = null)
    {
        Tensor x = target;
        foreach (TransformerDecoderLayer layer in layers) x = layer.Forward(x, memory, self, cross);
        return norm is null ? x : norm.Forward(x);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"TransformerDecoder({layers.Length} × {layers[0]})";
}
