using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class WordPieceTests
{
    private static Vocabulary Of(params string[] pieces) => new(pieces.Select(piece => KeyValuePair.Create(piece, 1L)), SpecialSymbols.OnlyUnknown);

    private static string Pieces(WordPieceTokenizer tokenizer, string text) => string.Join(' ', tokenizer.Encode(text).Select(tokenizer.Show));

    [Fact]
    public void The_papers_example()
    {
        WordPieceTokenizer tokenizer = new(Of("▁J", "et", "▁makers", "▁fe", "ud", "▁", "e", "u"));
        Assert.Equal("▁J et ▁makers ▁fe ud", Pieces(tokenizer, "Jet makers feud"));
        Assert.Equal("Jet makers feud", tokenizer.Decode(tokenizer.Encode("Jet makers feud")));
    }

    [Fact]
    public void The_longest_piece_is_taken_from_the_left_even_where_that_costs_a_piece()
    {
        WordPieceTokenizer tokenizer = new(Of("▁", "▁ab", "▁abc", "cde", "d", "e", "c"));
        Assert.Equal("▁abc d e", Pieces(tokenizer, "abcde")); // ▁ab cde would be two pieces
    }

    [Fact]
    public void Unknown_characters_and_marks_of_the_text_become_the_symbol()
    {
        WordPieceTokenizer tokenizer = new(Of("▁", "a"));
        Assert.Equal("▁ a <unk> a <unk>", Pieces(tokenizer, "a👍a▁"));
        Assert.Equal("a<unk>a", tokenizer.Decode(tokenizer.Encode("a👍a")));
        Assert.Contains("U+0062", Assert.Throws<KeyNotFoundException>(() => new WordPieceTokenizer(new Vocabulary([KeyValuePair.Create("▁", 1L)])).Encode("b")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new WordPieceTokenizer(Of("a▁")));
    }

    [Fact]
    public void The_first_merge_is_that_of_the_highest_score()
    {
        // Once ▁ x x x, four times ▁ a b. Pairs: (▁, a) 4, (a, b) 4, (▁, x) 1, (x, x) 2. N = 16; c(▁) = 5, c(a) = c(b) = 4, c(x) = 3.
        // (a, b): 4 log(4·16/16) = 5.545; (▁, a): 4 log(4·16/20) = 4.653; (x, x): 2 log(2·16/9) = 2.537.
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Train("xxx ab ab ab ab", 1 + 4 + 2);
        Assert.Equal(["<unk>", "▁", "a", "b", "x", "ab", "▁ab"], Enumerable.Range(0, 7).Select(tokenizer.Show));
        Assert.Equal(4, tokenizer.Vocabulary.CountOf(6));
    }

    [Fact]
    public void Every_character_is_a_piece_and_rare_characters_are_not()
    {
        string text = Novel.Load()[..20_000];
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Train(text, 600);
        Assert.Equal(600, tokenizer.Count);
        Assert.DoesNotContain(tokenizer.Vocabulary.Unknown, tokenizer.Encode(text));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        WordPieceTokenizer narrow = WordPieceTokenizer.Train(text, 300, characters: 20);
        Assert.Equal(21, Enumerable.Range(0, narrow.Count).Count(id => narrow.Show(id).Length == 1)); // the mark, too
        Assert.Contains(narrow.Vocabulary.Unknown, narrow.Encode(text));
        Assert.Throws<ArgumentOutOfRangeException>(() => WordPieceTokenizer.Train(text, 10));
    }

    [Fact]
    public void More_merges_only_add_pieces_and_never_need_more_of_them_for_the_training_text()
    {
        string text = Novel.Load()[..8000];
        WordPieceTokenizer few = WordPieceTokenizer.Train(text, 150), more = WordPieceTokenizer.Train(text, 300);
        for (int id = 0; id < few.Count; id++) Assert.Equal(few.Show(id), more.Show(id));
        Assert.InRange(FewestPieces(more, text), 1, FewestPieces(few, text) - 1);
    }

    /// <summary>The fewest pieces that the words of a text can be cut into.</summary>
    private static int FewestPieces(WordPieceTokenizer tokenizer, string text)
    {
        string marked = (" " + text).Replace(' ', WordPieceTokenizer.WordStart);
        int[] fewest = new int[marked.Length + 1];
        for (int end = 1; end <= marked.Length; end++)
        {
            fewest[end] = int.MaxValue;
            for (int start = Math.Max(0, end - 30); start < end; start++)
                if (tokenizer.Vocabulary.Contains(marked[start..end])) fewest[end] = Math.Min(fewest[end], fewest[start] + 1);
        }
        return fewest[^1];
    }
}
