using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.Sla;

/// <summary>Joint labels of class and transformation against more images, against two tasks, and against no transformations.</summary>
public sealed class SlaExperiment : Experiment<SlaSettings>
{
    private const string Sla = "sla", Distilled = "sla-sd", Baseline = "baseline", Augmentation = "augmentation", MultiTask = "multi-task";
    private const string Accuracy = "test accuracy", Single = "single inference accuracy";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Sla, "one head for class and rotation together; the four rotated copies are taken together at test"),
        new(Distilled, "the same, with a further head that learns what the copies say and needs one pass"),
        new(Baseline, "no rotated copies"),
        new(Augmentation, "rotated copies as more training images (DA)"),
        new(MultiTask, "a head for the class of rotated copies and another for the rotation (MT)"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        .. profile == Profile.Quick ? OnDigits : OnPictures,
        Claim.Statistic("aggregation", "Taking the copies together gives at least 0.5 points more than a single inference", Accuracy, Better.Higher, [Sla],
            "together - single", arms => arms[Sla][Accuracy] - arms[Sla][Single], 0.5),
        Above("da-hurts", "Rotated copies as more training images cost the baseline at least 2 points", Baseline, Augmentation, 2),
        Above("headline", "SLA with its copies taken together is more accurate than the baseline (the paper's headline: CIFAR-10 92.39 to 94.50 %)", Sla, Baseline, 0),
        Above("headline-distilled", "and so is the distilled head, in one pass (the paper: 93.26 %)", Distilled, Baseline, 0),
        Claim.Exact("parameters", "SLA with ResNet-32 and rotation has 466,104 parameters on CIFAR-10", "parameters", 466_104,
            () => Model(new SlaSettings { Data = ImageSet.Cifar10, Trunk = Trunk.Residual, Method = Method.LabelAugmentation }, [3, 32, 32], 10, new Rng(0)).ParameterCount),
    ];

    // Rotated digits are taken for each other; the sheet expects no more than a draw with the baseline there.
    private static IEnumerable<Claim> OnDigits =>
    [
        Above("over-da", "SLA is at least 2 points more accurate than with rotated copies as more training images", Sla, Augmentation, 2),
        Above("over-mt", "SLA is at least 2 points more accurate than with two tasks", Sla, MultiTask, 2),
        Above("distilled-over-da", "The distilled head is at least 2 points more accurate than with rotated copies as more training images", Distilled, Augmentation, 2),
    ];

    private static IEnumerable<Claim> OnPictures =>
    [
        Above("over-baseline", "SLA is at least 2 points more accurate than the baseline", Sla, Baseline, 2),
        Above("mt-hurts", "Two tasks cost the baseline at least 2 points", Baseline, MultiTask, 2),
    ];

    private static Claim Above(string id, string statement, string treatment, string baseline, double margin) =>
        Claim.Paired(id, statement, Accuracy, Better.Higher, treatment, baseline, margin, units: "correct", unitScale: 100);

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile switch { Profile.Quick => 10, Profile.Full => 5, _ => 3 };

    /// <inheritdoc/>
    protected override SlaSettings Settings(Profile profile, string arm)
    {
        SlaSettings s = new()
        {
            Method = arm switch
            {
                Sla => Method.LabelAugmentation,
                Distilled => Method.SelfDistillation,
                Augmentation => Method.DataAugmentation,
                MultiTask => Method.MultiTask,
                _ => Method.Baseline,
            },
        };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => s with { Data = ImageSet.Cifar10Half, Trunk = Trunk.Plain, TrainingImages = 2000, TestImages = 2000, Steps = 600, LearningRate = 0.02 },
            _ => s with
            {
                Data = ImageSet.Cifar10,
                Trunk = Trunk.Residual,
                TrainingImages = 45_000,
                TestImages = 10_000,
                ShiftsAndMirrors = true,
                Steps = 80_000,
                BatchSize = 128,
            },
        };
    }

    /// <inheritdoc/>
    protected override SlaSettings Smoke(SlaSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Steps = 6, Width = 4, BatchSize = 8, TestImages = 40 };
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm switch
    {
        Sla => 466_104,
        Distilled => 466_754,
        MultiTask => 464_414,
        _ => 464_154,
    };

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<SlaSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor x, IntTensor y) = ImageTask.Sample(run.Settings.Data, count: 8, run.Rng.Split("images"));
        LabelAugmentation model = Model(run.Settings, x.Shape[1..], classes: 10, run.Rng);
        return new Probe(model, () => model.Loss(x, y, run.Settings.Beta), () => Tensor.Concat([model.Forward(x), model.Aggregated(x)]));
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<SlaSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        SlaSettings s = run.Settings;
        (LabelledSet train, LabelledSet test, Transform? augmentation) = Data(run);
        LabelAugmentation model = Model(s, train.InputShape, train.ClassCount, run.Rng);
        TrainedClassifier trained = new ClassifierTraining(run, model, ClassificationTask.Of(train, test, s.ShiftsAndMirrors ? augmentation : null),
            new Sgd(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay))
        {
            BatchSize = Math.Min(s.BatchSize, train.Count),
            Loss = batch => model.Loss(batch.X, batch.Y, s.Beta),
            Answer = AtTest(model),
            Schedule = steps => new MultiStep(s.LearningRate, [steps / 2, steps * 3 / 4]),
            EvaluateEvery = Every.Steps(Math.Max(1, s.Steps / 5)),
        }.FitSteps(s.Steps);
        return Measure(model, test, trained);
    }

    // What an arm answers with: SLA takes its copies together, all others need one pass.
    private static Func<Tensor, Tensor> AtTest(LabelAugmentation model) => model.Method == Method.LabelAugmentation ? model.Aggregated : model.Forward;

    private static LabelAugmentation Model(SlaSettings s, Shape image, int classes, Rng rng)
    {
        Rng weights = rng.Split("weights");
        (Layer trunk, int features) = s.Trunk switch
        {
            Trunk.Residual => (ResNet.Cifar(s.Depth, classes: 0, weights, s.Width, image[0]), 4 * s.Width),
            Trunk.Small => (ConvTrunk.Small(image[0], s.Width, weights), ConvTrunk.SmallFeatures(s.Width)),
            _ => ((Layer)new Sequential([.. Convolution(image[0], s.Width), Pool, .. Convolution(s.Width, 2 * s.Width), Pool, .. Convolution(2 * s.Width, 4 * s.Width), Pool,
                new Flatten()]), 4 * s.Width * (image[1] / 8) * (image[2] / 8)),
        };
        return new LabelAugmentation(trunk, features, classes, Of(s.Transformations), s.Method, rng.Split("heads"));

        Layer[] Convolution(int inputs, int outputs) => [new Conv2d(inputs, outputs, 3, weights, padding: 1, bias: false), new BatchNorm(outputs), Activation.Relu];
    }

    private static Lambda Pool => new("MaxPool", x => x.MaxPool2d(2));

    private static Transformations Of(TransformationSet set) => set switch
    {
        TransformationSet.HalfTurn => Transformations.HalfTurn,
        TransformationSet.Colours => Transformations.Colours,
        TransformationSet.ColourCycle => Transformations.ColourCycle,
        TransformationSet.RotationAndColourCycle => Transformations.ColourCycle.After(Transformations.Rotation),
        TransformationSet.RotationAndColours => Transformations.Colours.After(Transformations.Rotation),
        _ => Transformations.Rotation,
    };

    /// <summary>Training images drawn for the seed, and test images that all seeds share, so that a claim can tell their spread.</summary>
    private static (LabelledSet Train, LabelledSet Test, Transform? Augmentation) Data(ArmRun<SlaSettings> run)
    {
        SlaSettings s = run.Settings;
        Rng shared = new Rng(0).Split("test images"), own = run.Rng.Split("training images");
        LabelledSet train, test;
        Transform? augmentation = null;
        if (s.Data == ImageSet.Digits)
        {
            LabelledSet all = Digits.LoadAll();
            Require(s.TestImages, all.Count - 1, "test-images");
            int[] order = shared.Permutation(all.Count);
            (test, train) = (all.Subset(order.AsSpan(..s.TestImages)), all.Subset(order.AsSpan(s.TestImages..)));
        }
        else
        {
            ImageTask task = ImageTask.Load(s.Data, run.Data);
            Require(s.TestImages, task.Test.Count, "test-images");
            (train, test, augmentation) = (task.Train, task.Test.Subset(shared.Permutation(task.Test.Count).AsSpan(..s.TestImages)), task.Augmentation);
        }
        Require(s.TrainingImages, train.Count, "training-images");
        return (train.Subset(own.Permutation(train.Count).AsSpan(..s.TrainingImages)), test, augmentation);
    }

    private static void Require(int wanted, int there, string setting)
    {
        if (wanted > there) throw new LabException($"--set {setting}: got {wanted}; there are {there}.");
    }

    private static ArmResult Measure(LabelAugmentation model, LabelledSet test, TrainedClassifier trained)
    {
        ArmResult result = trained.Result().With(trained.Figures());
        result["training loss"] = trained.Outcome.History.Latest("train/loss") ?? double.NaN;
        if (model.Method == Method.LabelAugmentation) // SI beside AG, of the same network
            result[Single] = Answers.Of(model.Forward, test).PercentCorrect;
        else if (model.Method != Method.Baseline)
            result["accuracy of the copies together"] = Answers.Of(model.Aggregated, test).PercentCorrect;
        result.Figures.Add(CopiesFigure(model, test));
        return result;
    }

    private static ImageGrid CopiesFigure(LabelAugmentation model, LabelledSet test)
    {
        const int images = 6;
        LabelledSet first = test[..Math.Min(images, test.Count)];
        Transformations transformations = model.Transformations;
        using MemoryScope scope = MemoryScope.Open();
        Tensor copies = transformations.Copies(first.Inputs).Keep();
        int[] alone = Classification.Predictions(model.Forward(copies));
        return new ImageGrid("Copies of test images, and what each is taken for as if it were untransformed", copies,
            [.. Enumerable.Range(0, copies.Shape[0]).Select(i => $"{test.ClassNames[first.Labels[i / transformations.Count]]}, {transformations.Names[i % transformations.Count]}: {test.ClassNames[alone[i]]}")])
        { Columns = transformations.Count };
    }
}
