using Rindoku.Lab.Reports;

namespace Rindoku.Lab;

/// <summary>How well a score of uncertainty tells examples from outside the training distribution from those inside it.</summary>
/// <param name="Auroc">The probability that one from outside scores higher than one from inside.</param>
/// <param name="AuprOut">Average precision where those from outside are to be found.</param>
/// <param name="AuprIn">Average precision where those from inside are to be found.</param>
/// <param name="TnrAt95">The part of those from outside that is refused at the threshold that lets 95 % of those from inside through.</param>
/// <param name="Accuracy">The best mean, over thresholds, of the parts of both that are told rightly.</param>
public sealed record Detection(double Auroc, double AuprOut, double AuprIn, double TnrAt95, double Accuracy)
{
    private const int Bins = 40;

    /// <summary>The part of those from outside that passes at the threshold that lets 95 % of those from inside through.</summary>
    public double FprAt95 => 1 - TnrAt95;

    /// <summary>Measures a score.</summary>
    /// <param name="inside">The scores of examples like those in training; low is right.</param>
    /// <param name="outside">The scores of others; high is right.</param>
    /// <exception cref="ArgumentException">One of them is empty, or a score is NaN.</exception>
    public static Detection Of(ReadOnlySpan<float> inside, ReadOnlySpan<float> outside)
    {
        float[] scores = [.. inside, .. outside], turned = Array.ConvertAll(scores, score => -score);
        bool[] isOutside = new bool[scores.Length], isInside = new bool[scores.Length];
        for (int i = 0; i < scores.Length; i++) isInside[i] = !(isOutside[i] = i >= inside.Length);
        return new Detection(Ranking.Auroc(scores, isOutside), Ranking.Aupr(scores, isOutside), Ranking.Aupr(turned, isInside),
            1 - Ranking.FalsePositiveRateAt(turned, isInside), Ranking.BalancedAccuracy(scores, isOutside));
    }

    /// <summary>The figures as metrics of a run: <c>auroc letters</c>, <c>tnr at 95 letters</c> and so on.</summary>
    /// <param name="outside">The name of the set from outside.</param>
    public IEnumerable<KeyValuePair<string, double>> Metrics(string outside) =>
    [
        new($"auroc {outside}", Auroc), new($"aupr out {outside}", AuprOut), new($"aupr in {outside}", AuprIn),
        new($"tnr at 95 {outside}", TnrAt95), new($"detection accuracy {outside}", Accuracy),
    ];

    /// <summary>How the scores of several sets are spread: the part of each set in each of equally wide bins.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="score">What the score is.</param>
    /// <param name="sets">The scores of each set, by its name; the one from inside first.</param>
    public static LineChart Histogram(string title, string score, IReadOnlyList<(string Name, float[] Scores)> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        float[] finite = [.. sets.SelectMany(set => set.Scores).Where(float.IsFinite)];
        (double low, double high) = finite.Length == 0 ? (0, 1) : (finite.Min(), finite.Max());
        double width = high > low ? (high - low) / Bins : 1;
        double[] middles = [.. Enumerable.Range(0, Bins).Select(b => low + (b + 0.5) * width)];
        return new LineChart(title, score, new Axis("part of the set", "%"), [.. sets.Select(set => new LineSeries(set.Name, middles, Parts(set.Scores)))]);

        double[] Parts(float[] scores)
        {
            double[] parts = new double[Bins];
            foreach (float s in scores)
                if (!float.IsNaN(s)) parts[(int)Math.Clamp((s - low) / width, 0, Bins - 1)] += 100.0 / scores.Length;
            return parts;
        }
    }
}
