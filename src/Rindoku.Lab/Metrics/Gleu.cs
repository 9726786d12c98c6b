using System.Globalization;

namespace Rindoku.Lab;

/// <summary>GLEU: which part of the n-grams of a translation and its reference they have in common; unlike BLEU it means something for a single sentence.</summary>
/// <remarks>
/// <c>GLEU = matches / max(n-grams of the one, n-grams of the other)</c> over n = 1 ... 4, each n-gram matching as often as the other side
/// has it: the smaller of precision and recall. Symmetric; 0 for an empty translation. Source: Wu et al. 2016, arXiv:1609.08144,
/// section 5. A measure of grammar correction has the same name.
/// </remarks>
public static class Gleu
{
    /// <summary>The GLEU of a sentence, from 0 to 1.</summary>
    /// <param name="candidate">The translation, as words.</param>
    /// <param name="reference">The reference, as words.</param>
    /// <param name="order">The length of the longest n-grams.</param>
    public static double Sentence(string[] candidate, string[] reference, int order = 4)
    {
        (long matches, long most) = Compare(candidate, reference, order);
        return most == 0 ? 0 : (double)matches / most;
    }

    /// <summary>The GLEU of a sentence of tokens, from 0 to 1: a reward for training.</summary>
    /// <inheritdoc cref="Sentence(string[], string[], int)"/>
    public static double Sentence(ReadOnlySpan<int> candidate, ReadOnlySpan<int> reference, int order = 4) => Sentence(Words(candidate), Words(reference), order);

    /// <summary>The GLEU of a corpus, from 0 to 1: matches and n-grams are added up before they are divided.</summary>
    /// <param name="candidates">The translations, as words.</param>
    /// <param name="references">The reference of each, as words.</param>
    /// <param name="order">The length of the longest n-grams.</param>
    public static double Corpus(IReadOnlyList<string[]> candidates, IReadOnlyList<string[]> references, int order = 4)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(references);
        if (candidates.Count != references.Count || candidates.Count == 0)
            throw new ArgumentException($"Gleu: {candidates.Count} translations and {references.Count} references; needed is one for each, and at least one", nameof(references));
        long matches = 0, most = 0;
        for (int i = 0; i < candidates.Count; i++)
        {
            (long matched, long grams) = Compare(candidates[i], references[i], order);
            (matches, most) = (matches + matched, most + grams);
        }
        return most == 0 ? 0 : (double)matches / most;
    }

    private static (long Matches, long Most) Compare(string[] candidate, string[] reference, int order)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(order);
        long matches = 0, ofCandidate = 0, ofReference = 0;
        for (int n = 1; n <= order; n++)
        {
            ofCandidate += Math.Max(0, candidate.Length - n + 1);
            ofReference += Math.Max(0, reference.Length - n + 1);
            Dictionary<string, int> there = NGrams.Count(reference, n);
            matches += NGrams.Count(candidate, n).Sum(gram => (long)Math.Min(gram.Value, there.GetValueOrDefault(gram.Key)));
        }
        return (matches, Math.Max(ofCandidate, ofReference));
    }

    private static string[] Words(ReadOnlySpan<int> tokens)
    {
        string[] words = new string[tokens.Length];
        for (int i = 0; i < words.Length; i++) words[i] = tokens[i].ToString(CultureInfo.InvariantCulture);
        return words;
    }
}
