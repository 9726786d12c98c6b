namespace Rindoku.Lab;

/// <summary>Which way a metric is better.</summary>
public enum Better
{
    /// <summary>Less is better: an error, a loss, a time.</summary>
    Lower,

    /// <summary>More is better: an accuracy, a score.</summary>
    Higher,
}

/// <summary>What a measurement says about a claim. It is computed, never typed.</summary>
public enum Verdict
{
    /// <summary>The whole 95 % interval lies on the claimed side of the bar.</summary>
    Holds,

    /// <summary>The whole 95 % interval lies on the other side.</summary>
    Fails,

    /// <summary>The interval has the bar in it: these runs cannot tell.</summary>
    NotShown,
}

/// <summary>Names of verdicts and directions.</summary>
public static class VerdictNames
{
    /// <summary><c>holds</c>, <c>fails</c> or <c>not shown</c>.</summary>
    public static string Name(this Verdict verdict) => verdict switch { Verdict.Holds => "holds", Verdict.Fails => "fails", _ => "not shown" };

    /// <summary><c>lower</c> or <c>higher</c>.</summary>
    public static string Name(this Better better) => better == Better.Lower ? "lower" : "higher";
}
