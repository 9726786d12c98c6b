using System.Text;

namespace Rindoku.Data;

/// <summary>A token for each character, that is each Unicode scalar value; accents and joiners that are values of their own are tokens of their own.</summary>
public sealed class CharacterTokenizer : Tokenizer
{
    /// <summary>A tokenizer over a vocabulary.</summary>
    /// <param name="vocabulary">Its words, symbols aside, are single characters.</param>
    /// <exception cref="ArgumentException">A word is longer.</exception>
    public CharacterTokenizer(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary = vocabulary;
        for (int id = vocabulary.SymbolCount; id < vocabulary.Count; id++)
            if (!Rune.TryGetRuneAt(vocabulary.Word(id), 0, out Rune rune) || rune.Utf16SequenceLength != vocabulary.Word(id).Length)
                throw new ArgumentException($"CharacterTokenizer: word {id} is '{vocabulary.Word(id)}'; needed is one character", nameof(vocabulary));
    }

    /// <summary>The characters.</summary>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override int Count => Vocabulary.Count;

    /// <summary>A tokenizer for the characters of a text, the most frequent first.</summary>
    /// <param name="text">The text.</param>
    /// <param name="leastCount">How often a character must be there to get a token.</param>
    /// <param name="symbols">The special symbols; null for U+FFFD as the unknown one, which is then token 0.</param>
    public static CharacterTokenizer Train(string text, long leastCount = 1, SpecialSymbols? symbols = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        symbols ??= new SpecialSymbols { Unknown = "\uFFFD" };
        return new CharacterTokenizer(Vocabulary.Build(text.EnumerateRunes().Select(rune => rune.ToString()), leastCount: leastCount, symbols: symbols));
    }

    /// <inheritdoc/>
    protected override void Cut(string text, List<int> tokens)
    {
        for (int place = 0, length; place < text.Length; place += length)
        {
            length = char.IsHighSurrogate(text[place]) ? 2 : 1;
            ReadOnlySpan<char> character = text.AsSpan(place, length);
            tokens.Add(Vocabulary.TryFind(character, out int id)
                ? id
                : Vocabulary.UnknownId ?? throw Vocabulary.Missing($"the character '{character}' (U+{char.ConvertToUtf32(text, place):X4}) at place {place} is not among the {Count}"));
        }
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        StringBuilder text = new();
        foreach (int token in tokens)
        {
            string character = Vocabulary.Word(token);
            if (!IsSilent(Vocabulary, token)) text.Append(character);
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    public override string Show(int token) => Vocabulary.Word(token);
}
