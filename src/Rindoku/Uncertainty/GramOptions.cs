namespace Rindoku.Uncertainty;

/// <summary>Which numbers are taken from a Gram matrix, <c>G^p = F^(p) F^(p)ᵀ</c>.</summary>
public enum GramStatistic
{
    /// <summary>The sum of each row, C numbers: what the authors' published code takes.</summary>
    RowSums,

    /// <summary>Each entry of the upper triangle with the diagonal, C (C + 1) / 2 numbers: what the paper's text takes. Far more memory.</summary>
    UpperTriangle,
}

/// <summary>How a detector by Gram matrices is made.</summary>
public sealed record GramOptions
{
    /// <summary>The orders are p = 1 ... this number.</summary>
    public int Orders { get; init; } = 10;

    /// <summary>Which numbers are taken from each matrix.</summary>
    public GramStatistic Statistic { get; init; }

    /// <summary>Which part of the validation inputs the threshold lets through, from above 0 to 1.</summary>
    public double KeptInside { get; init; } = 0.95;

    /// <summary>How many inputs go through the model at once.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Which of the model's steps are looked at, by name (<c>layer1.0.conv1</c>); null for all.</summary>
    public Func<string, bool>? Layers { get; init; }
}
