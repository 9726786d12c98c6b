namespace Rindoku.Nn.Decoding;

/// <summary>How a beam search scores, prunes and ends.</summary>
/// <remarks>
/// <c>s(Y, X) = log P(Y | X) / lp(Y) + cp(X, Y)</c>, <c>lp(Y) = ((5 + |Y|) / 6)^α</c>, <c>cp = β Σ_i log min(Σ_j p_ij, 1)</c> for the
/// attention p_ij of target token j on source token i. |Y| counts the end symbol. Source: Wu et al. 2016, arXiv:1609.08144, section 7.
/// </remarks>
/// <param name="Begin">The token before the first.</param>
/// <param name="End">The token that ends a sequence.</param>
public sealed record BeamSettings(int Begin, int End)
{
    /// <summary>The floor of a source token's attention in the coverage penalty, so that one that was never looked at costs much but not everything.</summary>
    private const double LeastCoverage = 1e-10;

    /// <summary>How many sequences are followed side by side, at least 1; 1 is greedy search.</summary>
    public int Width { get; init; } = 4;

    /// <summary>The most tokens of a sequence, the end symbol included.</summary>
    public int Longest { get; init; } = 100;

    /// <summary>α: how much longer sequences are favoured; 0 not at all.</summary>
    public double LengthPower { get; init; } = 0.6;

    /// <summary>β: how much is taken off for source tokens that were looked at too little; 0 nothing. Above 0 the step must give attention.</summary>
    public double CoverageWeight { get; init; }

    /// <summary>
    /// The paper's beam size: tokens whose log-probability is more than this below that of the sequence's best next token are dropped, and, once a
    /// sequence has ended, sequences whose score so far is more than this below the best. Infinity, which is the default, drops none; the paper has 3.
    /// </summary>
    public double PruneMargin { get; init; } = double.PositiveInfinity;

    /// <summary><c>lp = ((5 + length) / 6)^α</c>.</summary>
    public double LengthPenalty(int length) => Math.Pow((5 + length) / 6.0, LengthPower);

    /// <summary><c>cp = β Σ_i log min(Σ_j p_ij, 1)</c>.</summary>
    /// <param name="attention">A row for each target token, as long as the source.</param>
    public double CoveragePenalty(IReadOnlyList<float[]> attention)
    {
        ArgumentNullException.ThrowIfNull(attention);
        if (CoverageWeight == 0 || attention.Count == 0) return 0;
        double sum = 0;
        for (int i = 0; i < attention[0].Length; i++) sum += Math.Log(Math.Clamp(attention.Sum(row => (double)row[i]), LeastCoverage, 1));
        return CoverageWeight * sum;
    }

    /// <summary>s, the score of a sequence that has ended.</summary>
    /// <param name="logProbability">log P(Y | X).</param>
    /// <param name="length">|Y|, the end symbol included.</param>
    /// <param name="attention">A row for each target token; empty where the model has none.</param>
    public double Score(double logProbability, int length, IReadOnlyList<float[]> attention) =>
        logProbability / LengthPenalty(length) + CoveragePenalty(attention);

    internal BeamSettings Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Longest);
        if (!(LengthPower >= 0)) throw new ArgumentOutOfRangeException(nameof(LengthPower), $"BeamSettings: LengthPower {LengthPower}; needed is 0 or more");
        if (!(CoverageWeight >= 0)) throw new ArgumentOutOfRangeException(nameof(CoverageWeight), $"BeamSettings: CoverageWeight {CoverageWeight}; needed is 0 or more");
        if (!(PruneMargin >= 0)) throw new ArgumentOutOfRangeException(nameof(PruneMargin), $"BeamSettings: PruneMargin {PruneMargin}; needed is 0 or more");
        return this;
    }
}
