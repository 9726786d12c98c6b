namespace Rindoku.Lab.Runs;

/// <summary>How a run stands.</summary>
public enum RunStatus
{
    /// <summary>A process works on it, or was killed while it did.</summary>
    Running,

    /// <summary>It has come to its end.</summary>
    Done,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>It was asked to stop; it can be resumed.</summary>
    Interrupted,
}

/// <summary>What a run is when it starts.</summary>
/// <param name="Paper">The paper's slug.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Seed">The seed.</param>
/// <param name="SettingsJson">The settings as JSON.</param>
/// <param name="SettingsHash">Their fingerprint.</param>
public sealed record RunStart(string Paper, string Arm, Profile Profile, long Seed, string SettingsJson, string SettingsHash);

/// <summary>A run as the store knows it.</summary>
public sealed record RunRecord
{
    /// <summary>Its number, as <c>rindoku runs show</c> takes it.</summary>
    public required long Id { get; init; }

    /// <summary>The paper's slug.</summary>
    public required string Paper { get; init; }

    /// <summary>The arm.</summary>
    public required string Arm { get; init; }

    /// <summary>The profile.</summary>
    public required Profile Profile { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The settings as JSON.</summary>
    public required string SettingsJson { get; init; }

    /// <summary>The fingerprint of arm, profile and settings.</summary>
    public required string SettingsHash { get; init; }

    /// <summary>The git commit of the program, or empty.</summary>
    public required string Commit { get; init; }

    /// <summary>The machine.</summary>
    public required string Machine { get; init; }

    /// <summary>The versions of library and runtime.</summary>
    public required string Versions { get; init; }

    /// <summary>When it started, or was resumed for the last time.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How it stands.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Why it failed, or empty.</summary>
    public string Error { get; init; } = "";

    /// <summary>Its folder, full path.</summary>
    public required string Folder { get; init; }
}

/// <summary>One value of a metric.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Step">The step.</param>
/// <param name="Value">The value.</param>
public readonly record struct MetricPoint(string Metric, long Step, double Value);

/// <summary>A file that a run wrote.</summary>
/// <param name="Name">What it is.</param>
/// <param name="File">Its name in the run's folder.</param>
public sealed record Artefact(string Name, string File);

/// <summary>Which runs to list; what is null is not asked for.</summary>
public sealed record RunFilter
{
    /// <summary>The paper's slug.</summary>
    public string? Paper { get; init; }

    /// <summary>The arm.</summary>
    public string? Arm { get; init; }

    /// <summary>The profile.</summary>
    public Profile? Profile { get; init; }

    /// <summary>How they stand.</summary>
    public RunStatus? Status { get; init; }

    /// <summary>At most so many, the newest first.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>Runs side by side.</summary>
/// <param name="Runs">The runs.</param>
/// <param name="Settings">The settings in which they differ: name and, run by run, the value ("" where a run has no such setting).</param>
/// <param name="Results">Every result: name and, run by run, the value, or null.</param>
public sealed record RunComparison(
    IReadOnlyList<RunRecord> Runs,
    IReadOnlyList<(string Name, string[] Values)> Settings,
    IReadOnlyList<(string Name, double?[] Values)> Results);
