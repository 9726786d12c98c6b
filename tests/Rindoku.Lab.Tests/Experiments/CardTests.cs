using Rindoku.Lab.Tests.Tiny;

namespace Rindoku.Lab.Tests.Experiments;

public sealed class CardTests
{
    [Fact]
    public void The_card_beside_an_experiment_is_read_whole()
    {
        Card card = new TinyExperiment().Card;
        Assert.Equal(("tiny", "A Tiny Model <of> \"Digits\" & Sums", "0000.00000", 2026, "Theory", "Test circle", ""),
            (card.Slug, card.Title, card.ArXiv, card.Year, card.Shelf, card.ReadingGroup, card.Code));
        Assert.Equal(["Ada Adams", "Ben Brown"], card.Authors);
        Assert.Equal("A weighted sum of pixels: nothing more.", card.English.Method);
        Assert.Equal("画素の重み付き和。", card.Lines("ja").Method);
        Assert.Equal("# How it works\n\nIt sums.", card.Body);
        Assert.Equal("目的", Card.Labels("ja")[0]);
    }

    [Fact]
    public void An_experiment_without_a_card_says_where_it_should_be() =>
        Assert.Contains("Rindoku.Lab.Tests.Experiments.card.md is missing", Assert.Throws<LabException>(() => Card.Load(typeof(CardTests))).Message, StringComparison.Ordinal);

    private const string Good = "---\nslug: a-1\ntitle: T\nyear: 2000\nauthors: A\naffiliation: U\nshelf: Vision\nen:\n  purpose: p\n  method: m\n  result: r\n  model: n\n  affiliation: u\n" +
        "ja:\n  purpose: p\n  method: m\n  result: r\n  model: n\n  affiliation: u\n---\nbody";

    [Theory]
    [InlineData("---\nslug", "***\nslug", "x, line 1: found '***'; needed a line '---' that opens the front matter")]
    [InlineData("\n---\nbody", "", "x, line 19: found the end of the file; needed a line '---' that closes the front matter")]
    [InlineData("title: T", "titel: T", "x, line 3: found 'titel'; needed one of slug, title, arxiv, year, authors, affiliation, code, reading-group, shelf, en, ja")]
    [InlineData("title: T", "slug: b", "x, line 3: found a second 'slug'; needed each key once")]
    [InlineData("title: T", "title T", "x, line 3: found 'title T'; needed key: value")]
    [InlineData("title: T\n", "", "x: the front matter lacks 'title'")]
    [InlineData("year: 2000", "year: soon", "x, line 4: found year 'soon'; needed a number such as 2016")]
    [InlineData("slug: a-1", "slug: A_1", "x, line 2: found slug 'A_1'; needed lower-case letters, digits and hyphens only")]
    [InlineData("ja:\n  purpose: p\n", "ja:\n", "x: the front matter lacks 'ja: purpose'")]
    [InlineData("en:\n", "", "x, line 8: found an indented 'purpose'; needed 'en:' or 'ja:' above it")]
    public void A_slip_in_the_front_matter_is_an_error_with_its_line(string part, string instead, string expected)
    {
        Assert.Equal("body", Card.Parse(Good).Body);
        Assert.Equal(expected, Assert.Throws<LabException>(() => Card.Parse(Good.Replace(part, instead, StringComparison.Ordinal), "x")).Message);
    }
}
