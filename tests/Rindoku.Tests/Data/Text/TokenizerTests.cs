using System.Text;
using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class TokenizerTests
{
    /// <summary>Texts that a careless tokenizer loses something of.</summary>
    private static readonly string[] Hard =
    [
        "", " ", "    ", "\n", "\r\n", "a", " a", "a ", "  a  b  ", "a\nb", "a \n b", "\n\na", "a\r\nb\r\n", "a\tb",
        "Hello, world! It's 3.5 o'clock (or so)...", "don't 'quote' x''y 1,000.5. a.b 3.", "naïve cafe\u0301 e\u0301\u0302 \u0301start",
        "輪読は楽しい。明日も、本を読みますか？　はい。", "ｶﾀｶﾅ がぎぐ か\u3099き\u3099", "👩\u200d🚀👨\u200d👩\u200d👧\u200d👦 🇯🇵 ❤\ufe0f 👍🏽", "a\u00a0b\u2003c\u2028d\u0085e", "￭a ￭ ￭￭ a￭ b￭c",
        "\0\u0001\u007f\ufeffx", "∑∀x∈ℝ", "𝕳𝖊𝖑𝖑𝖔 𐍈", "<unk> <s> </s> <pad>", "--- a--b -- _x_",
    ];

    private static readonly string All = string.Join("\n", Hard);

    public static TheoryData<string> Reversible => ["characters", "bytes", "words", "spaces", "pieces", "pairs"];

    private static Tokenizer Make(string kind, string text) => kind switch
    {
        "characters" => CharacterTokenizer.Train(text),
        "bytes" => new ByteTokenizer(),
        "words" => WordTokenizer.Train(text),
        "spaces" => WordTokenizer.Train(text, rule: WordRule.Spaces),
        "pieces" => WordPieceTokenizer.Train(text, 400),
        _ => BytePairTokenizer.Train(text, 100),
    };

    // A vocabulary knows a word in one place with a space before it and in another without: each text gets its own.
    [Theory, MemberData(nameof(Reversible))]
    public void What_was_encoded_comes_back_character_for_character(string kind)
    {
        foreach (string text in (string[])[.. Hard, All])
        {
            Tokenizer tokenizer = Make(kind, text);
            int[] tokens = tokenizer.Encode(text);
            Assert.All(tokens, token => Assert.InRange(token, 0, tokenizer.Count - 1));
            Assert.Equal(text, tokenizer.Decode(tokens));
            Assert.All(tokens, token => Assert.NotEmpty(tokenizer.Show(token)));
        }
        Assert.Empty(Make(kind, All).Encode(""));
        Assert.Equal("", Make(kind, All).Decode([]));
    }

    [Theory, MemberData(nameof(Reversible))]
    public void Random_text_comes_back(string kind)
    {
        Rng rng = new(5);
        Rune[] alphabet = [.. " \n\t\r  aAé1.,'’-￭日か\u3099\u0301\u200d🚀👍🏽".EnumerateRunes()];
        for (int i = 0; i < 100; i++)
        {
            string text = string.Concat(Enumerable.Range(0, 40).Select(_ => alphabet[rng.NextInt(alphabet.Length)].ToString()));
            Tokenizer tokenizer = Make(kind, text);
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    [Theory, MemberData(nameof(Reversible))]
    public void A_lone_surrogate_is_read_as_the_replacement_character(string kind)
    {
        Tokenizer tokenizer = Make(kind, "ab \uFFFD");
        Assert.Equal("a\uFFFDb", Tokenizer.WellFormed("a\ud83db"));
        Assert.Equal(tokenizer.Encode("\uFFFD ab"), tokenizer.Encode("\ud83d ab"));
        Assert.Equal("ab \uFFFD", tokenizer.Decode(tokenizer.Encode("ab \ude80")));
    }

    [Theory, InlineData("characters"), InlineData("bytes"), InlineData("words"), InlineData("pieces"), InlineData("pairs")]
    public void A_number_that_is_no_token_is_refused(string kind)
    {
        Tokenizer tokenizer = Make(kind, "some text");
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([tokenizer.Count]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Show(tokenizer.Count));
    }

    [Fact]
    public void Characters_are_scalar_values_and_unknown_ones_become_the_symbol()
    {
        CharacterTokenizer tokenizer = CharacterTokenizer.Train("e\u0301🚀ee");
        Assert.Equal(4, tokenizer.Count);
        Assert.Equal([1, 2, 3, 1], tokenizer.Encode("e\u0301🚀e"));
        Assert.Equal([1, 0, 0], tokenizer.Encode("eé👍"));
        Assert.Equal("e\uFFFD\uFFFD", tokenizer.Decode([1, 0, 0]));
        CharacterTokenizer strict = CharacterTokenizer.Train("ab", symbols: SpecialSymbols.None);
        Assert.Contains("'👍' (U+1F44D) at place 1", Assert.Throws<KeyNotFoundException>(() => strict.Encode("a👍")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new CharacterTokenizer(Vocabulary.Build(["ab"])));
        Assert.Equal(["<unk>", "b"], Enumerable.Range(0, 2).Select(CharacterTokenizer.Train("abb", leastCount: 2, symbols: SpecialSymbols.OnlyUnknown).Show));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_faulty_and_kept_as_bytes()
    {
        ByteTokenizer tokenizer = new();
        Assert.Equal([0xE6, 0x97, 0xA5, 0x61], tokenizer.Encode("日a"));
        Assert.Equal("\uFFFDa\uFFFD", tokenizer.Decode([0xE6, 0x97, 0x61, 0xFF]));
        Assert.Equal([0xE6, 0x97, 0x61, 0xFF], ByteTokenizer.Bytes([0xE6, 0x97, 0x61, 0xFF]));
        Assert.Equal(("a", "E6", "0A"), (tokenizer.Show('a'), tokenizer.Show(0xE6), tokenizer.Show('\n')));
    }

    [Fact]
    public void Words_are_cut_as_the_rule_says()
    {
        Assert.Equal("Hello|￭,|world|￭!|don't|(|￭3.5|￭)|well|￭-|￭known|\n|x|￭.|￭.".Split('|'), WordTokenizer.Words("Hello, world! don't (3.5) well-known\nx.."));
        Assert.Equal(" |a| | |b| ".Split('|'), WordTokenizer.Words(" a  b "));
        Assert.Equal("3|￭.|a|￭,|￭b|<|￭c|￭>|1,000|x|￭'|￭'|￭y".Split('|'), WordTokenizer.Words("3. a,b <c> 1,000 x''y"));
        Assert.Equal("= Title =|\n|0 @.@ 7".Replace(' ', '|').Split('|'), WordTokenizer.Words("= Title =\n0 @.@ 7", WordRule.Spaces));
    }

    [Fact]
    public void Words_that_are_not_in_the_vocabulary_become_the_symbol_and_silent_symbols_leave_nothing()
    {
        WordTokenizer tokenizer = WordTokenizer.Train("a b a", symbols: SpecialSymbols.All);
        Assert.Equal([4, 1, 5], tokenizer.Encode("a x b"));
        Assert.Equal("a <unk> b", tokenizer.Decode([2, 4, 1, 5, 3, 0, 0]));
    }
}
