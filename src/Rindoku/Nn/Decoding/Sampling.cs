namespace Rindoku.Nn.Decoding;

/// <summary>Which tokens may be drawn, and how boldly. The temperature is applied first, then top-k, then the nucleus.</summary>
public sealed record SamplingSettings
{
    /// <summary>τ: logits are divided by it; below 1 likely tokens become likelier, 0 always takes the likeliest.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>k: only the k likeliest tokens may be drawn; 0 for all. Of equally likely ones those with the lower number stay.</summary>
    public int TopK { get; init; }

    /// <summary>p: only the likeliest tokens whose probabilities, added up, first reach p may be drawn (nucleus); 1 for all.</summary>
    /// <remarks>Source: Holtzman et al. 2020, arXiv:1904.09751, section 3.1.</remarks>
    public double TopP { get; init; } = 1;
}

/// <summary>Chooses the next token by logits.</summary>
/// <example><code>
/// IntTensor next = Sampling.Draw(logits, rng, new SamplingSettings { Temperature = 0.8, TopK = 40 });
/// </code></example>
public static class Sampling
{
    /// <summary>The likeliest token of each row; of equally likely ones that with the lowest number.</summary>
    /// <param name="logits">(B, V).</param>
    /// <returns>(B).</returns>
    public static IntTensor Greedy(Tensor logits) => EachRow(logits, Greedy);

    /// <summary>The likeliest token; of equally likely ones that with the lowest number.</summary>
    /// <exception cref="ArgumentException">There are no logits, one is NaN or +∞, or all are -∞.</exception>
    public static int Greedy(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(logits[i]) || float.IsPositiveInfinity(logits[i])) throw new ArgumentException($"Sampling: logit {i} is {logits[i]}; needed are numbers or -∞", nameof(logits));
            if (logits[i] > logits[best]) best = i;
        }
        if (logits.Length == 0 || float.IsNegativeInfinity(logits[best])) throw new ArgumentException($"Sampling: {logits.Length} logits, none of them above -∞; no token can be chosen", nameof(logits));
        return best;
    }

    /// <summary>Draws a token for each row.</summary>
    /// <param name="logits">(B, V).</param>
    /// <param name="rng">The source of randomness: one number a row, unless the temperature is 0.</param>
    /// <param name="settings">Which tokens may be drawn; null for all, as likely as they are.</param>
    /// <returns>(B).</returns>
    public static IntTensor Draw(Tensor logits, Rng rng, SamplingSettings? settings = null) => EachRow(logits, row => Draw(row, rng, settings));

    /// <summary>Draws a token.</summary>
    /// <inheritdoc cref="Draw(Tensor, Rng, SamplingSettings?)"/>
    /// <exception cref="ArgumentException">There are no logits, one is NaN or +∞, or all are -∞.</exception>
    public static int Draw(ReadOnlySpan<float> logits, Rng rng, SamplingSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(rng);
        if (settings?.Temperature == 0) return Greedy(logits);
        double[] probabilities = Probabilities(logits, settings);
        double rest = rng.NextDouble();
        int last = 0;
        for (int token = 0; token < probabilities.Length; token++)
        {
            if (probabilities[token] == 0) continue;
            last = token;
            rest -= probabilities[token];
            if (rest < 0) break;
        }
        return last; // rounding may leave a little of the rest: the last token that may be drawn has it
    }

    /// <summary>What each token is drawn with: <c>softmax(logits / τ)</c>, 0 for those that may not be drawn, and the rest scaled up to 1.</summary>
    /// <exception cref="ArgumentException">There are no logits, one is NaN or +∞, or all are -∞.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting has no meaning.</exception>
    public static double[] Probabilities(ReadOnlySpan<float> logits, SamplingSettings? settings = null)
    {
        settings ??= new SamplingSettings();
        if (!(settings.Temperature >= 0)) throw new ArgumentOutOfRangeException(nameof(settings), $"Sampling: temperature {settings.Temperature}; needed is 0 or more");
        if (settings.TopK < 0) throw new ArgumentOutOfRangeException(nameof(settings), $"Sampling: top-k {settings.TopK}; needed is 0 (all) or more");
        if (!(settings.TopP is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(settings), $"Sampling: top-p {settings.TopP}; needed is above 0 and at most 1");
        int greedy = Greedy(logits);
        double[] probabilities = new double[logits.Length];
        if (settings.Temperature == 0)
        {
            probabilities[greedy] = 1;
            return probabilities;
        }
        for (int i = 0; i < logits.Length; i++) probabilities[i] = Math.Exp(((double)logits[i] - logits[greedy]) / settings.Temperature);
        Scale(probabilities);
        if (settings.TopK > 0 && settings.TopK < logits.Length || settings.TopP < 1) Restrict(probabilities, settings);
        return probabilities;
    }

    private static void Restrict(double[] probabilities, SamplingSettings settings)
    {
        int[] byLikelihood = [.. Enumerable.Range(0, probabilities.Length)];
        Array.Sort(byLikelihood, (a, b) => probabilities[a] == probabilities[b] ? a.CompareTo(b) : probabilities[b].CompareTo(probabilities[a]));
        int kept = settings.TopK > 0 ? Math.Min(settings.TopK, probabilities.Length) : probabilities.Length;
        foreach (int token in byLikelihood.AsSpan(kept)) probabilities[token] = 0;
        Scale(probabilities);
        double sum = 0;
        for (int rank = 0; rank < kept && settings.TopP < 1; rank++)
        {
            int token = byLikelihood[rank];
            // A hair of rounding must not let one token more in.
            if (sum >= settings.TopP - 1e-12) probabilities[token] = 0;
            else sum += probabilities[token];
        }
        Scale(probabilities);
    }

    private static void Scale(double[] probabilities)
    {
        double sum = probabilities.Sum();
        for (int i = 0; i < probabilities.Length; i++) probabilities[i] /= sum;
    }

    private delegate int Chooser(ReadOnlySpan<float> row);

    private static IntTensor EachRow(Tensor logits, Chooser choose)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ShapeException.Require(logits.Rank == 2, $"Sampling: logits {logits.Shape}; needed is (B, V)");
        int[] tokens = new int[logits.Shape[0]];
        for (int row = 0; row < tokens.Length; row++) tokens[row] = choose(logits.Span.Slice(row * logits.Shape[1], logits.Shape[1]));
        return IntTensor.Of(tokens);
    }
}
