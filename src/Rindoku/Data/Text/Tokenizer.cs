using System.Text;

namespace Rindoku.Data;

/// <summary>Turns text into numbers and back.</summary>
/// <remarks>
/// Text is taken as Unicode scalar values: a lone half of a surrogate pair, which is no character, is read as U+FFFD, the replacement
/// character, by every tokenizer. For all other text over known characters <c>Decode(Encode(text))</c> is the text itself, spaces and line
/// ends included.
/// </remarks>
public abstract class Tokenizer
{
    /// <summary>How many tokens there are: they are numbered from 0 to one less.</summary>
    public abstract int Count { get; }

    /// <summary>The tokens of a text.</summary>
    /// <exception cref="KeyNotFoundException">The text has what the tokenizer does not know, and there is no symbol for that.</exception>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> tokens = [];
        Cut(WellFormed(text), tokens);
        return [.. tokens];
    }

    /// <summary>The text of tokens. Symbols for padding, begin and end leave nothing; the one for unknown is shown as it is called.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public abstract string Decode(ReadOnlySpan<int> tokens);

    /// <summary>A token as it is to be shown to a reader, marks and all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public abstract string Show(int token);

    /// <summary>Adds the tokens of a text without lone surrogates.</summary>
    protected abstract void Cut(string text, List<int> tokens);

    /// <summary>A text with U+FFFD in the place of every lone surrogate.</summary>
    protected internal static string WellFormed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        StringBuilder well = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) well.Append(rune.ToString());
        return well.ToString();
    }

    /// <summary>Whether a token says nothing in a decoded text: a symbol that is not the unknown one.</summary>
    private protected static bool IsSilent(Vocabulary vocabulary, int token) =>
        vocabulary.IsSymbol(token) && vocabulary.Word(token) != vocabulary.Symbols.Unknown;
}
