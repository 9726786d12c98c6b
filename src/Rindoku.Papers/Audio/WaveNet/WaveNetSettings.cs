using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>What is learned.</summary>
public enum SoundKind
{
    /// <summary>Noise with an echo after 50 samples: what is new in it cannot be told from few samples.</summary>
    Echo,

    /// <summary>Vowels of three made-up voices: pulses through resonances, with noise.</summary>
    Vowels,

    /// <summary>Prompts of a telephone exchange, spoken by one woman (the data set speech-prompts).</summary>
    Prompts,

    /// <summary>Digits spoken by five men (the data set fsdd).</summary>
    Digits,
}

/// <summary>What can be set in a run of WaveNet.</summary>
public sealed record WaveNetSettings : IValidatableObject
{
    /// <summary>What is learned.</summary>
    [Description("what is learned: echo and vowels are made, prompts and digits are recordings in the data folder")]
    public SoundKind Sound { get; init; } = SoundKind.Echo;

    /// <summary>K.</summary>
    [Range(2, 65_536), Description("classes of a sample, by the mu-law")]
    public int Levels { get; init; } = 64;

    /// <summary>Residual channels.</summary>
    [Range(1, 4096), Description("residual channels")]
    public int Channels { get; init; } = 24;

    /// <summary>Skip channels.</summary>
    [Range(1, 4096), Description("skip channels")]
    public int SkipChannels { get; init; } = 48;

    /// <summary>Blocks.</summary>
    [Range(1, 100), Description("how often the dilations 1, 2, 4, ... are repeated")]
    public int Blocks { get; init; } = 1;

    /// <summary>Layers of a block.</summary>
    [Range(1, 20), Description("layers of a block")]
    public int Layers { get; init; } = 7;

    /// <summary>Whether dilations grow.</summary>
    [Description("whether dilations grow; otherwise all are 1")]
    public bool Dilated { get; init; } = true;

    /// <summary>Whether the last layer has a residual output.</summary>
    [Description("whether the last layer has a residual output that nothing reads, as well-known code has and counts")]
    public bool LastResidual { get; init; }

    /// <summary>Global conditioning.</summary>
    [Description("whether the network is told whose voice it is (global conditioning)")]
    public bool Voices { get; init; }

    /// <summary>Local conditioning.</summary>
    [Description("whether the network is told what is said, frame by frame (local conditioning)")]
    public bool Frames { get; init; }

    /// <summary>Samples of a training piece.</summary>
    [Range(SoundTask.FrameLength, 1_000_000), Description("samples of a training piece, a multiple of 64")]
    public int Crop { get; init; } = 1024;

    /// <summary>Pieces of a step.</summary>
    [Range(1, 10_000), Description("pieces of a step")]
    public int BatchSize { get; init; } = 4;

    /// <summary>Training steps.</summary>
    [Range(1, int.MaxValue), Description("training steps")]
    public int Steps { get; init; } = 300;

    /// <summary>Adam's rate.</summary>
    [Range(0, double.MaxValue), Description("Adam's rate; a sixth of it in the last fifth of the steps")]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Test pieces.</summary>
    [Range(2, 100_000), Description("test pieces of 1,024 samples, each after 512 more that the network hears as well")]
    public int TestPieces { get; init; } = 24;

    /// <summary>Samples drawn to be compared with natural sound.</summary>
    [Range(0, 10_000_000), Description("samples drawn after training, to be compared with natural sound; 0 for none")]
    public int Drawn { get; init; }

    /// <summary>Rounds of timing.</summary>
    [Range(0, 100_000), Description("rounds in which both ways of drawing are timed by turns; 0 for none")]
    public int TimingRounds { get; init; }

    /// <summary>Seconds of sound.</summary>
    [Range(0.001, 600), Description("arm generate: seconds of sound to write")]
    public double Seconds { get; init; } = 2;

    /// <summary>A checkpoint.</summary>
    [Description("arm generate: a checkpoint of an earlier run of this arm to draw from, its checkpoints/last.safetensors; none trains one first")]
    public string Weights { get; init; } = "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Crop % SoundTask.FrameLength != 0)
            yield return new ValidationResult(string.Create(CultureInfo.InvariantCulture, $"got '{Crop}'; needed a multiple of {SoundTask.FrameLength}, such as 1024."), [nameof(Crop)]);
        if (Drawn > 0 && Frames)
            yield return new ValidationResult("got both; needed drawn=0, for what is drawn from frames is written by the arm generate.", [nameof(Drawn), nameof(Frames)]);
        if (Frames && Sound == SoundKind.Echo)
            yield return new ValidationResult("echo has no frames; needed frames=false, or vowels, prompts or digits as sound.", [nameof(Frames)]);
    }

    internal WaveNetPlan Plan(int voices, int features) => new(Levels, Channels, SkipChannels, Dilated ? WaveNetPlan.Doubling(Blocks, Layers) : [.. Enumerable.Repeat(1, Blocks * Layers)])
    {
        Voices = Voices ? voices : 0,
        Features = Frames ? features : 0,
        LastResidual = LastResidual,
    };
}
