using Rindoku.Lab.Tests.Tiny;

namespace Rindoku.Lab.Tests.Claims;

public sealed class ClaimTests
{
    private static Dictionary<string, IReadOnlyList<ArmResult>> Results(double[] a, double[] b) => new()
    {
        ["a"] = [.. a.Select(v => new ArmResult { ["m"] = v })],
        ["b"] = [.. b.Select(v => new ArmResult { ["m"] = v })],
    };

    private static Claim Paired(Better better, double margin) => Claim.Paired("id", "A is better.", "m", better, "a", "b", margin);

    [Fact]
    public void A_paired_difference_has_Students_interval()
    {
        // Differences 1, 2, 3: mean 2, deviation 1, error 1/sqrt 3, times 4.30265 = 2.48414.
        ClaimResult result = Paired(Better.Higher, 0).Judge(Results([11, 22, 33], [10, 20, 30]));
        Assert.Equal(2, result.Difference, 1e-12);
        Assert.Equal(2 - 2.484138, result.Interval.Low, 1e-6);
        Assert.Equal(2 + 2.484138, result.Interval.High, 1e-6);
        Assert.Equal(Verdict.NotShown, result.Verdict);
        Assert.Equal([11, 22, 33], result.Arms["a"]);
        Assert.Equal("Student's t over 3 seeds", result.Method);
        Assert.Equal("a - b", result.Claim.Quantity);
    }

    // The interval of these differences is -0.484 to 4.484.
    [Theory]
    [InlineData(Better.Higher, -0.5, Verdict.Holds)]
    [InlineData(Better.Higher, -0.4, Verdict.NotShown)]
    [InlineData(Better.Higher, 4.4, Verdict.NotShown)]
    [InlineData(Better.Higher, 4.5, Verdict.Fails)]
    [InlineData(Better.Lower, -4.5, Verdict.Holds)]
    [InlineData(Better.Lower, -4.4, Verdict.NotShown)]
    [InlineData(Better.Lower, 0.4, Verdict.NotShown)]
    [InlineData(Better.Lower, 0.5, Verdict.Fails)]
    public void The_verdict_is_where_the_interval_lies(Better better, double margin, Verdict expected) =>
        Assert.Equal(expected, Paired(better, margin).Judge(Results([11, 22, 33], [10, 20, 30])).Verdict);

    [Fact]
    public void Equal_arms_show_nothing_at_margin_zero_and_hold_within_a_tolerance()
    {
        Assert.Equal(Verdict.NotShown, Paired(Better.Higher, 0).Judge(Results([1, 2, 3], [1, 2, 3])).Verdict);
        Assert.Equal(Verdict.Holds, Paired(Better.Higher, -0.1).Judge(Results([1, 2, 3], [1, 2, 3])).Verdict);
    }

    [Fact]
    public void One_seed_shows_nothing()
    {
        ClaimResult result = Paired(Better.Higher, 0).Judge(Results([5], [1]));
        Assert.Equal((4, Verdict.NotShown, Interval.Unknown), (result.Difference, result.Verdict, result.Interval));
    }

    [Fact]
    public void A_run_without_a_finite_number_shows_nothing()
    {
        ClaimResult result = Paired(Better.Higher, 0).Judge(Results([5, 5, double.NaN], [1, 1, 1]));
        Assert.Equal(Verdict.NotShown, result.Verdict);
        Assert.Equal("a run gave no finite number", result.Method);
    }

    [Fact]
    public void A_ratio_is_judged_on_its_logarithm()
    {
        // Ratios e^-1, e^-2, e^-3.
        Dictionary<string, IReadOnlyList<ArmResult>> results = Results([Math.Exp(-1), 2 * Math.Exp(-2), 3 * Math.Exp(-3)], [1, 2, 3]);
        ClaimResult result = Claim.Ratio("time", "A takes at most twice the time.", "m", Better.Lower, "a", "b", margin: 2).Judge(results);
        Assert.Equal(Math.Exp(-2), result.Difference, 1e-12);
        Assert.Equal(Math.Exp(-2 - 2.484138), result.Interval.Low, 1e-6);
        Assert.Equal(Math.Exp(-2 + 2.484138), result.Interval.High, 1e-5);
        Assert.Equal(Verdict.Holds, result.Verdict);
        Assert.Equal("a / b", result.Claim.Quantity);
    }

    [Fact]
    public void Unpaired_arms_are_compared_by_Welchs_test()
    {
        // Means 2 and 5, variances of the means 1/3 and 5/3: error sqrt 2, degrees of freedom 4 / (1/18 + 25/27) = 4.07547.
        ClaimResult result = Claim.Unpaired("id", "A is lower.", "m", Better.Lower, "a", "b").Judge(Results([1, 2, 3], [2, 4, 6, 8]));
        double half = StudentT.Quantile(0.975, 4.0754716981) * Math.Sqrt(2);
        Assert.Equal(-3, result.Difference, 1e-12);
        Assert.Equal(-3 - half, result.Interval.Low, 1e-8);
        Assert.Equal(-3 + half, result.Interval.High, 1e-8);
        Assert.Equal("Welch's t over 3 and 4 seeds", result.Method);
    }

    [Fact]
    public void A_level_and_a_statistic_are_judged_against_their_bar()
    {
        Dictionary<string, IReadOnlyList<ArmResult>> results = Results([10, 11, 12], [0, 1, 2]);
        Assert.Equal(Verdict.Holds, Claim.Level("level", "A is at least 8.", "m", Better.Higher, "a", 8).Judge(results).Verdict);
        Assert.Equal(Verdict.Fails, Claim.Level("level", "A is at most 8.", "m", Better.Lower, "a", 8).Judge(results).Verdict);
        ClaimResult gap = Claim.Statistic("gap", "The gap is at least 9.", "m", Better.Higher, ["a", "b"], "gap", s => s["a"]["m"] - s["b"]["m"], 9).Judge(results);
        Assert.Equal((10, Verdict.Holds, "gap"), (gap.Difference, gap.Verdict, gap.Claim.Quantity));
    }

    [Theory, InlineData(100, 0, Verdict.Holds), InlineData(101, 0, Verdict.Fails), InlineData(101, 1, Verdict.Holds), InlineData(double.NaN, 1, Verdict.Fails)]
    public void An_exact_claim_needs_no_runs(double actual, double tolerance, Verdict expected)
    {
        ClaimResult result = Claim.Exact("count", "It has 100.", "parameters", 100, () => actual, tolerance).Judge(new Dictionary<string, IReadOnlyList<ArmResult>>());
        Assert.Equal(expected, result.Verdict);
        Assert.Equal([100], result.Arms["expected"]);
    }

    [Fact]
    public void Missing_arms_metrics_and_pairs_are_errors_that_name_them()
    {
        Claim claim = Paired(Better.Higher, 0);
        Assert.Contains("needs runs of arm 'b'", Assert.Throws<LabException>(() => claim.Judge(
            new Dictionary<string, IReadOnlyList<ArmResult>> { ["a"] = [new ArmResult { ["m"] = 1 }] })).Message, StringComparison.Ordinal);
        Assert.Contains("different numbers of runs: a 2, b 1", Assert.Throws<LabException>(() => claim.Judge(Results([1, 2], [1]))).Message, StringComparison.Ordinal);
        Assert.Equal("There is no metric 'accurcy'. Did you mean 'accuracy'? Known: accuracy.",
            Assert.Throws<LabException>(() => new ArmResult { ["accuracy"] = 1 }["accurcy"]).Message);
    }

    [Fact]
    public void Units_must_be_those_of_the_metric()
    {
        Claim claim = Claim.Paired("id", "A is better.", "m", Better.Higher, "a", "b", units: "u");
        Assert.Contains("There is no array of units 'u'", Assert.Throws<LabException>(() => claim.Judge(Results([1, 2], [1, 2]))).Message, StringComparison.Ordinal);
        Assert.Contains("must be what the metric is the mean of", Assert.Throws<LabException>(() => claim.Judge(WithUnits([1, 1, 1], 0.5))).Message, StringComparison.Ordinal);

        static Dictionary<string, IReadOnlyList<ArmResult>> WithUnits(float[] units, double metric)
        {
            ArmResult run = new() { ["m"] = metric, Units = { ["u"] = units } };
            return new() { ["a"] = [run, run], ["b"] = [run, run] };
        }
    }

    [Fact]
    public void The_document_of_a_verification_is_that_of_the_contract()
    {
        PaperVerification paper = new("tiny", 1.5, [Paired(Better.Higher, -1).Judge(Results([5], [4.5])), .. new TinyExperiment().Claims(Profile.Quick).Skip(1).Select(c => c.Judge(new Dictionary<string, IReadOnlyList<ArmResult>>()))], []);
        using var document = System.Text.Json.JsonDocument.Parse(new Verification(Profile.Quick, MachineInfo.Current, [paper]).ToJson());
        var root = document.RootElement;
        Assert.Equal("quick", root.GetProperty("profile").GetString());
        Assert.Equal(MachineInfo.Current.ToString(), root.GetProperty("machine").GetString());
        var claim = root.GetProperty("papers")[0].GetProperty("claims")[0];
        Assert.Equal("tiny", root.GetProperty("papers")[0].GetProperty("paper").GetString());
        Assert.Equal(["id", "statement", "metric", "better", "arms", "quantity", "difference", "ci95", "margin", "verdict", "method"], claim.EnumerateObject().Select(p => p.Name));
        Assert.Equal("higher", claim.GetProperty("better").GetString());
        Assert.Equal(4.5, claim.GetProperty("arms").GetProperty("b")[0].GetDouble());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, claim.GetProperty("ci95")[0].ValueKind);
        Assert.Equal("not shown", claim.GetProperty("verdict").GetString());
        Assert.Equal("holds", root.GetProperty("papers")[0].GetProperty("claims")[1].GetProperty("verdict").GetString());
    }
}
