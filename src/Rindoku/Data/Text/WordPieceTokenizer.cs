using System.Text;

namespace Rindoku.Data;

/// <summary>Pieces of words: whole words where they are frequent, parts where they are not, single characters at the least.</summary>
/// <remarks>
/// <para>Every space is written as the mark <c>▁</c> (U+2581), which begins a word, and one more stands before the text:
/// <c>Jet makers feud</c> may become <c>▁J et ▁makers ▁fe ud</c>. Other white space is a word a character. Each word is cut by
/// taking the longest piece from the left. Characters that the vocabulary does not have, and a <c>▁</c> of the text itself, become
/// the unknown symbol; all other text comes back as it was.</para>
/// <para>Source: Wu et al. 2016, arXiv:1609.08144, section 4.1. How Google trained its pieces is not published; <see cref="Train"/> is the
/// common reading.</para>
/// </remarks>
public sealed class WordPieceTokenizer : Tokenizer
{
    /// <summary>The mark that a word begins with.</summary>
    public const char WordStart = '▁';

    private readonly int longest;

    /// <summary>A tokenizer over a vocabulary of pieces.</summary>
    /// <param name="vocabulary">The pieces; the mark may stand at their start only.</param>
    /// <exception cref="ArgumentException">A mark stands inside a piece.</exception>
    public WordPieceTokenizer(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary = vocabulary;
        for (int id = vocabulary.SymbolCount; id < vocabulary.Count; id++)
        {
            string piece = vocabulary.Word(id);
            if (piece.LastIndexOf(WordStart) > 0) throw new ArgumentException($"WordPieceTokenizer: piece {id} is '{piece}'; {WordStart} may only be its first character", nameof(vocabulary));
            longest = Math.Max(longest, piece.Length);
        }
    }

    /// <summary>The pieces.</summary>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override int Count => Vocabulary.Count;

    /// <summary>Learns pieces from a text: from single characters on, each time the merge that raises the text's likelihood most.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pieces">How many pieces to have in all, characters and symbols included; there are fewer when no merge is left that helps.</param>
    /// <param name="characters">How many characters to have, the most frequent; the others are unknown.</param>
    /// <param name="symbols">The special symbols; null for <c>&lt;unk&gt;</c> alone.</param>
    /// <remarks>
    /// The score of a merge is <c>c(ab) log( c(ab) N / (c(a) c(b)) )</c> for counts c among the N pieces of the text as it is cut now.
    /// Pairs that occur once are not merged. Among equal scores the pair of pieces that were made first is taken.
    /// </remarks>
    public static WordPieceTokenizer Train(string text, int pieces, int characters = 500, SpecialSymbols? symbols = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(characters);
        symbols ??= SpecialSymbols.OnlyUnknown;
        PieceTraining training = new(Words(WellFormed(text)), characters);
        int wanted = pieces - symbols.InOrder.Count;
        if (wanted < training.Pieces.Count)
            throw new ArgumentOutOfRangeException(nameof(pieces), $"WordPieceTokenizer: {pieces} pieces are not enough; the text has {training.Pieces.Count} characters and there are {symbols.InOrder.Count} symbols");
        while (training.Pieces.Count < wanted && training.MergeBest()) { }
        return new WordPieceTokenizer(new Vocabulary(training.Counted(), symbols));
    }

    /// <inheritdoc/>
    protected override void Cut(string text, List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        foreach (string word in Words(text))
        {
            for (int place = 0, length; place < word.Length; place += length)
            {
                length = Math.Min(longest, word.Length - place);
                int id;
                while (!Vocabulary.TryFind(word.AsSpan(place, length), out id) || Vocabulary.IsSymbol(id))
                {
                    if (--length > 0) continue;
                    length = char.IsHighSurrogate(word[place]) ? 2 : 1;
                    id = Vocabulary.UnknownId ?? throw Vocabulary.Missing($"no piece begins with '{word.AsSpan(place, length)}' (U+{char.ConvertToUtf32(word, place):X4})");
                    break;
                }
                tokens.Add(id);
            }
        }
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        StringBuilder text = new();
        foreach (int token in tokens)
        {
            string piece = Vocabulary.Word(token);
            if (!IsSilent(Vocabulary, token)) text.Append(piece.Replace(WordStart, ' '));
        }
        return text.Length > 0 && text[0] == ' ' ? text.ToString(1, text.Length - 1) : text.ToString();
    }

    /// <inheritdoc/>
    public override string Show(int token) => Vocabulary.Word(token);

    /// <summary>A mark of the text itself in the words that follow: no piece has this character, which no text has either.</summary>
    private const char MarkInText = '\uFFFF';

    private static IEnumerable<string> Words(string text)
    {
        if (text.Length == 0) yield break;
        StringBuilder word = new();
        word.Append(WordStart);
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                if (word.Length > 0) yield return word.ToString();
                word.Clear();
                if (c == ' ') word.Append(WordStart);
                else yield return c.ToString();
            }
            else
            {
                word.Append(c == WordStart ? MarkInText : c);
            }
        }
        if (word.Length > 0) yield return word.ToString();
    }
}
