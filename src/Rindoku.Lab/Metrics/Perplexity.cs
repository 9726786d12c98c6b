namespace Rindoku.Lab;

/// <summary>How surprised a model is by a text: <c>exp(nats / tokens)</c>, nats being the summed <c>-log p</c> of its tokens.</summary>
/// <remarks>
/// Perplexities of different tokenizers cannot be compared, bits for each character or byte of the same text can.
/// </remarks>
/// <example><code>
/// Perplexity perplexity = new();
/// foreach (TextSegment segment in test.Epoch(0)) perplexity.Add(logits.CrossEntropy(targets, reduction: Reduction.Sum).Item(), segment.Targets.Length);
/// result["perplexity"] = perplexity.Value;
/// result["bits per character"] = perplexity.BitsPer(text.Length);
/// </code></example>
public sealed class Perplexity
{
    /// <summary>The summed <c>-log p</c>, natural logarithm.</summary>
    public double Nats { get; private set; }

    /// <summary>How many tokens have been predicted.</summary>
    public long Tokens { get; private set; }

    /// <summary>The mean <c>-log p</c> of a token.</summary>
    /// <exception cref="InvalidOperationException">There are no tokens.</exception>
    public double NatsPerToken => Tokens > 0 ? Nats / Tokens : throw new InvalidOperationException("Perplexity: no token has been predicted yet; call Add first");

    /// <summary>The perplexity.</summary>
    /// <exception cref="InvalidOperationException">There are no tokens.</exception>
    public double Value => Math.Exp(NatsPerToken);

    /// <summary>The mean <c>-log₂ p</c> of a token: for tokens that are characters or bytes, bits per character or byte.</summary>
    /// <exception cref="InvalidOperationException">There are no tokens.</exception>
    public double BitsPerToken => NatsPerToken / Math.Log(2);

    /// <summary>Takes further tokens.</summary>
    /// <param name="nats">Their summed <c>-log p</c>.</param>
    /// <param name="tokens">How many they are.</param>
    public void Add(double nats, long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        Nats += nats;
        Tokens += tokens;
    }

    /// <summary>Bits for each of other units of the same text.</summary>
    /// <param name="units">How many characters or bytes the predicted tokens stand for.</param>
    public double BitsPer(long units)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        return Nats / Math.Log(2) / units;
    }
}
