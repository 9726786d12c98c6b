using System.Diagnostics;
using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class BytePairTests
{
    [Fact]
    public void Merges_by_hand()
    {
        // "aaabdaaabac": aa stands four times by its overlaps; then Zab... with Z = aa: (a, b) and (Z, a) twice each, and a < Z; then (Z, Y).
        BytePairTokenizer tokenizer = BytePairTokenizer.Train("aaabdaaabac", 3);
        Assert.Equal([('a', 'a'), ('a', 'b'), (256, 257)], tokenizer.Merges);
        Assert.Equal([258, 'd', 258, 'a', 'c'], tokenizer.Encode("aaabdaaabac"));
        Assert.Equal("aaab", tokenizer.Show(258));
        Assert.Equal(259, tokenizer.Count);
    }

    [Fact]
    public void Of_equally_frequent_pairs_that_of_smaller_tokens_comes_first()
    {
        Assert.Equal([('a', 'b')], BytePairTokenizer.Train("ba\nba\nab\nab", 1).Merges);
        Assert.Equal([('b', 'a')], BytePairTokenizer.Train("ba\nba\nba\nab\nab", 1).Merges);
    }

    [Fact]
    public void Training_is_what_counting_everything_anew_after_each_merge_gives()
    {
        string text = Novel.Load()[..3000];
        string[] split = [.. string.Concat(text.Where(c => char.IsLetter(c) || c == ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        string joined = string.Join('\n', split); // a word and a line end are chunks of their own
        List<int[]> words = [.. split.Select(word => word.Select(c => (int)c).ToArray())];
        List<(int, int)> expected = [];
        while (expected.Count < 60)
        {
            Dictionary<(int, int), int> counts = [];
            foreach (int[] word in words)
                for (int i = 0; i + 1 < word.Length; i++) counts[(word[i], word[i + 1])] = counts.GetValueOrDefault((word[i], word[i + 1])) + 1;
            (int, int) best = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key).First().Key;
            expected.Add(best);
            words = [.. words.Select(word => Naive(word, best, 255 + expected.Count))];
        }
        BytePairTokenizer tokenizer = BytePairTokenizer.Train(joined, 60);
        Assert.Equal(expected, tokenizer.Merges);
        Assert.Equal(words.SelectMany(word => word), tokenizer.Encode(joined).Where(token => token != '\n'));
    }

    private static int[] Naive(int[] word, (int Left, int Right) pair, int merged)
    {
        List<int> row = [.. word];
        for (int i = 0; i + 1 < row.Count; i++)
        {
            if (row[i] != pair.Left || row[i + 1] != pair.Right) continue;
            row[i] = merged;
            row.RemoveAt(i + 1);
        }
        return [.. row];
    }

    [Fact]
    public void No_merge_crosses_from_letters_to_digits_punctuation_or_a_line_end()
    {
        BytePairTokenizer tokenizer = BytePairTokenizer.Train(string.Concat(Enumerable.Repeat("ab12, ab12,\n", 50)), 100);
        Assert.Equal(["ab", "12", ",", " ab", "12", ",", "\n"], tokenizer.Encode("ab12, ab12,\n").Select(tokenizer.Show));
    }

    [Fact]
    public void A_long_run_ends_and_training_ends_with_the_pairs()
    {
        BytePairTokenizer tokenizer = BytePairTokenizer.Train(new string('a', 100_000), 1000);
        Assert.Equal(6, tokenizer.Merges.Count); // 2, 4, ... 64 letters
        Assert.Equal(100_000 / 64 + 1, tokenizer.Encode(new string('a', 100_000)).Length);
        Assert.Empty(BytePairTokenizer.Train("abc", 10).Merges);
    }

    [Fact]
    public void Merges_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new BytePairTokenizer([(256, 1)]));
        Assert.Throws<ArgumentException>(() => new BytePairTokenizer([(97, 98), (97, 98)]));
        Assert.Equal([256, 'c'], new BytePairTokenizer([('a', 'b')]).Encode("abc"));
        Assert.Equal("\uFFFD", new BytePairTokenizer([]).Decode([0xE6]));
        Assert.Equal([0xE6], new BytePairTokenizer([]).Bytes([0xE6]));
    }

    [Fact]
    public void A_text_of_four_hundred_kilobytes_trains_in_seconds()
    {
        string text = Novel.Load();
        Stopwatch watch = Stopwatch.StartNew();
        BytePairTokenizer tokenizer = BytePairTokenizer.Train(text, 2000);
        int[] tokens = tokenizer.Encode(text);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30); // about a second; the bound is for a machine that is busy
        Assert.Equal(2000, tokenizer.Merges.Count);
        Assert.Equal(text, tokenizer.Decode(tokens));
        Assert.InRange((double)text.Length / tokens.Length, 3, 6);
    }
}
