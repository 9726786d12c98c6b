namespace Rindoku.Lab;

/// <summary>Counts of n-grams, which measures of translations compare.</summary>
internal static class NGrams
{
    // Words are joined by a character that no word has.
    public static Dictionary<string, int> Count(string[] words, int n)
    {
        Dictionary<string, int> counts = [];
        for (int i = 0; i + n <= words.Length; i++)
        {
            string gram = string.Join('\0', words.AsSpan(i, n)!);
            counts[gram] = counts.GetValueOrDefault(gram) + 1;
        }
        return counts;
    }
}
