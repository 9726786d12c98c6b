using System.Text;

namespace Rindoku.Data;

/// <summary>Byte pair encoding: tokens are bytes and what frequent pairs of tokens, merged one after the other, have become.</summary>
/// <remarks>
/// <para>Text is first cut into chunks that no merge crosses: a run of letters and marks, of digits, or of other characters, each with a
/// single space before it if there is one, and runs of white space; a run ends after 64 characters. Each chunk is then bytes in UTF-8.</para>
/// <para>Tokens 0 to 255 are the bytes, token 256 + i is what merge i makes. Nothing is unknown. Decoding tokens that are not UTF-8 together
/// gives U+FFFD for each faulty piece; <see cref="Bytes"/> gives them as they are.</para>
/// <para>Source: Sennrich et al. 2016, arXiv:1508.07909, section 3.2, on bytes as in Radford et al. 2019, section 2.2.</para>
/// </remarks>
public sealed class BytePairTokenizer : Tokenizer
{
    private const int LongestRun = 64;

    private readonly Dictionary<(int Left, int Right), int> ranks = [];
    private readonly byte[][] bytes;

    /// <summary>A tokenizer of given merges.</summary>
    /// <param name="merges">The pairs in the order of their merging; pair i makes token 256 + i.</param>
    /// <exception cref="ArgumentException">A pair names a token that is not made before it, or stands there twice.</exception>
    public BytePairTokenizer(IReadOnlyList<(int Left, int Right)> merges)
    {
        ArgumentNullException.ThrowIfNull(merges);
        Merges = [.. merges];
        bytes = new byte[256 + merges.Count][];
        for (int i = 0; i < 256; i++) bytes[i] = [(byte)i];
        for (int i = 0; i < merges.Count; i++)
        {
            (int left, int right) = merges[i];
            if ((uint)left >= (uint)(256 + i) || (uint)right >= (uint)(256 + i) || !ranks.TryAdd(merges[i], i))
                throw new ArgumentException($"BytePairTokenizer: merge {i} is {merges[i]}; needed is a pair of tokens below {256 + i} that was not merged before", nameof(merges));
            bytes[256 + i] = [.. bytes[left], .. bytes[right]];
        }
    }

    /// <summary>The pairs in the order of their merging.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges { get; }

    /// <inheritdoc/>
    public override int Count => bytes.Length;

    /// <summary>Learns merges from a text: each time the most frequent pair; of equally frequent ones that with the smaller left, then right token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="merges">How many merges to learn; fewer are learned when no pair is left that occurs twice.</param>
    public static BytePairTokenizer Train(string text, int merges)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(merges);
        Dictionary<string, long> chunks = new(StringComparer.Ordinal);
        foreach (string chunk in Chunks(WellFormed(text))) chunks[chunk] = chunks.GetValueOrDefault(chunk) + 1;
        PairCounts counts = new();
        foreach ((string chunk, long times) in chunks) counts.Add(BytesOf(chunk), times);

        // The queue may hold old counts of a pair; an entry counts only if it is the pair's count of now.
        PriorityQueue<((int Left, int Right) Pair, long Count), (long, int, int)> queue = new();
        foreach (((int, int) pair, _) in counts.Pairs) Enqueue(pair);
        List<(int, int)> learned = [];
        while (learned.Count < merges && queue.TryDequeue(out var best, out _))
        {
            if (best.Count != counts.CountOf(best.Pair)) continue;
            if (best.Count < 2) break;
            learned.Add(best.Pair);
            foreach ((int, int) pair in counts.Merge(best.Pair, 255 + learned.Count)) Enqueue(pair);
        }
        return new BytePairTokenizer(learned);

        void Enqueue((int Left, int Right) pair)
        {
            if (counts.CountOf(pair) is > 0 and long count) queue.Enqueue((pair, count), (-count, pair.Left, pair.Right));
        }
    }

    /// <inheritdoc/>
    protected override void Cut(string text, List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Dictionary<string, int[]> seen = new(StringComparer.Ordinal); // the words of a text come again and again
        foreach (string chunk in Chunks(text))
        {
            if (!seen.TryGetValue(chunk, out int[]? row)) seen[chunk] = row = Merge(BytesOf(chunk));
            tokens.AddRange(row);
        }
    }

    private int[] Merge(int[] row)
    {
        while (true)
        {
            int first = int.MaxValue;
            for (int i = 0; i + 1 < row.Length; i++)
                if (ranks.TryGetValue((row[i], row[i + 1]), out int rank) && rank < first) first = rank;
            if (first == int.MaxValue) return row;
            row = PairCounts.Merged(row, Merges[first], 256 + first);
        }
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString(Bytes(tokens));

    /// <summary>The bytes of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public byte[] Bytes(ReadOnlySpan<int> tokens)
    {
        List<byte> all = [];
        foreach (int token in tokens) all.AddRange(BytesOf(token));
        return [.. all];
    }

    /// <inheritdoc/>
    public override string Show(int token) => Encoding.UTF8.GetString(BytesOf(token));

    private byte[] BytesOf(int token) => (uint)token < (uint)bytes.Length
        ? bytes[token]
        : throw new ArgumentOutOfRangeException(nameof(token), $"BytePairTokenizer: there is no token {token}; there are {Count}, numbered from 0");

    private static int[] BytesOf(string chunk) => [.. Encoding.UTF8.GetBytes(chunk).Select(b => (int)b)];

    private enum Kind
    {
        Space,
        Letter,
        Digit,
        Other,
    }

    private static IEnumerable<string> Chunks(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            // A single space goes with what follows it; of a run of white space that is the last.
            end = LeadsNext(text, start) ? start + 1 : start;
            Kind kind = KindAt(text, end);
            for (int length = 0; length < LongestRun && end < text.Length && KindAt(text, end) == kind; length++)
            {
                if (kind == Kind.Space && end > start && LeadsNext(text, end)) break;
                end += char.IsHighSurrogate(text[end]) ? 2 : 1;
            }
            yield return text[start..end];
        }
    }

    private static bool LeadsNext(string text, int place) => text[place] == ' ' && place + 1 < text.Length && KindAt(text, place + 1) != Kind.Space;

    private static Kind KindAt(string text, int place)
    {
        Rune rune = Rune.GetRuneAt(text, place);
        if (Rune.IsWhiteSpace(rune)) return Kind.Space;
        if (Rune.IsDigit(rune)) return Kind.Digit;
        return Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark
            or System.Globalization.UnicodeCategory.SpacingCombiningMark ? Kind.Letter : Kind.Other;
    }
}
