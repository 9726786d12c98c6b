using System.Text;

namespace Rindoku.Data;

/// <summary>The training of word pieces: a text as pieces, and the merge that raises its likelihood most.</summary>
internal sealed class PieceTraining
{
    private readonly PairCounts counts = new();
    private readonly List<string> pieces;
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);

    /// <summary>A text as its most frequent characters, the word start first; a rare character cuts its word in two.</summary>
    public PieceTraining(IEnumerable<string> words, int characters)
    {
        Dictionary<string, long> seen = new(StringComparer.Ordinal);
        foreach (string word in words) seen[word] = seen.GetValueOrDefault(word) + 1;
        Dictionary<Rune, long> runes = [];
        foreach ((string word, long times) in seen)
            foreach (Rune rune in word.EnumerateRunes()) runes[rune] = runes.GetValueOrDefault(rune) + times;

        Rune start = new(WordPieceTokenizer.WordStart), notText = new('\uFFFF');
        pieces = [start.ToString(), .. runes.Where(r => r.Key != start && r.Key != notText).OrderByDescending(r => r.Value).ThenBy(r => r.Key).Take(characters).Select(r => r.Key.ToString())];
        for (int id = 0; id < pieces.Count; id++) ids[pieces[id]] = id;
        foreach ((string word, long times) in seen.OrderBy(word => word.Key, StringComparer.Ordinal)) Add(word, times);
    }

    /// <summary>The pieces so far, in the order of their making.</summary>
    public IReadOnlyList<string> Pieces => pieces;

    /// <summary>The pieces and how often each stands in the text as it is cut now.</summary>
    public IEnumerable<KeyValuePair<string, long>> Counted() => pieces.Select((piece, id) => KeyValuePair.Create(piece, counts.CountOf(id)));

    /// <summary>Merges the best pair; false if no merge raises the likelihood.</summary>
    public bool MergeBest()
    {
        (int Left, int Right) best = default;
        double bestScore = 0;
        foreach (((int Left, int Right) pair, long count) in counts.Pairs)
        {
            if (count < 2) continue;
            double score = count * Math.Log((double)count * counts.Total / ((double)counts.CountOf(pair.Left) * counts.CountOf(pair.Right)));
            if (score < bestScore || score <= 0) continue;
            if (score == bestScore && pair.CompareTo(best) > 0) continue;
            (best, bestScore) = (pair, score);
        }
        if (bestScore <= 0) return false;
        string piece = pieces[best.Left] + pieces[best.Right];
        // Another pair may have made the same piece before.
        if (!ids.TryGetValue(piece, out int merged))
        {
            merged = ids[piece] = pieces.Count;
            pieces.Add(piece);
        }
        counts.Merge(best, merged);
        return true;
    }

    private void Add(string word, long times)
    {
        List<int> row = [];
        foreach (Rune rune in word.EnumerateRunes())
        {
            if (ids.TryGetValue(rune.ToString(), out int id))
            {
                row.Add(id);
                continue;
            }
            if (row.Count > 0) counts.Add([.. row], times);
            row.Clear();
        }
        if (row.Count > 0) counts.Add([.. row], times);
    }
}
