using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;
using Rindoku.Nn.ResNets;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.Ror;

/// <summary>What can be set in a run of RoR.</summary>
public sealed record RorSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>The depth of the network, 6n + 2.</summary>
    [Description("layers, 6n + 2")]
    public int Depth { get; init; } = 38;

    /// <summary>Channels of the first group.</summary>
    [Range(1, 4096), Description("channels of the first group; the next two have twice and four times as many")]
    public int Width { get; init; } = 8;

    /// <summary>How many levels of shortcuts there are.</summary>
    [Range(1, 3), Description("levels of shortcuts: 1 over units only, 2 over the whole network as well, 3 over each group as well")]
    public int Levels { get; init; } = 3;

    /// <summary>Whether the units have shortcuts of their own.</summary>
    [Description("false: the units' own shortcuts are taken away, only the upper levels stay")]
    public bool UnitShortcuts { get; init; } = true;

    /// <summary>Whether the upper shortcuts are normalised.</summary>
    [Description("whether the convolutions of the upper shortcuts are followed by batch normalisation")]
    public bool NormalisesLevels { get; init; } = true;

    /// <summary>The survival probability of the last unit; 1 is without stochastic depth.</summary>
    [Range(0.0, 1.0), Description("survival probability of the last unit; 1 is without stochastic depth")]
    public double LastSurvival { get; init; } = 1;

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 12;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start.</summary>
    [Range(0, double.MaxValue), Description("at the start; a tenth from half of the epochs on, a hundredth from three quarters")]
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters")]
    public double WeightDecay { get; init; } = 1e-4;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Depth < 8 || Depth % 6 != 2) yield return new ValidationResult($"got '{Depth}'; needed 6n + 2, such as 20, 38 or 110.", [nameof(Depth)]);
        if (!UnitShortcuts && LastSurvival < 1)
            yield return new ValidationResult("got less than 1 without unit shortcuts; a unit that is left out needs its shortcut.", [nameof(LastSurvival)]);
    }
}

/// <summary>Shortcuts over groups and the whole: with those of the units and without, with stochastic depth and without.</summary>
public sealed class RorExperiment : Experiment<RorSettings>
{
    private const string Ror = "ror", ResNet = "resnet", LevelsOnly = "levels-only", Plain = "plain", RorSd = "ror-sd", ResNetSd = "resnet-sd";
    private const string Error = "test error", Loss = "training loss";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Ror, "RoR-3: shortcuts over units, groups and the whole network"),
        new(ResNet, "the same network with the units' shortcuts only"),
        new(LevelsOnly, "shortcuts over groups and the whole network, none over units"),
        new(Plain, "the same layers without any shortcut"),
        new(RorSd, "RoR-3 with stochastic depth"),
        new(ResNetSd, "the network with the units' shortcuts only, with stochastic depth"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) => [.. Trained(profile == Profile.Quick), .. Sizes];

    private static IEnumerable<Claim> Trained(bool quick)
    {
        int margin = quick ? 10 : 5;
        yield return Claim.Paired("levels", $"Shortcuts over groups and the whole alone lower the error of a plain stack by {margin} points or more", Error, Better.Lower,
            LevelsOnly, Plain, margin, units: "wrong", unitScale: 100);
        if (quick) yield return Claim.Ratio("loss", "and its training loss to a fifth or less", Loss, Better.Lower, LevelsOnly, Plain, 0.2);
        if (!quick)
        {
            yield return Claim.Paired("parity", "RoR-3 errs at most 1.5 points more than the residual network", Error, Better.Lower, Ror, ResNet, -1.5, units: "wrong", unitScale: 100);
            yield return Claim.Paired("parity-sd", "and with stochastic depth at most 1 point more", Error, Better.Lower, RorSd, ResNetSd, -1, units: "wrong", unitScale: 100);
            yield return Claim.Paired("headline-sd", "With stochastic depth RoR-3 errs less (the paper: CIFAR-10, 164 layers, 4.67 to 4.51 %)", Error, Better.Lower,
                RorSd, ResNetSd, 0, units: "wrong", unitScale: 100);
        }
        yield return Claim.Paired("headline", "RoR-3 errs less than the residual network (the paper: CIFAR-10, 110 layers, 5.43 to 5.08 %)", Error, Better.Lower,
            Ror, ResNet, 0, units: "wrong", unitScale: 100);
    }

    private static IEnumerable<Claim> Sizes =>
    [
        Claim.Exact("size", "RoR-3 of 110 layers has 3,840 weights more than the residual network of 110 layers", "parameters", 1_727_962 + 3_840,
            () => new MultilevelResNet(MultilevelShape.OfDepth(110), 10, new Rng(0)).ParameterCount),
        Claim.Exact("size-wide", "RoR-3-WRN58-4 has 13.6 million parameters (the paper: 13.3)", "parameters", 13_645_530,
            () => new MultilevelResNet(MultilevelShape.Wide(58, 4), 10, new Rng(0)).ParameterCount),
    ];

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 5 : 3; // what a minute and a quarter of an hour allow

    /// <inheritdoc/>
    protected override RorSettings Settings(Profile profile, string arm)
    {
        RorSettings s = new()
        {
            Levels = arm is ResNet or Plain or ResNetSd ? 1 : 3,
            UnitShortcuts = arm is not (LevelsOnly or Plain),
            LastSurvival = arm is RorSd or ResNetSd ? 0.5 : 1,
        };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => s with { Data = ImageSet.Cifar10Half, Depth = 20, Width = 16, Epochs = 9, BatchSize = 128, LearningRate = 0.1 },
            _ => s with { Data = ImageSet.Cifar10, Depth = 164, Width = 16, Epochs = 500, BatchSize = 128, LearningRate = 0.1, NormalisesLevels = false },
        };
    }

    /// <inheritdoc/>
    protected override RorSettings Smoke(RorSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 1, Depth = 8, Width = 4, BatchSize = 128 };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<RorSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor X, IntTensor Y) images = ImageTask.Sample(run.Settings.Data, count: 16, run.Rng.Split("images"));
        return Lab.Probe.OfClassifier(Model(run.Settings, run.Rng, classes: 10, images.X.Shape[1], run.Rng.Split("gates")), images);
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<RorSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        RorSettings s = run.Settings;
        ImageTask images = ImageTask.Load(s.Data, run.Data);
        Rng gates = run.Rng.Split("gates");
        MultilevelResNet model = Model(s, run.Rng, images.Classes, images.Channels, gates);
        TrainedClassifier trained = new ClassifierTraining(run, model, ClassificationTask.Of(images),
            new Sgd(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay, nesterov: true))
        {
            BatchSize = s.BatchSize,
            Schedule = steps => new MultiStep(s.LearningRate, [steps / 2, steps * 3 / 4]),
            EvaluateEvery = Every.Epochs(3),
            Measure = ClassifierMeasure.Error,
            AlsoKeep = state => state.Add("gates", gates),
        }.Fit(s.Epochs);

        ArmResult result = trained.Result().With(trained.Figures());
        result[Loss] = Classification.CrossEntropy(model.Forward, images.Train);
        return result;
    }

    private static MultilevelResNet Model(RorSettings s, Rng rng, int classes, int channels, Rng gates)
    {
        MultilevelShape shape = MultilevelShape.OfDepth(s.Depth) with { Width = s.Width, Levels = s.Levels, NormalisesLevels = s.NormalisesLevels };
        MultilevelResNet model = new(shape, classes, rng.Split("weights"), channels);
        if (!s.UnitShortcuts) model.Rule = NoShortcut.Instance;
        else if (s.LastSurvival < 1) model.Rule = new StochasticDepthRule(model.UnitCount, s.LastSurvival, gates);
        return model;
    }
}
