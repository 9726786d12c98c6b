using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>The feed-forward half of a transformer layer: <c>W₂ dropout(f(W₁ x))</c>. It registers its maps in the layer, under PyTorch's names.</summary>
internal sealed class FeedForward(Linear first, Layer dropout, Linear second, Func<Tensor, Tensor> activation)
{
    public Tensor Forward(Tensor x) => second.Forward(dropout.Forward(activation(first.Forward(x))));
}

/// <summary>A layer of a transformer's encoder: self-attention, then a feed-forward part, each with a way around it and a normalisation.</summary>
/// <remarks>
/// <para>x <c>(B, T, E)</c> → y of the same shape. Post-norm: <c>x = norm(x + branch(x))</c>; pre-norm: <c>x = x + branch(norm(x))</c>.</para>
/// <para>Checkpoint keys as PyTorch's layer of this name: <c>self_attn.*</c>, <c>linear1.*</c>, <c>linear2.*</c>, <c>norm1.*</c>, <c>norm2.*</c>.</para>
/// <para>Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.1; pre-norm after Xiong et al. 2020, arXiv:2002.04745.</para>
/// </remarks>
public sealed class TransformerEncoderLayer : Layer
{
    private readonly TransformerSettings settings;
    private readonly MultiHeadAttention attention;
    private readonly FeedForward feedForward;
    private readonly LayerNorm norm1, norm2;
    private readonly Layer dropout1, dropout2;

    /// <summary>A layer with random start values.</summary>
    /// <param name="settings">Sizes and choices.</param>
    /// <param name="rng">Source of the start values and of dropout's draws.</param>
    public TransformerEncoderLayer(TransformerSettings settings, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.settings = settings;
        attention = Register("self_attn", settings.Attention(rng, self: true));
        Linear linear1 = Register("linear1", new Linear(settings.Width, settings.Hidden, rng, settings.Bias));
        Layer dropout = Register("dropout", new Dropout(settings.Dropout, rng));
        Linear linear2 = Register("linear2", new Linear(settings.Hidden, settings.Width, rng, settings.Bias));
        feedForward = new FeedForward(linear1, dropout, linear2, settings.Activation);
        norm1 = Register("norm1", settings.Norm());
        norm2 = Register("norm2", settings.Norm());
        dropout1 = Register("dropout1", new Dropout(settings.Dropout, rng));
        dropout2 = Register("dropout2", new Dropout(settings.Dropout, rng));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, null);

    /// <summary>The layer's output with masks or biases of the attention.</summary>
    /// <param name="x">(B, T, E).</param>
    /// <param name="options">Masks and biases, which broadcast to (B, H, T, T).</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public Tensor Forward(Tensor x, AttentionOptions? options)
    {
        if (settings.NormFirst)
        {
            x = x + dropout1.Forward(attention.Forward(norm1.Forward(x), options));
            return x + dropout2.Forward(feedForward.Forward(norm2.Forward(x)));
        }
        x = norm1.Forward(x + dropout1.Forward(attention.Forward(x, options)));
        return norm2.Forward(x + dropout2.Forward(feedForward.Forward(x)));
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"TransformerEncoderLayer({settings.Width}, {settings.Heads} heads, hidden {settings.Hidden})";
}

/// <summary>A stack of <see cref="TransformerEncoderLayer"/>s.</summary>
/// <remarks>Checkpoint keys as PyTorch's: <c>layers.0.*</c>, <c>layers.1.*</c>, ...; <c>norm.*</c> if there is one.</remarks>
public sealed class TransformerEncoder : Layer
{
    private readonly TransformerEncoderLayer[] layers;
    private readonly LayerNorm? norm;

    /// <summary>A stack with random start values, each layer's its own.</summary>
    /// <param name="settings">Sizes and choices.</param>
    /// <param name="layers">How many layers.</param>
    /// <param name="rng">Source of the start values and of dropout's draws.</param>
    /// <param name="finalNorm">Whether the output is normalised; null means: for pre-norm layers.</param>
    public TransformerEncoder(TransformerSettings settings, int layers, Rng rng, bool? finalNorm = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        this.layers = [.. Enumerable.Range(0, layers).Select(_ => new TransformerEncoderLayer(settings, rng))];
        Register("layers", new Sequential(this.layers));
        if (finalNorm ?? settings.NormFirst) norm = Register("norm", settings.Norm());
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, null);

    /// <summary>The output with masks or biases of the attention, the same in every layer.</summary>
    /// <param name="x">(B, T, E).</param>
    /// <param name="options">Masks and biases, which broadcast to (B, H, T, T).</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public Tensor Forward(Tensor x, AttentionOptions? options)
    {
        foreach (TransformerEncoderLayer layer in layers) x = layer.Forward(x, options);
        return norm is null ? x : norm.Forward(x);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"TransformerEncoder({layers.Length} × {layers[0]})";
}
