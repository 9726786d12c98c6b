using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>The choices that the layers of a transformer share.</summary>
/// <param name="Width">E, the width of what goes from layer to layer.</param>
/// <param name="Heads">H, how many heads; divides the width.</param>
/// <param name="Hidden">The width of the feed-forward part's hidden layer; 4 E is usual.</param>
public sealed record TransformerSettings(int Width, int Heads, int Hidden)
{
    /// <summary>Dropout of attention weights, hidden units and branches, in training.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether each branch normalises its input (pre-norm) rather than the sum after it (post-norm, as in the first paper).</summary>
    public bool NormFirst { get; init; }

    /// <summary>The activation between the two feed-forward maps.</summary>
    public Func<Tensor, Tensor> Activation { get; init; } = static x => x.Relu();

    /// <summary>ε of the normalisations.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Whether linear maps add a bias.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Turns queries and keys of self-attention by their places, or null.</summary>
    public RotaryEncoding? Rotary { get; init; }

    internal LayerNorm Norm() => new(Width, Epsilon, bias: Bias);

    internal MultiHeadAttention Attention(Rng rng, bool self) => new(Width, Heads, rng, Bias, Dropout) { Rotary = self ? Rotary : null };
}
