using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.ResNeXt;

/// <summary>ResNeXt against ResNet of the same cost, with and without shortcuts; and the three forms of its block against each other.</summary>
public sealed class ResNeXtExperiment : Experiment<ResNeXtSettings>
{
    private const string ResNeXt = "resnext", ResNet = "resnet", ResNeXtPlain = "resnext-plain", ResNetPlain = "resnet-plain";
    private const string Error = "test error", Loss = "train loss";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(ResNeXt, "blocks of eight narrow paths (32 in the paper's profile)"),
        new(ResNet, "blocks of one wide path, of the same cost"),
        new(ResNeXtPlain, "resnext without shortcuts"),
        new(ResNetPlain, "resnet without shortcuts"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        .. Always, .. profile == Profile.Full ? (Claim[])[] : [WithoutShortcuts], // a quarter of an hour has no room for two arms more
    ];

    private static IReadOnlyList<Claim> Always { get; } =
    [
        Claim.Level("forms", "Forms (a) and (b) of figure 3 are the function of (c): with its weights at each of 20 training steps, losses differ by less than 1e-4",
            "form difference", Better.Lower, ResNeXt, 1e-4),
        Claim.Level("forms-apart", "Trained apart for 20 steps from the same weights, their losses still differ by less than 1e-4",
            "form difference, trained apart", Better.Lower, ResNeXt, 1e-4),
        Claim.Statistic("time", "Form (c) of the block of figure 3 (32x4d) is at least 1.5 times as fast as form (b), forward and backward",
            "grouped milliseconds (seconds)", Better.Higher, [ResNeXt], "(b) / (c)",
            arms => arms[ResNeXt]["concatenated milliseconds (seconds)"] / arms[ResNeXt]["grouped milliseconds (seconds)"], 1.5),
        Claim.Statistic("cost", "The networks compared have the same number of parameters, within 3 %", "parameters", Better.Lower, [ResNeXt, ResNet],
            "|resnext / resnet - 1|", arms => Math.Abs(arms[ResNeXt]["parameters"] / arms[ResNet]["parameters"] - 1), 0.03),
        Claim.Paired("parity", "ResNeXt's test error is at most 1 point higher at the same cost", Error, Better.Lower, ResNeXt, ResNet, -1,
            units: "wrong", unitScale: 100),
        Claim.Ratio("fit", "ResNeXt's training loss is at most 1.1 times ResNet's", Loss, Better.Lower, ResNeXt, ResNet, 1.1),
        Claim.Paired("headline", "ResNeXt's test error is lower at the same cost (the paper's headline: ImageNet top-1 error 23.9 to 22.2 % with 50 layers)",
            Error, Better.Lower, ResNeXt, ResNet, 0, units: "wrong", unitScale: 100),
        Claim.Exact("block", "The block 32x4d has 70,144 weights, ResNet's 69,632", "weights", 70_144 - 69_632,
            () => ResNeXtNetwork.BlockCost(new(32, 4)) - ResNeXtNetwork.BlockCost(Cardinality.One)),
        Claim.Exact("parameters", "ResNeXt-50 (32x4d) has 25,028,904 parameters", "parameters", 25_028_904,
            () => ResNeXtNetwork.Published.Single(network => network.ToString() == "ResNeXt-50 (32x4d)").Build(new Rng(0)).ParameterCount),
    ];

    private static Claim WithoutShortcuts { get; } = Claim.Statistic("without-shortcuts", "Taking the shortcuts away costs ResNeXt less (exploratory; the paper: 22.2 to 26.1 against 23.9 to 31.2 %)",
        Error, Better.Lower, [ResNeXt, ResNeXtPlain, ResNet, ResNetPlain], "loss of resnext - loss of resnet",
        arms => arms[ResNeXtPlain][Error] - arms[ResNeXt][Error] - (arms[ResNetPlain][Error] - arms[ResNet][Error]), 0);

    /// <inheritdoc/>
    protected override ResNeXtSettings Settings(Profile profile, string arm)
    {
        bool several = arm is ResNeXt or ResNeXtPlain;
        ResNeXtSettings settings = new() { Shortcuts = arm is ResNeXt or ResNet, Paths = several ? 8 : 1, BaseWidth = several ? 14 : 64 };
        return profile switch
        {
            Profile.Quick => settings,
            Profile.Full => settings with { Data = ImageSet.Cifar10Half, Epochs = 10, BatchSize = 128 },
            // The ablation without shortcuts is run on small images: ResNeXt-29, 8 x 64d.
            Profile.Paper when !settings.Shortcuts => settings with
            {
                Data = ImageSet.Cifar10,
                Depth = 29,
                Width = 64,
                BaseWidth = several ? 14 : 64,
                Epochs = 300,
                BatchSize = 128,
            },
            _ => settings with
            {
                Template = ResNeXtTemplate.ImageNet,
                Depth = 50,
                Paths = several ? 32 : 1,
                BaseWidth = several ? 4 : 64,
                Epochs = 90,
                BatchSize = 256,
                WeightDecay = 1e-4,
            },
        };
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<ResNeXtSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        ResNeXtSettings s = run.Settings;
        bool large = s.Template == ResNeXtTemplate.ImageNet;
        ClassificationTask task = large ? ClassificationTask.Of(new ImageNetFolders(run.Data)) : ClassificationTask.Of(ImageTask.Load(s.Data, run.Data));
        ResNet model = Model(s, run.Rng, task.Classes, task.InputShape[0]);
        TrainedClassifier trained = new ClassifierTraining(run, model, task, Optimizer(s, model))
        {
            BatchSize = s.BatchSize,
            Schedule = steps => new MultiStep(s.LearningRate, large ? [steps / 3, steps * 2 / 3] : [steps / 2, steps * 3 / 4]),
            EvaluateEvery = Every.Epochs(3),
            Measure = ClassifierMeasure.Error,
        }.Fit(s.Epochs);

        ArmResult result = trained.Result().With(trained.Figures());
        // ImageNet's training photos are too many to be asked once more.
        result[Loss] = task.TrainingSet is { } seen ? Classification.CrossEntropy(model.Forward, seen) : trained.Outcome.History.Latest("train/loss")!.Value;
        if (run.Arm == ResNeXt)
        {
            CompareForms(run, result);
            TimeForms(run, result);
            result.Figures.Add(CostFigure());
        }
        return result;
    }

    private static ResNet Model(ResNeXtSettings s, Rng rng, int classes, int channels) => ResNeXtNetwork.Build(s.Template, s.Depth, classes,
        rng.Split("weights"), s.Cardinality, s.Form, s.Shortcuts, s.Width, channels);

    private static Sgd Optimizer(ResNeXtSettings s, ResNet model) =>
        new(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay, nesterov: true);

    /// <summary>Trains the three forms from the same weights on the same digits, by plain SGD.</summary>
    private static void CompareForms(ArmRun<ResNeXtSettings> run, ArmResult result)
    {
        ResNeXtSettings s = run.Settings with { Template = ResNeXtTemplate.Cifar, Depth = 11, Width = 16, Paths = 8, BaseWidth = 14 };
        LabelledSet digits = ImageTask.Load(ImageSet.Digits, run.Data).Train;
        Rng order = run.Rng.Split("compared images");
        const int images = 16;
        (Tensor, IntTensor)[] batches = [.. Enumerable.Range(0, s.ComparedSteps).Select(_ =>
        {
            LabelledSet batch = digits.Subset([.. order.Permutation(digits.Count).Take(images)]);
            return (batch.Inputs, batch.Labels);
        })];
        FormComparison Compare(bool synchronised) => FormComparison.Of(form => Model(s with { Form = form }, run.Rng, digits.ClassCount, channels: 1),
            model => new Sgd(model.Parameters, s.ComparedRate), s.Paths, batches, synchronised, run.Stop);
        result["form difference"] = Compare(synchronised: true).LossDifference;
        FormComparison apart = Compare(synchronised: false);
        result["form difference, trained apart"] = apart.LossDifference;
        double[] places = [.. Enumerable.Range(1, s.ComparedSteps).Select(step => (double)step)];
        result.Figures.Add(new LineChart("The three forms of figure 3, trained apart", "step", "cross-entropy",
            [.. apart.Losses.Select(form => new LineSeries(form.Key.ToString(), places, form.Value))])
        { Caption = "Equal weights at the start, equal images: the lines lie on each other." });
    }

    /// <summary>Times the block of figure 3, 256 channels in and out and 32 paths of 4, in forms (b) and (c) by turns.</summary>
    private static void TimeForms(ArmRun<ResNeXtSettings> run, ArmResult result)
    {
        const int rounds = 10, channels = 256;
        Rng rng = run.Rng.Split("timing");
        Cardinality paths = new(32, 4);
        Tensor x = rng.Normal([2, channels, run.Settings.TimedSide, run.Settings.TimedSide]).Keep();
        Action Work(ResidualUnit unit) => () =>
        {
            unit.ZeroGrad();
            (Tensor shortcut, Func<Tensor> residual) = unit.Split(x);
            (shortcut + residual()).Relu().Mean().Backward();
        };
        (double concatenated, double grouped) = PairedTiming.MeanSeconds(
            Work(new AggregatedUnit(AggregationForm.Concatenated, channels, channels, 1, rng, paths)),
            Work(new BottleneckUnit(channels, channels, 1, rng, paths)), rounds, run.Time, run.Stop);
        result["concatenated milliseconds (seconds)"] = 1000 * concatenated;
        result["grouped milliseconds (seconds)"] = 1000 * grouped;
    }

    private static BarChart CostFigure() => new("Cost of a block against cardinality", "weights of the convolutions",
        [.. ((Cardinality[])[Cardinality.One, new(2, 40), new(4, 24), new(8, 14), new(32, 4)]).Select(c => new Bar(c.ToString(), ResNeXtNetwork.BlockCost(c)))])
    { Caption = "The paper's table 2: more paths, each narrower, at about the same cost." };

    /// <inheritdoc/>
    protected override ResNeXtSettings Smoke(ResNeXtSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 1, Depth = 11, Width = 8, BatchSize = 128, ComparedSteps = 2, TimedSide = 4 };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<ResNeXtSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        ResNeXtSettings s = run.Settings;
        Rng images = run.Rng.Split("images");
        bool large = s.Template == ResNeXtTemplate.ImageNet;
        (Tensor X, IntTensor Y) examples = large
            ? (images.Normal(ImageNetFolders.Image.Insert(0, 2)).Keep(), IntTensor.Of(1, 2))
            : ImageTask.Sample(s.Data, count: 16, images);
        return Lab.Probe.OfClassifier(Model(s, run.Rng, classes: large ? 1000 : 10, channels: examples.X.Shape[1]), examples);
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm switch { ResNeXt => 25_028_904, ResNet => 25_557_032, _ => null };
}
