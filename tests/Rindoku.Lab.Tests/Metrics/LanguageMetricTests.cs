namespace Rindoku.Lab.Tests.Metrics;

public sealed class LanguageMetricTests
{
    private static double Of(string candidate, string reference) =>
        Gleu.Sentence(candidate.Split(' ', StringSplitOptions.RemoveEmptyEntries), reference.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("the the the the the the the", "the cat is on the mat", 0.090909)] // 2 of 22
    [InlineData("the cat sat on the mat", "the cat is on the mat", 0.5)] // 5 + 3 + 1 + 0 of 18
    [InlineData("the cat", "the cat is on the mat", 1 / 6.0)] // 3 of 18
    [InlineData("the cat is on the mat", "the cat is on the mat", 1)]
    [InlineData("It is a guide to action which ensures that the military always obeys the commands of the party",
        "It is a guide to action that ensures that the military will forever heed Party commands", 0.439394)]
    [InlineData("", "the cat", 0)]
    [InlineData("", "", 0)]
    [InlineData("a b", "c d", 0)]
    public void Gleu_of_the_papers_examples_is_symmetric(string candidate, string reference, double expected)
    {
        Assert.Equal(expected, Of(candidate, reference), 1e-6);
        Assert.Equal(expected, Of(reference, candidate), 1e-6);
    }

    [Fact]
    public void Gleu_takes_tokens_and_corpora()
    {
        Assert.Equal(0.5, Gleu.Sentence([1, 2, 7, 4, 1, 5], [1, 2, 3, 4, 1, 5]), 1e-12);
        // 1 of 1 and 1 of 6 (three words, two pairs, one triple) make 2 of 7.
        Assert.Equal(2 / 7.0, Gleu.Corpus([["a"], ["x", "b", "y"]], [["a"], ["p", "b", "q"]]), 1e-12);
        Assert.Throws<ArgumentException>(() => Gleu.Corpus([], []));
        Assert.Throws<ArgumentException>(() => Gleu.Corpus([["a"]], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gleu.Sentence(["a"], ["a"], order: 0));
    }

    [Fact]
    public void Perplexity_of_a_fair_die_is_six_and_bits_are_of_what_is_counted()
    {
        Perplexity perplexity = new();
        Assert.Throws<InvalidOperationException>(() => perplexity.Value);
        perplexity.Add(3 * Math.Log(6), 3);
        perplexity.Add(7 * Math.Log(6), 7);
        Assert.Equal(6, perplexity.Value, 1e-12);
        Assert.Equal(10, perplexity.Tokens);
        Assert.Equal(Math.Log2(6), perplexity.BitsPerToken, 1e-12);
        Assert.Equal(10 * Math.Log2(6) / 40, perplexity.BitsPer(40), 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => perplexity.BitsPer(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => perplexity.Add(1, -1));
    }
}
