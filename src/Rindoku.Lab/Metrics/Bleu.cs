namespace Rindoku.Lab;

/// <summary>BLEU: how many n-grams of translations occur in reference translations, over a whole corpus.</summary>
/// <remarks>
/// <para><c>BLEU = BP · exp(1/N Σ log p_n)</c>: p_n is the part of the candidates' n-grams that occur in a reference, each at most as
/// often as there; <c>BP = min(1, exp(1 - r/c))</c> for c words in all candidates and r in the references nearest in length.</para>
/// <para>Not smoothed: 0 if no n-gram of some length matches. Words must be cut already. Source: Papineni et al. 2002.</para>
/// </remarks>
public static class Bleu
{
    /// <summary>The BLEU of a corpus, from 0 to 1.</summary>
    /// <param name="candidates">The translations, as words.</param>
    /// <param name="references">For each translation its references, as words.</param>
    /// <param name="order">The length of the longest n-grams, N.</param>
    public static double Corpus(IReadOnlyList<string[]> candidates, IReadOnlyList<IReadOnlyList<string[]>> references, int order = 4)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(references);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(order);
        if (candidates.Count != references.Count || candidates.Count == 0)
            throw new ArgumentException($"Bleu: {candidates.Count} translations and {references.Count} lists of references; needed is one list for each, and at least one", nameof(references));
        long[] matches = new long[order], totals = new long[order];
        long words = 0, referenceWords = 0;
        for (int i = 0; i < candidates.Count; i++)
        {
            string[] candidate = candidates[i];
            words += candidate.Length;
            referenceWords += references[i].Select(r => r.Length).OrderBy(length => Math.Abs(length - candidate.Length)).ThenBy(length => length).First();
            for (int n = 1; n <= order; n++)
            {
                totals[n - 1] += Math.Max(0, candidate.Length - n + 1);
                matches[n - 1] += Matches(candidate, references[i], n);
            }
        }
        if (matches.Contains(0)) return 0;
        double brevity = Math.Min(1, Math.Exp(1 - (double)referenceWords / words));
        return brevity * Math.Exp(matches.Zip(totals, (m, t) => Math.Log((double)m / t)).Average());
    }

    private static long Matches(string[] candidate, IReadOnlyList<string[]> references, int n)
    {
        Dictionary<string, int>[] counts = [.. references.Select(r => NGrams.Count(r, n))];
        return NGrams.Count(candidate, n).Sum(gram => (long)Math.Min(gram.Value, counts.Max(c => c.GetValueOrDefault(gram.Key))));
    }
}
