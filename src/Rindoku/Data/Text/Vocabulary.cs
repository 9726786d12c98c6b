namespace Rindoku.Data;

/// <summary>Numbers for words: special symbols first, then the words of a text, each with the number of times it was seen.</summary>
/// <example><code>
/// Vocabulary vocabulary = Vocabulary.Build(words, largest: 10_000, symbols: SpecialSymbols.All);
/// int id = vocabulary["whale"];              // that of &lt;unk&gt; if the text had no whale
/// string word = vocabulary.Word(id);
/// </code></example>
public sealed class Vocabulary
{
    private readonly string[] words;
    private readonly long[] counts;
    private readonly Dictionary<string, int> ids;

    /// <summary>A vocabulary of given words in the given order, behind the special symbols.</summary>
    /// <param name="words">The words and how often each was seen; a special symbol among them gives that symbol its count.</param>
    /// <param name="symbols">The special symbols; null for none.</param>
    /// <exception cref="ArgumentException">A word or symbol is empty or stands there twice, or a count is negative.</exception>
    public Vocabulary(IEnumerable<KeyValuePair<string, long>> words, SpecialSymbols? symbols = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        Symbols = symbols ?? SpecialSymbols.None;
        List<string> all = [.. Symbols.InOrder];
        SymbolCount = all.Count;
        ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < all.Count; id++) Number(all[id], id);
        List<long> seen = [.. new long[all.Count]];
        HashSet<int> counted = [];
        foreach ((string word, long count) in words)
        {
            if (count < 0) throw new ArgumentException($"Vocabulary: the word '{word}' has the count {count}; it must be at least 0", nameof(words));
            if (ids.TryGetValue(word ?? "", out int id) && id < SymbolCount && counted.Add(id))
            {
                seen[id] = count;
                continue;
            }
            Number(word!, all.Count);
            all.Add(word!);
            seen.Add(count);
        }
        (this.words, counts) = ([.. all], [.. seen]);
    }

    /// <summary>The special symbols.</summary>
    public SpecialSymbols Symbols { get; }

    /// <summary>How many words there are, symbols included: ids run from 0 to one less.</summary>
    public int Count => words.Length;

    /// <summary>How many special symbols there are; the first word of the text has this id.</summary>
    public int SymbolCount { get; }

    /// <summary>The id of a word; that of <see cref="SpecialSymbols.Unknown"/> if the vocabulary does not have it.</summary>
    /// <exception cref="KeyNotFoundException">The word is not there, and there is no symbol for unknown words.</exception>
    public int this[string word]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(word);
            return ids.TryGetValue(word, out int id) ? id : UnknownId ?? throw Missing($"the word '{word}' is not among the {Count}");
        }
    }

    /// <summary>Whether a word or symbol is there.</summary>
    public bool Contains(string word) => ids.ContainsKey(word);

    /// <summary>The id of a word, if it is there.</summary>
    public bool TryFind(ReadOnlySpan<char> word, out int id) => ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out id);

    /// <summary>The word of an id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Word(int id) => words[Checked(id)];

    /// <summary>How often the word was seen in the text that the vocabulary is of. For the unknown symbol: all words that were left out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public long CountOf(int id) => counts[Checked(id)];

    /// <summary>Whether an id is that of a special symbol.</summary>
    public bool IsSymbol(int id) => (uint)id < (uint)SymbolCount;

    /// <summary>The id of the padding symbol.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public int Padding => Require(Symbols.Padding, nameof(Padding));

    /// <summary>The id of the symbol for unknown words.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public int Unknown => Require(Symbols.Unknown, nameof(Unknown));

    /// <summary>The id of the symbol before the first word.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public int Begin => Require(Symbols.Begin, nameof(Begin));

    /// <summary>The id of the symbol after the last word.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public int End => Require(Symbols.End, nameof(End));

    /// <summary>The most frequent words of a stream, the most frequent first; among equally frequent ones in the order of their characters' codes.</summary>
    /// <param name="stream">The words of a text.</param>
    /// <param name="largest">The most words to take, symbols not counted.</param>
    /// <param name="leastCount">How often a word must be there to be taken.</param>
    /// <param name="symbols">The special symbols; null for none. Where the text has them as words, they are counted.</param>
    public static Vocabulary Build(IEnumerable<string> stream, int largest = int.MaxValue, long leastCount = 1, SpecialSymbols? symbols = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(largest);
        Dictionary<string, long> seen = new(StringComparer.Ordinal);
        foreach (string word in stream) seen[word] = seen.GetValueOrDefault(word) + 1;
        symbols ??= SpecialSymbols.None;
        KeyValuePair<string, long>[] special = [.. symbols.InOrder.Where(seen.ContainsKey).Select(symbol => KeyValuePair.Create(symbol, seen[symbol]))];
        foreach ((string symbol, _) in special) seen.Remove(symbol);
        KeyValuePair<string, long>[] taken = [.. seen.Where(word => word.Value >= leastCount)
            .OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal).Take(largest)];
        Vocabulary vocabulary = new([.. special, .. taken], symbols);
        if (symbols.Unknown is not null) vocabulary.counts[vocabulary.Unknown] += seen.Values.Sum() - taken.Sum(word => word.Value);
        return vocabulary;
    }

    /// <summary>Writes the vocabulary as a text file that <see cref="Load"/> reads.</summary>
    public void Save(string path) => VocabularyFile.Write(this, path);

    /// <summary>Reads a vocabulary that <see cref="Save"/> wrote.</summary>
    /// <exception cref="IO.FileFormatException">The file is damaged; the message names the line.</exception>
    public static Vocabulary Load(string path) => VocabularyFile.Read(path);

    /// <summary>The id of the symbol for unknown words, if there is one.</summary>
    internal int? UnknownId => Symbols.Unknown is { } unknown ? ids[unknown] : null;

    /// <summary>The error for what was not found where there is no symbol for unknown words.</summary>
    internal static KeyNotFoundException Missing(string problem) =>
        new($"Vocabulary: {problem}, and it has no symbol for unknown words; make it with SpecialSymbols.Unknown");

    private void Number(string word, int id)
    {
        if (string.IsNullOrEmpty(word)) throw new ArgumentException($"Vocabulary: word {id} is empty");
        if (!ids.TryAdd(word, id)) throw new ArgumentException($"Vocabulary: there are two of the word '{word}', {ids[word]} and {id}");
    }

    private int Checked(int id) => (uint)id < (uint)words.Length
        ? id
        : throw new ArgumentOutOfRangeException(nameof(id), $"Vocabulary: there is no word {id}; there are {Count}, numbered from 0");

    private int Require(string? symbol, string name) => symbol is not null
        ? ids[symbol]
        : throw new InvalidOperationException($"Vocabulary: it has no symbol for {name}; make it with SpecialSymbols.{name}");
}
