namespace Rindoku.Lab;

/// <summary>The results that a claim is judged by, found to be complete.</summary>
internal sealed class ClaimData
{
    private readonly Claim claim;
    private readonly Dictionary<string, IReadOnlyList<ArmResult>> results = [];

    public ClaimData(Claim claim, IReadOnlyDictionary<string, IReadOnlyList<ArmResult>> results, bool paired = true)
    {
        ArgumentNullException.ThrowIfNull(results);
        this.claim = claim;
        foreach (string arm in claim.Arms)
        {
            if (!results.TryGetValue(arm, out IReadOnlyList<ArmResult>? runs) || runs.Count == 0)
                throw new LabException($"Claim '{claim.Id}' needs runs of arm '{arm}'; there are runs of: {string.Join(", ", results.Keys)}.");
            this.results[arm] = runs;
        }
        Seeds = this.results.Values.Min(r => r.Count);
        if (paired && this.results.Values.Any(r => r.Count != Seeds))
            throw new LabException($"Claim '{claim.Id}' compares seed by seed, but the arms have different numbers of runs: " +
                string.Join(", ", this.results.Select(r => $"{r.Key} {r.Value.Count}")) + ".");
    }

    public int Seeds { get; }

    public ArmResult this[string arm, int seed] => results[arm][seed];

    public double[] Values(string arm) => [.. results[arm].Select(r => r[claim.Metric])];

    /// <summary>For each unit the difference of the two arms, averaged over the seeds.</summary>
    public float[] UnitDifferences(string treatment, string baseline, string units, double scale)
    {
        int count = UnitsOf(this[treatment, 0], treatment, units).Length;
        double[] sums = new double[count];
        for (int seed = 0; seed < Seeds; seed++)
        {
            float[] a = Checked(treatment, seed, units, scale, count), b = Checked(baseline, seed, units, scale, count);
            for (int u = 0; u < count; u++) sums[u] += (double)a[u] - b[u];
        }
        return [.. sums.Select(sum => (float)(scale * sum / Seeds))];
    }

    private float[] Checked(string arm, int seed, string units, double scale, int count)
    {
        ArmResult run = this[arm, seed];
        float[] values = UnitsOf(run, arm, units);
        if (values.Length != count)
            throw new LabException($"Claim '{claim.Id}': '{units}' of arm '{arm}' has {values.Length} units in run {seed}, others have {count}. " +
                "Units must be the same in all arms and seeds; leave them out of the claim if each seed has its own.");
        double mean = 0;
        foreach (float value in values) mean += value;
        mean *= scale / count;
        if (Math.Abs(mean - run[claim.Metric]) > 1e-4 * Math.Max(1, Math.Abs(mean)))
            throw new LabException($"Claim '{claim.Id}': the mean of '{units}' times {scale} is {mean:R}, but {claim.Metric} is {run[claim.Metric]:R}; " +
                "the units must be what the metric is the mean of.");
        return values;
    }

    private float[] UnitsOf(ArmResult run, string arm, string units) =>
        run.Units.TryGetValue(units, out float[]? values) && values.Length > 0 ? values
            : throw new LabException($"Claim '{claim.Id}', arm '{arm}': {Suggest.Unknown("array of units", units, run.Units.Keys)}");

    public ClaimResult Result((double Mean, Interval Interval) estimate, string method)
    {
        Dictionary<string, double[]> arms = claim.Arms.ToDictionary(arm => arm, Values);
        if (!double.IsFinite(estimate.Mean))
            return new ClaimResult(claim, arms, estimate.Mean, Interval.Unknown, Verdict.NotShown, "a run gave no finite number");
        return new ClaimResult(claim, arms, estimate.Mean, estimate.Interval, estimate.Interval.Judge(claim.Bar, claim.Better), method);
    }
}
