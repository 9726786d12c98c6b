using System.ComponentModel;
using Rindoku.Lab;

namespace Rindoku.Papers.Tests.Cli.Fixture;

public sealed record FixtureSettings
{
    [Description("what the ours arm gains")]
    public double Gain { get; init; } = 1;
}

/// <summary>A paper whose runs take no time, so that all verdicts and every kind of end can be had at once.</summary>
public sealed class FixtureExperiment : Experiment<FixtureSettings>
{
    /// <summary>Whether one of the claims fails.</summary>
    public bool Fails { get; init; }

    /// <summary>Thrown by every run.</summary>
    public Exception? Error { get; init; }

    public override IReadOnlyList<Arm> Arms { get; } = [new("ours", "the paper's"), new("theirs", "the baseline")];

    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Paired("better", "Ours is better", "score", Better.Higher, "ours", "theirs", 0),
        Claim.Paired("unclear", "Ours is steadier", "noise", Better.Higher, "ours", "theirs", 0),
        .. Fails ? [Claim.Paired("much", "Ours is better by 5", "score", Better.Higher, "ours", "theirs", 5)] : (Claim[])[],
    ];

    protected override FixtureSettings Settings(Profile profile, string arm) => new() { Gain = arm == "ours" ? 1 : 0 };

    protected override ArmResult Run(ArmRun<FixtureSettings> run)
    {
        if (Error is not null) throw Error;
        run.Log("train/loss", 1, 0.5);
        double jitter = run.Rng.Split("jitter").NextDouble() / 10, noise = run.Rng.Split(run.Arm).NextDouble() - 0.5;
        File.WriteAllText(Path.Combine(run.Folder, "words.txt"), "what the run wrote");
        return new ArmResult { Artefacts = { ["words"] = "words.txt" }, ["score"] = run.Settings.Gain + jitter * run.Settings.Gain, ["noise"] = noise };
    }
}
