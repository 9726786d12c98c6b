using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>A learned vector for each word: <c>y[..., :] = weight[indices[...], :]</c>.</summary>
/// <remarks>
/// <para>Shapes: indices of any shape S → y <c>(S, Width)</c>.</para>
/// <para>Start: N(0, deviation²), 1 as in PyTorch; the padding row is 0 and no gradient flows to it.</para>
/// <para>Checkpoint key: <c>weight</c> (Words, Width).</para>
/// </remarks>
public sealed class Embedding : Module
{
    /// <summary>A table with random start values.</summary>
    /// <param name="words">How many rows.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="paddingIndex">The row that stands for "nothing", or null.</param>
    /// <param name="deviation">Standard deviation of the start values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The padding index is no row.</exception>
    public Embedding(int words, int width, Rng rng, int? paddingIndex = null, double deviation = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(words);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentNullException.ThrowIfNull(rng);
        if (paddingIndex is { } p && (p < 0 || p >= words))
            throw new ArgumentOutOfRangeException(nameof(paddingIndex), p, $"Embedding: the padding index must be one of the {words} rows");
        PaddingIndex = paddingIndex;
        Weight = Register("weight", rng.Normal([words, width], 0, (float)deviation));
        if (paddingIndex is { } row) Weight.Values.Slice(row * width, width).Clear();
    }

    /// <summary>The table, (Words, Width).</summary>
    public Parameter Weight { get; }

    /// <summary>The row that stands for "nothing", or null.</summary>
    public int? PaddingIndex { get; }

    /// <summary>How many rows.</summary>
    public int Words => Weight.Shape[0];

    /// <summary>Numbers of a row.</summary>
    public int Width => Weight.Shape[1];

    /// <summary>The rows of <paramref name="indices"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is not a row.</exception>
    public Tensor Forward(IntTensor indices) => Weight.Embedding(indices, PaddingIndex);

    /// <summary>Sizes.</summary>
    public override string ToString() => $"Embedding({Words} × {Width})";
}
