namespace Rindoku.Lab;

/// <summary>A difference of two arms, seed by seed.</summary>
internal sealed class PairedClaim(string id, string statement, string metric, Better better, string treatment, string baseline,
    double margin, string? units, double unitScale) : Claim(id, statement, metric, better, margin)
{
    public override IReadOnlyList<string> Arms { get; } = [treatment, baseline];

    public override string Quantity => $"{treatment} - {baseline}";

    public override double Bar => Better == Better.Higher ? Margin : -Margin;

    public override ClaimResult Judge(IReadOnlyDictionary<string, IReadOnlyList<ArmResult>> results)
    {
        ClaimData data = new(this, results);
        double[] differences = [.. Enumerable.Range(0, data.Seeds).Select(s => data[treatment, s][Metric] - data[baseline, s][Metric])];
        if (units is null) return data.Result(SeedMean.Of(differences), SeedMean.Method(data.Seeds));

        float[] unitDifferences = data.UnitDifferences(treatment, baseline, units, unitScale);
        return data.Result(SeedsAndUnits.Of(differences, unitDifferences, Id), SeedsAndUnits.Method(data.Seeds, unitDifferences.Length));
    }
}

/// <summary>A number for each seed, computed from one or several arms.</summary>
internal sealed class StatisticClaim(string id, string statement, string metric, Better better, double bar, IReadOnlyList<string> arms, string quantity,
    Func<IReadOnlyDictionary<string, ArmResult>, double> statistic, bool logarithmic = false) : Claim(id, statement, metric, better, bar)
{
    public override IReadOnlyList<string> Arms => arms;

    public override string Quantity => quantity;

    public override double Bar => Margin;

    public override ClaimResult Judge(IReadOnlyDictionary<string, IReadOnlyList<ArmResult>> results)
    {
        ClaimData data = new(this, results);
        double[] values = [.. Enumerable.Range(0, data.Seeds).Select(s => statistic(arms.ToDictionary(arm => arm, arm => data[arm, s])))];
        return logarithmic
            ? data.Result(SeedMean.Geometric(values), SeedMean.Method(data.Seeds) + ", on the logarithm of the ratio")
            : data.Result(SeedMean.Of(values), SeedMean.Method(data.Seeds));
    }
}

/// <summary>A difference of two arms whose seeds have nothing in common.</summary>
internal sealed class UnpairedClaim(string id, string statement, string metric, Better better, string treatment, string baseline, double margin)
    : Claim(id, statement, metric, better, margin)
{
    public override IReadOnlyList<string> Arms { get; } = [treatment, baseline];

    public override string Quantity => $"{treatment} - {baseline}";

    public override double Bar => Better == Better.Higher ? Margin : -Margin;

    public override ClaimResult Judge(IReadOnlyDictionary<string, IReadOnlyList<ArmResult>> results)
    {
        ClaimData data = new(this, results, paired: false);
        return data.Result(SeedMean.Welch(data.Values(treatment), data.Values(baseline)),
            $"Welch's t over {data.Values(treatment).Length} and {data.Values(baseline).Length} seeds");
    }
}

/// <summary>A number that is known.</summary>
internal sealed class ExactClaim(string id, string statement, string metric, double expected, Func<double> actual, double tolerance)
    : Claim(id, statement, metric, Better.Lower, tolerance)
{
    public override IReadOnlyList<string> Arms => [];

    public override string Quantity => "measured - expected";

    public override double Bar => Margin;

    public override ClaimResult Judge(IReadOnlyDictionary<string, IReadOnlyList<ArmResult>> results)
    {
        double measured = actual(), difference = measured - expected;
        bool holds = Math.Abs(difference) <= Margin; // false for NaN, as it should be
        Dictionary<string, double[]> arms = new() { ["expected"] = [expected], ["measured"] = [measured] };
        return new ClaimResult(this, arms, difference, new Interval(difference, difference), holds ? Verdict.Holds : Verdict.Fails, "exact");
    }
}
