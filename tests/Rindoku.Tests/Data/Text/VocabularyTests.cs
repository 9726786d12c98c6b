using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Tests.Data;

public sealed class VocabularyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-vocabulary-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Saved(string content)
    {
        string path = Path.Combine(folder, "words.txt");
        File.WriteAllText(path, content);
        return path;
    }

    private static string[] Words(Vocabulary vocabulary) => [.. Enumerable.Range(0, vocabulary.Count).Select(vocabulary.Word)];

    [Fact]
    public void Symbols_come_first_then_words_by_count_then_by_code()
    {
        Vocabulary vocabulary = Vocabulary.Build("b a b c a b d <s>".Split(' '), symbols: SpecialSymbols.All);
        Assert.Equal(["<pad>", "<unk>", "<s>", "</s>", "b", "a", "c", "d"], Words(vocabulary));
        Assert.Equal((0, 1, 2, 3, 4), (vocabulary.Padding, vocabulary.Unknown, vocabulary.Begin, vocabulary.End, vocabulary.SymbolCount));
        Assert.Equal([0L, 0, 1, 0, 3, 2, 1, 1], Enumerable.Range(0, 8).Select(vocabulary.CountOf));
        Assert.Equal((4, 1, 2), (vocabulary["b"], vocabulary["nowhere"], vocabulary["<s>"]));
        Assert.True(vocabulary.Contains("d") && !vocabulary.Contains("nowhere") && vocabulary.IsSymbol(3) && !vocabulary.IsSymbol(4));
    }

    [Fact]
    public void Size_and_least_count_limit_it_and_what_is_left_out_counts_as_unknown()
    {
        string[] stream = "b a b c a b d <unk>".Split(' ');
        Vocabulary largest = Vocabulary.Build(stream, largest: 1, symbols: SpecialSymbols.OnlyUnknown);
        Assert.Equal(["<unk>", "b"], Words(largest));
        Assert.Equal(1 + 2 + 1 + 1, largest.CountOf(0)); // itself, a twice, c, d
        Vocabulary least = Vocabulary.Build(stream, leastCount: 2, symbols: SpecialSymbols.OnlyUnknown);
        Assert.Equal(["<unk>", "b", "a"], Words(least));
        Assert.Equal(3, least.CountOf(0));
    }

    [Fact]
    public void Without_an_unknown_symbol_an_unknown_word_is_an_error()
    {
        Vocabulary vocabulary = Vocabulary.Build(["a"]);
        Assert.Contains("'b' is not among the 1", Assert.Throws<KeyNotFoundException>(() => vocabulary["b"]).Message, StringComparison.Ordinal);
        Assert.Contains("SpecialSymbols.Padding", Assert.Throws<InvalidOperationException>(() => vocabulary.Padding).Message, StringComparison.Ordinal);
        Assert.Contains("there are 1, numbered from 0", Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary.Word(1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Vocabulary([KeyValuePair.Create("a", 1L), KeyValuePair.Create("a", 1L)]));
        Assert.Throws<ArgumentException>(() => new Vocabulary([KeyValuePair.Create("", 1L)]));
        Assert.Throws<ArgumentException>(() => new Vocabulary([KeyValuePair.Create("a", -1L)]));
    }

    [Fact]
    public void Saved_and_loaded_it_is_the_same_whatever_its_words_are()
    {
        SpecialSymbols symbols = SpecialSymbols.All with { Others = ["<2es>", "<2de>"] };
        Vocabulary vocabulary = Vocabulary.Build(["日本", "\n", "\t", "\\", "\r\n", " ", "\\n", "👩\u200d🚀", "\ud83d", "a\ude00b", "日本", "<2de>", "\u2028"], symbols: symbols);
        string path = Path.Combine(folder, "saved.txt");
        vocabulary.Save(path);
        Vocabulary loaded = Vocabulary.Load(path);
        Assert.Equal(Words(vocabulary), Words(loaded));
        Assert.Equal(Enumerable.Range(0, vocabulary.Count).Select(vocabulary.CountOf), Enumerable.Range(0, loaded.Count).Select(loaded.CountOf));
        Assert.Equal(symbols, loaded.Symbols with { Others = symbols.Others }); // records compare lists by reference
        Assert.Equal(symbols.Others, loaded.Symbols.Others);
        Assert.Equal((3, 6), (loaded.End, loaded.SymbolCount));
    }

    [Theory]
    [InlineData("", "the last line has no end")]
    [InlineData("something else\n", "line 1: found 'something else'")]
    [InlineData("rindoku vocabulary 1\t-1\n", "line 1")]
    [InlineData("rindoku vocabulary 1\t2\nword\t1\ta\n", "found 1 words; the first line says 2")]
    [InlineData("rindoku vocabulary 1\t1\nword\t1\ta", "the last line has no end")]
    [InlineData("rindoku vocabulary 1\t1\nword\ta\n", "line 2: found 2 fields")]
    [InlineData("rindoku vocabulary 1\t1\nword\t-3\ta\n", "line 2: found the count '-3'")]
    [InlineData("rindoku vocabulary 1\t1\nnoun\t3\ta\n", "line 2: found the kind 'noun'")]
    [InlineData("rindoku vocabulary 1\t1\nword\t3\t\n", "line 2: found the word ''")]
    [InlineData("rindoku vocabulary 1\t1\nword\t3\ta\\x\n", "line 2: found the word 'a\\x'")]
    [InlineData("rindoku vocabulary 1\t2\nword\t3\ta\nword\t3\ta\n", "two of the word 'a'")]
    [InlineData("rindoku vocabulary 1\t2\nword\t3\ta\nunknown\t3\tb\n", "line 2: found 'a'; needed symbols before words")]
    public void A_damaged_file_is_refused_with_the_place(string content, string problem)
    {
        FileFormatException error = Assert.Throws<FileFormatException>(() => Vocabulary.Load(Saved(content)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("words.txt", error.Message, StringComparison.Ordinal);
    }
}
