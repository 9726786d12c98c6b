using System.Text.Json;
using System.Text.RegularExpressions;
using Rindoku.Lab;

namespace Rindoku.Papers.Tests.Contract;

/// <summary>What every paper's card, arms, settings and claims must be.</summary>
public sealed partial class CardContractTests
{
    private static readonly string[] Shelves =
    [
        "Vision", "Generation", "Audio", "Language", "Memory", "Optimization", "Decisions", "Uncertainty", "FewLabels", "Transfer", "Scaling", "Security",
        "Sports", "Tabular", "Theory",
    ];

    private static readonly Profile[] AllProfiles = [Profile.Quick, Profile.Full, Profile.Paper];

    public static TheoryData<string> Papers => Catalogue.Papers;

    [Fact]
    public void Slugs_are_unique() => Assert.Distinct(PaperCatalogue.All.Select(paper => paper.Slug));

    [Theory, MemberData(nameof(Papers))]
    public void The_card_says_what_the_paper_is(string slug)
    {
        Card card = PaperCatalogue.Find(slug).Card;
        Assert.Matches(SlugForm(), card.Slug);
        Assert.NotEmpty(card.Title);
        Assert.NotEmpty(card.Authors);
        Assert.NotEmpty(card.Body);
        Assert.InRange(card.Year, 1943, 2100);
        Assert.Contains(card.Shelf, Shelves);
        Assert.Matches(ArXivForm(), card.ArXiv);
    }

    [Theory, MemberData(nameof(Papers))]
    public void The_card_has_the_five_lines_in_both_languages(string slug)
    {
        Card card = PaperCatalogue.Find(slug).Card;
        foreach (FiveLines lines in (FiveLines[])[card.English, card.Japanese])
            Assert.All([lines.Purpose, lines.Method, lines.Result, lines.ModelName, lines.Affiliation], line => Assert.False(string.IsNullOrWhiteSpace(line)));
        // A line that was left in English would still be a line.
        Assert.All([card.Japanese.Purpose, card.Japanese.Method, card.Japanese.Result], line => Assert.Matches(JapaneseLetter(), line));
    }

    [Theory, MemberData(nameof(Papers))]
    public void The_experiment_lies_on_the_cards_shelf(string slug)
    {
        Experiment paper = PaperCatalogue.Find(slug);
        Assert.StartsWith($"Rindoku.Papers.{paper.Card.Shelf}.", paper.GetType().Namespace, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Papers))]
    public void There_is_something_to_compare(string slug)
    {
        Experiment paper = PaperCatalogue.Find(slug);
        Assert.NotEmpty(paper.Arms);
        Assert.Distinct(paper.Arms.Select(arm => arm.Name));
        Assert.All(paper.Arms, arm => Assert.Matches(SlugForm(), arm.Name));
        Assert.All(paper.Arms, arm => Assert.NotEmpty(arm.Description));
    }

    [Theory, MemberData(nameof(Papers))]
    public void Claims_have_names_of_their_own_and_arms_that_exist(string slug)
    {
        Experiment paper = PaperCatalogue.Find(slug);
        foreach (Profile profile in AllProfiles)
        {
            IReadOnlyList<Claim> claims = paper.Claims(profile);
            Assert.NotEmpty(claims);
            Assert.Distinct(claims.Select(claim => claim.Id));
            Assert.All(claims, claim => Assert.NotEmpty(claim.Statement));
            Assert.All(claims.SelectMany(claim => claim.Arms), arm => Assert.Equal(arm, paper.Arm(arm).Name));
        }
    }

    [Theory, MemberData(nameof(Papers))]
    public void Verdicts_rest_on_three_seeds_or_more(string slug) =>
        Assert.All(AllProfiles, profile => Assert.InRange(PaperCatalogue.Find(slug).Seeds(profile), 3, 10));

    [Theory, MemberData(nameof(Papers))]
    public void Settings_are_listed_with_what_they_are_and_go_through_text_and_json_and_back(string slug)
    {
        Experiment paper = PaperCatalogue.Find(slug);
        foreach (Profile profile in AllProfiles)
            foreach (Arm arm in paper.Arms)
            {
                ArmSettings settings = paper.Settings(profile, arm.Name);
                Assert.NotEmpty(settings.List());
                Assert.All(settings.List(), setting => Assert.NotEmpty(setting.Description));
                ArmSettings throughText = paper.Settings(profile, arm.Name, settings.Overrides());
                Assert.Equal(settings.Hash(), throughText.Hash());
                Assert.Equal(settings.ToJson(), paper.Settings(profile, arm.Name, FromJson(settings.ToJson())).ToJson());
            }
    }

    // Written here once more on purpose, with the JSON reader of .NET: a slip in the lab's own reader would hide itself.
    private static IEnumerable<KeyValuePair<string, string>> FromJson(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, Text(p.Value)))];
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "none",
        JsonValueKind.Array => string.Join(",", value.EnumerateArray().Select(Text)),
        _ => value.ToString(),
    };

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex SlugForm();

    // The number since 2007 and the one before; empty where a paper is not on arXiv.
    [GeneratedRegex(@"^(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})?$")]
    private static partial Regex ArXivForm();

    [GeneratedRegex(@"[\p{IsHiragana}\p{IsKatakana}]")]
    private static partial Regex JapaneseLetter();
}
