using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>Dilations that grow against none, conditions against none, drawing with queues against drawing without; and an arm that writes sound.</summary>
public sealed class WaveNetExperiment : Experiment<WaveNetSettings>
{
    private const string Ours = "wavenet", Undilated = "undilated", Unconditioned = "unconditioned", Global = "global", Local = "local", Generate = "generate";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Ours, "dilated, gated, residual; also times both ways of drawing"),
        new(Undilated, "the same layers, all with dilation 1"),
        new(Unconditioned, "sound of several voices, the network being told nothing"),
        new(Global, "the same sound, the network being told whose voice it is"),
        new(Local, "the same sound, the network being told each frame"),
        new(Generate, "writes a WAV: the network says frames of test sound, to be laid in a folder with --out (seconds=2; weights=CHECKPOINT draws from an earlier run)"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Statistic("markov", "WaveNet needs fewer bits a sample than a Markov chain of first order", Learning.Bits, Better.Lower, [Ours], "WaveNet - Markov chain",
            arms => arms[Ours][Learning.Bits] - arms[Ours][SoundArm.Markov], 0),
        Claim.Paired("dilation", "Fewer than the same layers without dilation", Learning.Bits, Better.Lower, Ours, Undilated, 0, units: Learning.Bits),
        Claim.Paired("global", "Told whose voice it is, it needs at most 0.01 bits more than untold", Learning.Bits, Better.Lower, Global, Unconditioned, -0.01, units: Learning.Bits),
        Claim.Paired("local", "Told the frames, it needs fewer", Learning.Bits, Better.Lower, Local, Unconditioned, 0, units: Learning.Bits),
        Claim.Exact("same", "With queues and without, 600 samples from the same random numbers are the same", "samples that differ", 0, DifferentSamples),
        Claim.Level("speed", "At a receptive field of 512 a sample takes less than a fifth of the time with queues", DrawingSpeed.Ratio(512), Better.Higher, Ours, 5),
        Claim.Statistic("speed-grows", "The gain grows with the depth: it is larger with 10 layers than with 6", DrawingSpeed.Ratio(1025), Better.Higher, [Ours],
            "gain with 10 layers / with 6", arms => arms[Ours][DrawingSpeed.Ratio(1025)] / arms[Ours][DrawingSpeed.Ratio(65)], 1),
        Claim.Ratio("headline", "Sound drawn from it is at most half as far from natural sound as without dilation (the paper's headline: the gap in listeners' opinion halves; "
            + "here, without listeners, the distance of spectra)", SoundArm.Distance, Better.Lower, Ours, Undilated, 0.5),
        Claim.Exact("parameters", "The network of the reference code has 1,515,968 parameters", "parameters", 1_515_968,
            () => new WaveNet(Settings(Profile.Paper, Ours).Plan(0, 0), new Rng(0)).ParameterCount),
    ];

    // A random network is as good as a trained one here. The start is given, so both ways also have to take up a sound that is there already.
    private static double DifferentSamples()
    {
        WaveNet model = new(new WaveNetSettings { Blocks = 2, Layers = 8 }.Plan(0, 0), new Rng(1));
        int[] start = [.. Enumerable.Range(0, 200).Select(t => 32 + (int)(20 * Math.Sin(t / 5.0)))];
        int[] cached = Drawing.Cached(model, start, 600, null, new Rng(2)), naive = Drawing.Naive(model, start, 600, null, new Rng(2));
        return cached.Zip(naive).Count(pair => pair.First != pair.Second);
    }

    /// <inheritdoc/>
    protected override WaveNetSettings Settings(Profile profile, string arm)
    {
        bool several = arm is Unconditioned or Global or Local;
        WaveNetSettings s = new()
        {
            Dilated = arm != Undilated,
            Voices = arm is Global or Generate,
            Frames = arm is Local or Generate,
            Drawn = arm is Ours or Undilated ? 4000 : 0,
            TimingRounds = arm == Ours ? 20 : 0,
            TestPieces = several ? 48 : 24,
        };
        return profile switch
        {
            Profile.Quick when arm == Generate => s with { Sound = SoundKind.Vowels, Levels = 256, Channels = 32, SkipChannels = 64, Layers = 8, Steps = 600 },
            Profile.Quick => s with { Sound = several ? SoundKind.Vowels : SoundKind.Echo, Crop = 512, BatchSize = several ? 2 : 4, Steps = several ? 180 : 300 },
            Profile.Full when arm == Generate => s with
            { Sound = SoundKind.Prompts, Voices = false, Levels = 256, Channels = 32, SkipChannels = 128, Blocks = 2, Layers = 8, Crop = 2048, Steps = 4000 },
            Profile.Full => s with { Sound = several ? SoundKind.Digits : SoundKind.Prompts, Steps = 1200, Drawn = 5 * s.Drawn },
            // The sizes of ibab/tensorflow-wavenet: the paper gives none.
            _ => s with
            {
                Sound = several ? SoundKind.Digits : SoundKind.Prompts,
                Voices = arm == Global,
                Levels = 256,
                Channels = 32,
                SkipChannels = 512,
                Blocks = 5,
                Layers = 10,
                LastResidual = true,
                Crop = 99_968,
                BatchSize = 1,
                LearningRate = 1e-3,
                Steps = 100_000,
            },
        };
    }

    /// <inheritdoc/>
    protected override WaveNetSettings Smoke(WaveNetSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with
        {
            Levels = 16,
            Channels = 8,
            SkipChannels = 8,
            Layers = 4,
            Steps = 6,
            Crop = 128,
            BatchSize = 2,
            TestPieces = 2,
            Drawn = Math.Min(200, quick.Drawn),
            TimingRounds = Math.Min(1, quick.TimingRounds),
            Seconds = 0.1,
        };
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm is Ours or Undilated or Unconditioned ? 1_515_968 : null;

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<WaveNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        const int count = 2, frames = 1, length = frames * SoundTask.FrameLength;
        (int voices, int features) = SoundTask.SizesOf(run.Settings.Sound);
        Rng rng = run.Rng.Split("probe");
        IntTensor Classes(Shape shape, int levels) => IntTensor.From([.. Enumerable.Range(0, shape.Length).Select(_ => rng.NextInt(levels))], shape);
        Pieces pieces = new(Classes([count, length], run.Settings.Levels), Classes([count, length], run.Settings.Levels), Classes([count], voices),
            features == 0 ? null : rng.Normal([count, features, frames]).Keep());
        WaveNet model = Learning.Model(run.Settings, run.Rng);
        return new Probe(model, () => Learning.Loss(model, pieces), () => model.Forward(pieces.X, model.Condition(pieces.Voices, pieces.Frames)));
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<WaveNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Arm == Generate ? GenerateArm.Run(run) : SoundArm.Run(run);
    }

    /// <summary>The spectra of sound that was drawn with dilation and without, and how long drawing takes.</summary>
    public override IEnumerable<Figure> Compare(IReadOnlyDictionary<string, ArmResult> oneSeed)
    {
        ArgumentNullException.ThrowIfNull(oneSeed);
        return new[] { Ours, Undilated }.Where(oneSeed.ContainsKey).SelectMany(arm => oneSeed[arm].Figures.Skip(1));
    }
}
