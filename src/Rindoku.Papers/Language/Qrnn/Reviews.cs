using Rindoku.Data;
using Rindoku.Lab;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>What somebody says of a film.</summary>
/// <param name="Text">The words, with spaces between.</param>
/// <param name="Positive">Whether it praises.</param>
public sealed record Review(string Text, bool Positive);

/// <summary>Reviews to learn from and to measure with.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To measure with.</param>
internal sealed record ReviewTask(IReadOnlyList<Review> Train, IReadOnlyList<Review> Test)
{
    /// <summary>Loads or makes reviews; those of the grammar differ from seed to seed, their test reviews do not.</summary>
    public static ReviewTask Load(ArmRun<QrnnExperimentSettings> run)
    {
        QrnnExperimentSettings s = run.Settings;
        if (s.Reviews == ReviewSet.Grammar)
            return new ReviewTask(ReviewGrammar.Make(s.TrainingReviews, run.Rng.Split("reviews")), ReviewGrammar.Make(s.TestReviews, new Rng(0).Split("test reviews")));
        (IReadOnlyList<LabelledText> train, IReadOnlyList<LabelledText> test) = DataSets.Sst2(run.Data);
        Rng order = run.Rng.Split("reviews");
        return new ReviewTask([.. order.Permutation(train.Count).Take(s.TrainingReviews).Select(i => Of(train[i]))], [.. test.Take(s.TestReviews).Select(Of)]);

        static Review Of(LabelledText text) => new(text.Text, text.Label == 1);
    }
}

/// <summary>Reviews made by a small grammar, whose opinion is known: what is negated turns round, and of two opinions that which is not conceded counts.</summary>
public static class ReviewGrammar
{
    private static readonly string[] Things =
        ["plot", "acting", "music", "ending", "dialogue", "story", "cast", "direction", "pace", "script", "photography", "humour", "hero", "villain", "beginning", "idea"];

    private static readonly string[] Praise =
        ["good", "wonderful", "clever", "moving", "funny", "fresh", "brilliant", "charming", "gripping", "lovely", "honest", "splendid", "sharp", "warm", "bold", "fine"];

    private static readonly string[] Blame =
        ["bad", "dull", "silly", "tedious", "awful", "stale", "clumsy", "boring", "shallow", "ugly", "fake", "dreadful", "weak", "cold", "lazy", "poor"];

    private static readonly string[] Verbs = ["is", "was", "seems", "felt"], Degrees = ["very", "quite", "really", "rather", "so"], Negations = ["not", "never", "hardly", "anything but"];

    private static readonly string[] Openings =
        ["i saw it with a friend on a rainy evening ,", "after all that i had read of it ,", "to be honest ,", "this is the third film of the series , and", "two hours later i thought :"];

    /// <summary>Some reviews, one half of them praise, in random order.</summary>
    /// <param name="count">How many.</param>
    /// <param name="rng">The randomness.</param>
    public static IReadOnlyList<Review> Make(int count, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentNullException.ThrowIfNull(rng);
        return [.. rng.Permutation(count).Select(i => Write(i % 2 == 0, rng))];
    }

    /// <summary>A review that praises or blames.</summary>
    public static Review Write(bool positive, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        string body = rng.NextInt(5) switch
        {
            0 => Opinion(positive, rng),
            1 => $"{Opinion(positive, rng)} and {Opinion(positive, rng)}",
            2 => $"{Opinion(!positive, rng)} , but {Opinion(positive, rng)}",
            3 => $"although {Opinion(!positive, rng)} , {Opinion(positive, rng)}",
            _ => $"{Opinion(positive, rng)} , although {Opinion(!positive, rng)}",
        };
        return new Review(rng.NextInt(2) == 0 ? $"{Any(Openings, rng)} {body} ." : $"{body} .", positive);
    }

    private static string Opinion(bool positive, Rng rng)
    {
        bool negated = rng.NextInt(3) == 0;
        string degree = rng.NextInt(3) == 0 ? $"{Any(Degrees, rng)} " : "", negation = negated ? $"{Any(Negations, rng)} " : "";
        return $"the {Any(Things, rng)} {Any(Verbs, rng)} {negation}{degree}{Any(positive != negated ? Praise : Blame, rng)}";
    }

    private static string Any(string[] words, Rng rng) => words[rng.NextInt(words.Length)];
}
