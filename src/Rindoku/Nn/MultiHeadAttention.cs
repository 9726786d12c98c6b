using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Multi-head attention: <c>y = concat(head₁ ... head_H) W_oᵀ + b_o</c>, each head <c>softmax(q kᵀ / √D) v</c> of its own projections.</summary>
/// <remarks>
/// <para>Shapes: query <c>(B, T, E)</c>, key <c>(B, S, K)</c>, value <c>(B, S, V)</c> → <c>(B, T, E)</c>; E = H · D. The batch comes first.</para>
/// <para>Start: W_q, W_k, W_v by Xavier's uniform rule, W_o as <see cref="Linear"/>, biases 0, as PyTorch's layer.</para>
/// <para>Checkpoint keys: <c>in_proj_weight</c> (3E, E), or with other widths of key and value <c>q_proj_weight</c>, <c>k_proj_weight</c>
/// and <c>v_proj_weight</c>; <c>in_proj_bias</c> (3E); <c>out_proj.weight</c>, <c>out_proj.bias</c>.</para>
/// <para>Masks are 1 where a query may look and 0 where not (PyTorch's boolean masks say the opposite), and broadcast to (B, H, T, S).</para>
/// <para>Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.</para>
/// </remarks>
public sealed class MultiHeadAttention : Layer
{
    private readonly Parameter? together, queryWeight, keyWeight, valueWeight, inputBias;
    private readonly Linear output;
    private readonly Rng? randomness;

    /// <summary>A layer with random start values.</summary>
    /// <param name="width">E, the width of query and output.</param>
    /// <param name="heads">H; divides the width.</param>
    /// <param name="rng">Source of the start values and of dropout's draws.</param>
    /// <param name="bias">Whether the projections add a bias.</param>
    /// <param name="dropout">Dropout of the attention weights in training.</param>
    /// <param name="keyWidth">K, or null for E.</param>
    /// <param name="valueWidth">V, or null for E.</param>
    /// <exception cref="ShapeException">The heads do not divide the width.</exception>
    public MultiHeadAttention(int width, int heads, Rng rng, bool bias = true, double dropout = 0, int? keyWidth = null, int? valueWidth = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ShapeException.Require(width % heads == 0, $"MultiHeadAttention: {heads} heads do not divide a width of {width}");
        if (!(dropout is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "MultiHeadAttention: dropout must lie from 0 to 1");
        (Width, Heads, Dropout) = (width, heads, dropout);
        (KeyWidth, ValueWidth) = (keyWidth ?? width, valueWidth ?? width);
        if (KeyWidth == width && ValueWidth == width)
            together = Register("in_proj_weight", Initialise.XavierUniform(rng, [3 * width, width]));
        else
        {
            queryWeight = Register("q_proj_weight", Initialise.XavierUniform(rng, [width, width]));
            keyWeight = Register("k_proj_weight", Initialise.XavierUniform(rng, [width, KeyWidth]));
            valueWeight = Register("v_proj_weight", Initialise.XavierUniform(rng, [width, ValueWidth]));
        }
        if (bias) inputBias = Register("in_proj_bias", Tensor.Zeros([3 * width]));
        output = Register("out_proj", new Linear(width, width, rng, bias));
        output.Bias?.Values.Clear();
        if (dropout > 0) randomness = Register("rng", rng);
    }

    /// <summary>E, the width of query and output.</summary>
    public int Width { get; }

    /// <summary>H, how many heads.</summary>
    public int Heads { get; }

    /// <summary>K, the width of keys.</summary>
    public int KeyWidth { get; }

    /// <summary>V, the width of values.</summary>
    public int ValueWidth { get; }

    /// <summary>Dropout of the attention weights in training.</summary>
    public double Dropout { get; }

    /// <summary>Turns queries and keys by their places, or null.</summary>
    public RotaryEncoding? Rotary { get; init; }

    /// <summary>Self-attention without masks.</summary>
    public override Tensor Forward(Tensor x) => Forward(x, x, x);

    /// <summary>Self-attention.</summary>
    /// <param name="x">(B, T, E).</param>
    /// <param name="options">Masks and biases, which broadcast to (B, H, T, T); the layer sets dropout itself.</param>
    public Tensor Forward(Tensor x, AttentionOptions? options) => Forward(x, x, x, options);

    /// <summary>Attention from one sequence to another.</summary>
    /// <param name="query">(B, T, E).</param>
    /// <param name="key">(B, S, K).</param>
    /// <param name="value">(B, S, V).</param>
    /// <param name="options">Masks and biases, which broadcast to (B, H, T, S); the layer sets dropout itself.</param>
    /// <returns>(B, T, E).</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public Tensor Forward(Tensor query, Tensor key, Tensor value, AttentionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ShapeException.Require(query.Rank == 3 && query.Shape[2] == Width && key.Rank == 3 && key.Shape[2] == KeyWidth && value.Rank == 3
            && value.Shape[2] == ValueWidth && key.Shape[0] == query.Shape[0] && value.Shape[..2] == key.Shape[..2],
            $"{this} got query {query.Shape}, key {key.Shape} and value {value.Shape}; needs (B, T, {Width}), (B, S, {KeyWidth}) and (B, S, {ValueWidth})");
        (Tensor q, Tensor k, Tensor v) = Project(query, key, value);
        if (Rotary is not null) (q, k) = (Rotary.Forward(q), Rotary.Forward(k));
        options = (options ?? new AttentionOptions()) with { Dropout = (float)Dropout, Rng = IsTraining ? randomness : null };
        Tensor heads = q.Attention(k, v, options);
        return output.Forward(heads.Transpose(1, 2).Reshape(query.Shape));
    }

    /// <summary>The mask that hides the padding after sequences of the given lengths, to stand in <see cref="AttentionOptions.Mask"/>.</summary>
    /// <param name="lengths">(B), how many keys of each sample count.</param>
    /// <param name="keys">S, how many keys there are.</param>
    /// <returns>(B, 1, 1, S): 1 for what counts, 0 for padding.</returns>
    public static Tensor MaskOfLengths(IntTensor lengths, int keys)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        ShapeException.Require(lengths.Rank == 1, $"MultiHeadAttention: the lengths must be (B), got {lengths.Shape}");
        return Tensor.Generate([lengths.Length, 1, 1, keys], i => i % keys < lengths[i / keys] ? 1 : 0);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"MultiHeadAttention({Width}, {Heads} heads)";

    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor query, Tensor key, Tensor value)
    {
        if (together is not null && ReferenceEquals(query, key) && ReferenceEquals(query, value)) // one product for all three
        {
            Tensor all = query.Linear(together, inputBias).Reshape(query.Shape[0], query.Shape[1], 3, Heads, Width / Heads).Permute(2, 0, 3, 1, 4);
            return (all.Select(0, 0), all.Select(0, 1), all.Select(0, 2));
        }
        return (Head(query, 0, queryWeight), Head(key, 1, keyWeight), Head(value, 2, valueWeight));
    }

    private Tensor Head(Tensor x, int which, Parameter? own)
    {
        Tensor weight = own ?? together!.Narrow(0, which * Width, Width);
        Tensor projected = x.Linear(weight, inputBias?.Narrow(0, which * Width, Width));
        return projected.Reshape(x.Shape[0], x.Shape[1], Heads, Width / Heads).Transpose(1, 2);
    }
}
