using System.Text;

namespace Rindoku.Data;

/// <summary>How text is cut into words.</summary>
public enum WordRule
{
    /// <summary>Words and punctuation: see <see cref="WordTokenizer"/>.</summary>
    Words,

    /// <summary>Only at white space, for text whose words are cut already, such as WikiText.</summary>
    Spaces,
}

/// <summary>A token for each word and each punctuation mark.</summary>
/// <remarks>
/// <para>The cut can be undone, since one space between two tokens is not written down and everything else is:</para>
/// <para>1. A word is a letter, digit or combining mark and all that follow it; an apostrophe (' or ’) before a letter, and a full stop or comma between
/// two digits, belong to the word (<c>don't</c>, <c>3.5</c>). Every other character that is no white space is a token of its own.</para>
/// <para>2. Between two tokens stands one space; a token that follows the one before without a space begins with the mark U+FFED
/// (<c>￭</c>): <c>Hello, world!</c> is <c>Hello ￭, world ￭!</c>.</para>
/// <para>3. White space other than a single space between two tokens (a line end, a second space, a space at the very start) is a
/// token a character, and no space stands beside it.</para>
/// <para>Scripts that write no spaces, such as Japanese, have very long words by this rule: take characters, bytes or pieces for them.</para>
/// </remarks>
public sealed class WordTokenizer : Tokenizer
{
    /// <summary>The mark of a token that no space stands before.</summary>
    public const char Joint = '\uFFED';

    /// <summary>A tokenizer over a vocabulary.</summary>
    public WordTokenizer(Vocabulary vocabulary, WordRule rule = WordRule.Words)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        (Vocabulary, Rule) = (vocabulary, rule);
    }

    /// <summary>The words.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>How text is cut.</summary>
    public WordRule Rule { get; }

    /// <inheritdoc/>
    public override int Count => Vocabulary.Count;

    /// <summary>A tokenizer for the words of a text, the most frequent first.</summary>
    /// <param name="text">The text.</param>
    /// <param name="largest">The most words to take, symbols not counted.</param>
    /// <param name="leastCount">How often a word must be there to get a token.</param>
    /// <param name="rule">How the text is cut.</param>
    /// <param name="symbols">The special symbols; null for <c>&lt;unk&gt;</c> alone.</param>
    public static WordTokenizer Train(
        string text, int largest = int.MaxValue, long leastCount = 1, WordRule rule = WordRule.Words, SpecialSymbols? symbols = null) =>
        new(Vocabulary.Build(Words(text, rule), largest, leastCount, symbols ?? SpecialSymbols.OnlyUnknown), rule);

    /// <summary>The words of a text, marks included.</summary>
    public static IEnumerable<string> Words(string text, WordRule rule = WordRule.Words)
    {
        ArgumentNullException.ThrowIfNull(text);
        return CutWords(WellFormed(text), rule);
    }

    /// <summary>The text of words: <see cref="Words"/> undone.</summary>
    public static string Join(IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        StringBuilder text = new();
        bool spaceNext = false;
        foreach (string word in words)
        {
            if (word.Length == 0) continue;
            bool joined = word.Length > 1 && word[0] == Joint, space = IsSpace(word);
            if (spaceNext && !joined && !space) text.Append(' ');
            text.Append(joined ? word.AsSpan(1) : word);
            spaceNext = !space;
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    protected override void Cut(string text, List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        foreach (string word in CutWords(text, Rule)) tokens.Add(Vocabulary[word]);
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        List<string> words = [];
        foreach (int token in tokens)
        {
            string word = Vocabulary.Word(token);
            if (!IsSilent(Vocabulary, token)) words.Add(word);
        }
        return Join(words);
    }

    /// <inheritdoc/>
    public override string Show(int token) => Vocabulary.Word(token);

    private static IEnumerable<string> CutWords(string text, WordRule rule)
    {
        int place = 0;
        bool afterWord = false; // whether a token that is no white space ends right here
        while (place < text.Length)
        {
            bool spaced = afterWord && text[place] == ' ' && place + 1 < text.Length && !char.IsWhiteSpace(text[place + 1]);
            if (spaced) place++;
            int end = EndOf(text, place, rule);
            string word = text[place..end];
            bool joined = afterWord && !spaced && !IsSpace(word);
            yield return joined ? Joint + word : word;
            (afterWord, place) = (!IsSpace(word), end);
        }
    }

    private static int EndOf(string text, int start, WordRule rule)
    {
        Rune first = Rune.GetRuneAt(text, start);
        int end = start + first.Utf16SequenceLength;
        // A joint that stands in the text must not be taken for a mark, so nothing follows it in its token.
        if (Rune.IsWhiteSpace(first) || first.Value == Joint || rule == WordRule.Words && !BelongsToWord(first)) return end;
        while (end < text.Length)
        {
            Rune next = Rune.GetRuneAt(text, end);
            bool goesOn = rule == WordRule.Spaces ? !Rune.IsWhiteSpace(next) : BelongsToWord(next) || IsInside(text, end);
            if (!goesOn) break;
            end += next.Utf16SequenceLength;
        }
        return end;
    }

    private static bool BelongsToWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark
            or System.Globalization.UnicodeCategory.SpacingCombiningMark or System.Globalization.UnicodeCategory.EnclosingMark;

    // An apostrophe with a letter after it, a full stop or comma with a digit on either side; what stands before is in the word already.
    private static bool IsInside(string text, int place)
    {
        if (place + 1 >= text.Length || !Rune.TryGetRuneAt(text, place + 1, out Rune next)) return false;
        return text[place] switch
        {
            '\'' or '\u2019' => Rune.IsLetter(next),
            '.' or ',' => char.IsDigit(text[place - 1]) && Rune.IsDigit(next),
            _ => false,
        };
    }

    private static bool IsSpace(string word) => word.Length == 1 && char.IsWhiteSpace(word[0]);
}
