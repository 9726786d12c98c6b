namespace Rindoku.Lab;

/// <summary>A sentence of the paper made measurable: which arms, which metric, which way, by how much.</summary>
/// <remarks>
/// <para>What is compared is one number for each seed; <see cref="Quantity"/> says which. Its 95 % interval is Student's over the
/// seeds: with the three to ten seeds that there are, resampling them would claim far too much (three seeds that agree in sign by
/// luck, one time in four, would always give an interval that excludes zero). Where runs yield numbers for the same units - test
/// images, problems - in every arm and seed, the units are resampled as well (<see cref="SeedsAndUnits"/>).</para>
/// <para>The claim holds if the whole interval lies beyond <see cref="Bar"/>, and fails if it lies wholly on the other side.</para>
/// </remarks>
public abstract class Claim
{
    private protected Claim(string id, string statement, string metric, Better better, double margin)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentException.ThrowIfNullOrEmpty(statement);
        ArgumentException.ThrowIfNullOrEmpty(metric);
        (Id, Statement, Metric, Better, Margin) = (id, statement, metric, better, margin);
    }

    /// <summary>A short name, one of its kind in the paper: <c>lesions</c>.</summary>
    public string Id { get; }

    /// <summary>The claim as a sentence.</summary>
    public string Statement { get; }

    /// <summary>The metric it is about.</summary>
    public string Metric { get; }

    /// <summary>Which way the metric is better.</summary>
    public Better Better { get; }

    /// <summary>How far the claim goes; see the kind of claim for what it is measured on.</summary>
    public double Margin { get; }

    /// <summary>The arms that are needed, in the order of the comparison.</summary>
    public abstract IReadOnlyList<string> Arms { get; }

    /// <summary>What is compared with <see cref="Bar"/>: <c>stochastic - constant</c>.</summary>
    public abstract string Quantity { get; }

    /// <summary>What the quantity must be beyond: above if higher is better, below if lower is.</summary>
    public abstract double Bar { get; }

    /// <summary>Computes the verdict.</summary>
    /// <param name="results">For each arm its results, the seeds in the same order.</param>
    /// <exception cref="LabException">An arm, a metric or an array of units is missing, or the arms have different numbers of seeds.</exception>
    public abstract ClaimResult Judge(IReadOnlyDictionary<string, IReadOnlyList<ArmResult>> results);

    /// <summary>One arm is better than another, seed by seed: <c>treatment - baseline</c>.</summary>
    /// <param name="id">A short name.</param>
    /// <param name="statement">The claim as a sentence.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="better">Which way it is better.</param>
    /// <param name="treatment">The arm that is claimed to be better.</param>
    /// <param name="baseline">The arm it is compared with.</param>
    /// <param name="margin">How much better it must be, at least; a negative margin allows it to be that much worse.</param>
    /// <param name="units">
    /// The name of <see cref="ArmResult.Units"/> whose mean, times <paramref name="unitScale"/>, is the metric. The units must be the
    /// same in every arm and seed; leave it out where each seed has its own, for then the spread over seeds tells all.
    /// </param>
    /// <param name="unitScale">What the mean of the units is multiplied with: 100 for a metric in percent.</param>
    public static Claim Paired(string id, string statement, string metric, Better better, string treatment, string baseline,
        double margin = 0, string? units = null, double unitScale = 1) =>
        new PairedClaim(id, statement, metric, better, treatment, baseline, margin, units, unitScale);

    /// <summary>One arm's metric is a multiple of another's, seed by seed: <c>treatment / baseline</c>; their geometric mean.</summary>
    /// <param name="id">A short name.</param>
    /// <param name="statement">The claim as a sentence.</param>
    /// <param name="metric">The metric; above zero in every run.</param>
    /// <param name="better">Which way it is better.</param>
    /// <param name="treatment">The arm that is claimed to be better.</param>
    /// <param name="baseline">The arm it is compared with.</param>
    /// <param name="margin">The ratio that must be cleared: 0.92 for "at most 0.92 times the time".</param>
    public static Claim Ratio(string id, string statement, string metric, Better better, string treatment, string baseline, double margin = 1) =>
        new StatisticClaim(id, statement, metric, better, margin, [treatment, baseline], $"{treatment} / {baseline}",
            seed => seed[treatment][metric] / seed[baseline][metric], logarithmic: true);

    /// <summary>One arm is better than another, where the seeds of the two have nothing in common (Welch's form of Student's t).</summary>
    /// <param name="id">A short name.</param>
    /// <param name="statement">The claim as a sentence.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="better">Which way it is better.</param>
    /// <param name="treatment">The arm that is claimed to be better.</param>
    /// <param name="baseline">The arm it is compared with.</param>
    /// <param name="margin">How much better it must be, at least; a negative margin allows it to be that much worse.</param>
    public static Claim Unpaired(string id, string statement, string metric, Better better, string treatment, string baseline, double margin = 0) =>
        new UnpairedClaim(id, statement, metric, better, treatment, baseline, margin);

    /// <summary>One arm's metric clears a number.</summary>
    /// <param name="id">A short name.</param>
    /// <param name="statement">The claim as a sentence.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="better">Higher for "at least", lower for "at most".</param>
    /// <param name="arm">The arm.</param>
    /// <param name="level">The number.</param>
    public static Claim Level(string id, string statement, string metric, Better better, string arm, double level) =>
        new StatisticClaim(id, statement, metric, better, level, [arm], arm, seed => seed[arm][metric]);

    /// <summary>A number computed, for each seed, from the results of all arms clears a bar: a slope over sizes, a gap between gaps.</summary>
    /// <param name="id">A short name.</param>
    /// <param name="statement">The claim as a sentence.</param>
    /// <param name="metric">The metric it is computed from.</param>
    /// <param name="better">Which way the number is better.</param>
    /// <param name="arms">The arms that it is computed from.</param>
    /// <param name="quantity">What the number is, in words.</param>
    /// <param name="statistic">From the results of the arms with one seed to the number.</param>
    /// <param name="bar">What must be cleared.</param>
    public static Claim Statistic(string id, string statement, string metric, Better better, IReadOnlyList<string> arms, string quantity,
        Func<IReadOnlyDictionary<string, ArmResult>, double> statistic, double bar) =>
        new StatisticClaim(id, statement, metric, better, bar, arms, quantity, statistic);

    /// <summary>A number has a given value: a count of parameters, an identity. It is computed on the spot, without any run.</summary>
    /// <param name="id">A short name.</param>
    /// <param name="statement">The claim as a sentence.</param>
    /// <param name="metric">What the number is.</param>
    /// <param name="expected">The value that the paper gives.</param>
    /// <param name="actual">Computes the value that we have.</param>
    /// <param name="tolerance">How far they may differ.</param>
    public static Claim Exact(string id, string statement, string metric, double expected, Func<double> actual, double tolerance = 0) =>
        new ExactClaim(id, statement, metric, expected, actual, tolerance);
}

/// <summary>A claim with its verdict and the figures that it rests on.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Arms">For each arm the metric, seed by seed.</param>
/// <param name="Difference">The quantity compared: its mean over seeds, the geometric mean for a ratio.</param>
/// <param name="Interval">Its 95 % interval.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Method">How the interval was computed, in words.</param>
public sealed record ClaimResult(Claim Claim, IReadOnlyDictionary<string, double[]> Arms, double Difference, Interval Interval, Verdict Verdict, string Method);
