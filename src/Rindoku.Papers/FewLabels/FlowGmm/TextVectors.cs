using Rindoku.Ops;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>Texts as short vectors, without any network: weighted counts of words, on the axes along which they vary most (latent semantic analysis).</summary>
/// <remarks>
/// A word that occurs n times in a text, and in d of N texts, has the weight <c>(1 + log n) · log(N / d)</c>; each text has length 1. The axes are
/// leading right singular vectors, by subspace iteration (Halko, Martinsson and Tropp 2011, arXiv:0909.4061, algorithm 4.4). They come from training texts, whose labels play no part.
/// Source: Deerwester et al. 1990, "Indexing by latent semantic analysis".
/// </remarks>
public sealed class TextVectors
{
    private const int FewestTexts = 3, MoreAxes = 10, Iterations = 5;

    private readonly Dictionary<string, int> places;
    private readonly float[] rarity; // log(N / d)
    private float[] axes = []; // (words, features)
    private float scale = 1;

    private TextVectors(IReadOnlyList<string> texts, int features)
    {
        Dictionary<string, int> counts = [];
        foreach (string text in texts)
            foreach (string word in Words(text).Distinct()) counts[word] = counts.GetValueOrDefault(word) + 1;
        string[] kept = [.. counts.Where(c => c.Value >= FewestTexts).Select(c => c.Key).Order(StringComparer.Ordinal)];
        places = kept.Select((word, place) => KeyValuePair.Create(word, place)).ToDictionary();
        rarity = [.. kept.Select(word => MathF.Log((float)texts.Count / counts[word]))];
        Features = features;
    }

    /// <summary>Numbers in a vector.</summary>
    public int Features { get; }

    /// <summary>How many words count: those of at least three texts.</summary>
    public int Vocabulary => rarity.Length;

    /// <summary>Finds the axes.</summary>
    /// <param name="texts">Training texts.</param>
    /// <param name="features">Numbers in a vector.</param>
    /// <param name="rng">Where the iteration starts.</param>
    /// <exception cref="ArgumentException">There are not as many texts, or words in three texts or more, as axes are needed.</exception>
    public static TextVectors Fit(IReadOnlyList<string> texts, int features, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        TextVectors vectors = new(texts, features);
        int wanted = features + MoreAxes, words = vectors.Vocabulary;
        if (Math.Min(words, texts.Count) < wanted)
            throw new ArgumentException($"TextVectors: {texts.Count} texts with {words} words that occur in {FewestTexts} of them; for {features} features {wanted} of both are needed", nameof(texts));
        (int Place, float Weight)[][] rows = [.. texts.Select(vectors.Weigh)];
        Tensor axes = Orthonormal(rng.Normal([words, wanted]));
        for (int i = 0; i < Iterations; i++) axes = Orthonormal(Back(rows, Orthonormal(Onto(rows, axes)), words));
        Tensor onto = Onto(rows, axes);
        (_, Tensor turn) = onto.MatMul(onto, transposeA: true).SymmetricEigen(); // eigenvalues rise: the last axes are the longest
        Tensor longest = axes.MatMul(turn.Flip(1).Slice(1, ..features));
        vectors.axes = longest.ToArray();
        vectors.scale = MathF.Sqrt(onto.Shape[0] * features) / vectors.Transform(texts).Norm().Item();
        return vectors;
    }

    /// <summary>Vectors of texts, (N, features), scaled so that over the training texts the mean square of a number is 1.</summary>
    public Tensor Transform(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Onto([.. texts.Select(Weigh)], Tensor.From(axes, [Vocabulary, Features])) * scale;
    }

    /// <summary>The words of a text: runs of letters and digits, in lower case.</summary>
    public static IEnumerable<string> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inside = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (inside && start < 0) start = i;
            if (inside || start < 0) continue;
            if (i - start > 1) yield return text[start..i].ToLowerInvariant();
            start = -1;
        }
    }

    private (int Place, float Weight)[] Weigh(string text)
    {
        (int Place, float Weight)[] row = [.. Words(text).Where(places.ContainsKey).GroupBy(word => places[word]).OrderBy(word => word.Key)
            .Select(word => (word.Key, (1 + MathF.Log(word.Count())) * rarity[word.Key]))];
        float length = MathF.Sqrt(row.Sum(word => word.Weight * word.Weight));
        return length == 0 ? [] : [.. row.Select(word => (word.Place, word.Weight / length))];
    }

    // X A: (texts, words) times (words, k).
    private static Tensor Onto((int Place, float Weight)[][] rows, Tensor axes)
    {
        int k = axes.Shape[1];
        float[] product = new float[rows.Length * k];
        for (int i = 0; i < rows.Length; i++)
            foreach ((int place, float weight) in rows[i]) AddScaled(axes.Span.Slice(place * k, k), weight, product.AsSpan(i * k, k));
        return Tensor.Own(product, [rows.Length, k]);
    }

    // Xᵀ Q: (words, texts) times (texts, k).
    private static Tensor Back((int Place, float Weight)[][] rows, Tensor q, int words)
    {
        int k = q.Shape[1];
        float[] product = new float[words * k];
        for (int i = 0; i < rows.Length; i++)
            foreach ((int place, float weight) in rows[i]) AddScaled(q.Span.Slice(i * k, k), weight, product.AsSpan(place * k, k));
        return Tensor.Own(product, [words, k]);
    }

    private static void AddScaled(ReadOnlySpan<float> x, float scale, Span<float> sum)
    {
        for (int i = 0; i < sum.Length; i++) sum[i] += scale * x[i];
    }

    // Q = Y L⁻ᵀ with YᵀY = L Lᵀ. What is added to the diagonal matters only in directions that hardly any text has, where rounding would decide.
    private static Tensor Orthonormal(Tensor y)
    {
        Tensor products = y.MatMul(y, transposeA: true);
        float little = 1e-6f * products.Trace().Item() / products.Shape[0];
        return (products + Tensor.Eye(products.Shape[0]) * little).Cholesky().TriangularSolve(y.T()).T();
    }
}
