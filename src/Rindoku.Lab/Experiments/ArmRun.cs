using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>All that the training of one arm with one seed is given, its settings aside.</summary>
public sealed class RunContext
{
    /// <summary>The seed. Arms of the same seed are compared as a pair, so they should share data order and start values.</summary>
    public long Seed { get; init; }

    /// <summary>The folder of this run: checkpoints and artefacts go there.</summary>
    public required string Folder { get; init; }

    /// <summary>Where the data sets are.</summary>
    public DataDirectory Data { get; init; } = DataDirectory.Resolve();

    /// <summary>Whether the run goes on where an interrupted one stopped: trainers start from their last checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>Raised when the run is to stop: trainers then write a checkpoint and throw <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Told how far the run is.</summary>
    public IProgressSink Progress { get; init; } = NoProgress.Instance;

    /// <summary>Takes the metrics over time.</summary>
    public IMetricSink Metrics { get; init; } = NoMetrics.Instance;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>One arm trained with one seed: what the experiment is given.</summary>
/// <typeparam name="TSettings">The experiment's settings.</typeparam>
public sealed class ArmRun<TSettings> : ArmRun where TSettings : class
{
    internal ArmRun(TSettings values, ArmSettings settings, RunContext context) : base(settings, context) => Settings = values;

    /// <summary>The settings.</summary>
    public TSettings Settings { get; }
}

/// <summary>One arm trained with one seed, whatever the experiment's settings are; trainers take this.</summary>
public abstract class ArmRun
{
    private readonly ArmSettings settings;
    private readonly RunContext context;

    private protected ArmRun(ArmSettings settings, RunContext context)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(context);
        this.settings = settings;
        this.context = context;
        Rng = new Rng(context.Seed);
        SettingsHash = settings.Hash();
    }

    /// <summary>The name of the arm.</summary>
    public string Arm => settings.Arm.Name;

    /// <summary>The profile.</summary>
    public Profile Profile => settings.Profile;

    /// <summary>The seed.</summary>
    public long Seed => context.Seed;

    /// <summary>
    /// The source of all randomness of the run. Split it by purpose (<c>run.Rng.Split("weights")</c>): arms of the same seed then
    /// draw the same numbers for the same purpose, which is what makes them a pair.
    /// </summary>
    public Rng Rng { get; }

    /// <summary>Where the data sets are.</summary>
    public DataDirectory Data => context.Data;

    /// <summary>The folder of this run.</summary>
    public string Folder => context.Folder;

    /// <summary>Whether trainers start from their last checkpoint.</summary>
    public bool Resume => context.Resume;

    /// <summary>Raised when the run is to stop.</summary>
    public CancellationToken Stop => context.Stop;

    /// <summary>Told how far the run is.</summary>
    public IProgressSink Progress => context.Progress;

    /// <summary>Takes the metrics over time.</summary>
    public IMetricSink Metrics => context.Metrics;

    /// <summary>The clock.</summary>
    public TimeProvider Time => context.Time;

    /// <summary>A fingerprint of arm, profile and settings.</summary>
    public string SettingsHash { get; }

    internal IReadOnlyList<SettingValue> ListSettings() => settings.List();

    /// <summary>Records a metric at a step; trainers do this by themselves.</summary>
    public void Log(string metric, long step, double value) => context.Metrics.Record(metric, step, value);
}
