namespace Rindoku.Data;

/// <summary>Words as rows of symbols, how often each pair of neighbours occurs in them, and the merging of a pair into one symbol.</summary>
/// <remarks>A merge looks only at the words that have the pair, so training takes time by what changes and not by the size of the text.</remarks>
internal sealed class PairCounts
{
    private readonly List<int[]> words = [];
    private readonly List<long> multiplicities = [];
    private readonly Dictionary<(int Left, int Right), long> pairs = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> places = [];
    private readonly Dictionary<int, long> symbols = [];

    /// <summary>How often each pair occurs; never 0.</summary>
    public IReadOnlyDictionary<(int Left, int Right), long> Pairs => pairs;

    /// <summary>How many symbols the text has.</summary>
    public long Total { get; private set; }

    /// <summary>How often a pair occurs.</summary>
    public long CountOf((int Left, int Right) pair) => pairs.GetValueOrDefault(pair);

    /// <summary>How often a symbol occurs.</summary>
    public long CountOf(int symbol) => symbols.GetValueOrDefault(symbol);

    /// <summary>Adds a word that occurs a number of times.</summary>
    public void Add(int[] word, long times)
    {
        words.Add(word);
        multiplicities.Add(times);
        Count(words.Count - 1, +1, null);
    }

    /// <summary>Writes <paramref name="merged"/> for the pair wherever it stands, from the left in each word.</summary>
    /// <returns>The pairs whose counts have changed.</returns>
    public HashSet<(int Left, int Right)> Merge((int Left, int Right) pair, int merged)
    {
        HashSet<(int, int)> changed = [];
        if (!places.TryGetValue(pair, out HashSet<int>? where)) return changed;
        foreach (int word in where.ToArray())
        {
            Count(word, -1, changed);
            words[word] = Merged(words[word], pair, merged);
            Count(word, +1, changed);
        }
        return changed;
    }

    /// <summary>A row of symbols with a pair merged wherever it stands, from the left.</summary>
    public static int[] Merged(ReadOnlySpan<int> row, (int Left, int Right) pair, int merged)
    {
        int[] shorter = new int[row.Length];
        int length = 0;
        for (int i = 0; i < row.Length; i++)
        {
            bool here = row[i] == pair.Left && i + 1 < row.Length && row[i + 1] == pair.Right;
            shorter[length++] = here ? merged : row[i];
            if (here) i++;
        }
        return shorter[..length];
    }

    private void Count(int number, int sign, HashSet<(int, int)>? changed)
    {
        int[] word = words[number];
        long times = sign * multiplicities[number];
        Total += times * word.Length;
        for (int i = 0; i < word.Length; i++)
        {
            symbols[word[i]] = symbols.GetValueOrDefault(word[i]) + times;
            if (i + 1 == word.Length) break;
            (int, int) pair = (word[i], word[i + 1]);
            changed?.Add(pair);
            long count = pairs[pair] = pairs.GetValueOrDefault(pair) + times;
            if (!places.TryGetValue(pair, out HashSet<int>? where)) places[pair] = where = [];
            if (sign > 0) where.Add(number);
            else where.Remove(number);
            if (count != 0) continue;
            pairs.Remove(pair);
            places.Remove(pair);
        }
    }
}
