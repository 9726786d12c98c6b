using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Vision.ClassDependence;

/// <summary>What regularisation does to each class: sweeps of crops, of turns and of weight decay, and crops that each class has of its own.</summary>
public sealed class ClassDependenceExperiment : Experiment<ClassDependenceSettings>
{
    private const string Crop = "crop", ByClass = "class-conditional", Decay = "weight-decay", Rotation = "rotation", Jitter = "colour-jitter";
    private const string Gain = "gain at the best strength", Loss = "change of the class that loses most", Regret = "regret of the class with most";
    private const string LossByClass = "its change with strengths by class", GainByClass = "gain with strengths by class";

    // Found by the sheet with networks of its own, before anything was measured here: 8 lost most at 0.5, and 0 and 9 lost as well.
    private const int Eight = 8, Six = 6, Two = 2;
    private static readonly double[] wholeForLosers = [1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 1];

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Crop, "random crops, less and less of the image left"),
        new(ByClass, "random crops for the classes that they suit, whole images for the others"),
        new(Decay, "weight decay, more and more"),
        new(Rotation, "random turns, up to half a circle"),
        new(Jitter, "random brightness, contrast, saturation and hue, more and more"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) => profile == Profile.Quick ? [.. QuickClaims, .. CommonClaims] : [.. CommonClaims, .. FullClaims];

    private static IEnumerable<Claim> QuickClaims =>
    [
        Claim.Statistic("mean", "Crops down to half of the image raise mean accuracy by more than 0.5 points", "mean accuracy", Better.Higher, [Crop],
            "mean change", arms => Mean(arms[Crop].Units["change at 0.5"]), 0.5),
        Claim.Statistic("eight", "and cost the digit 8, which the sheet had named, more than 5 points", "mean accuracy", Better.Lower, [Crop],
            "change of 8", arms => arms[Crop].Units["change at 0.5"][Eight], -5),
        Claim.Statistic("eight-kept", "With whole images for the three digits that lost in the sheet, the digit 8 loses at most 5 points", "mean accuracy", Better.Higher, [ByClass, Crop],
            "8 by class - 8 without", arms => arms[ByClass].Units["accuracy by class"][Eight] - arms[Crop].Units["accuracy at 1"][Eight], -5),
        Claim.Statistic("gain-kept", "and at least half of the mean gain is kept", "mean accuracy", Better.Higher, [ByClass, Crop],
            "gain by class - gain for all / 2", arms => Mean(arms[ByClass].Units["accuracy by class"]) - Mean(arms[Crop].Units["accuracy at 1"])
                - Mean(arms[Crop].Units["change at 0.5"]) / 2, 0),
        Claim.Statistic("decay", "Weight decay of 10 leaves one class below 25 % and another above 60 %", "mean accuracy", Better.Lower, [Decay],
            "max(least - 25, 60 - greatest)", arms => Math.Max(arms[Decay].Units["accuracy at 10"].Min() - 25, 60 - arms[Decay].Units["accuracy at 10"].Max()), 0),
        Claim.Statistic("rotation", "Turns up to half a circle cost the digit 6 at least 20 points more than the digit 2", "mean accuracy", Better.Lower, [Rotation],
            "change of 6 - change of 2", arms => arms[Rotation].Units["change at 180"][Six] - arms[Rotation].Units["change at 180"][Two], -20),
    ];

    private static IEnumerable<Claim> FullClaims =>
    [
        Claim.Level("jitter-harm", "At the colour jitter with the best mean, the class that loses most with other networks loses", Loss, Better.Lower, Jitter, 0),
        Claim.Statistic("mitigation-harm", "With crops by class that class loses at most half as much", Loss, Better.Higher, [ByClass],
            "change by class - change for all / 2", arms => arms[ByClass][LossByClass] - arms[ByClass][Loss] / 2, 0),
        Claim.Statistic("mitigation-gain", "and at least half of the mean gain is kept", Gain, Better.Higher, [ByClass],
            "gain by class - gain for all / 2", arms => arms[ByClass][GainByClass] - arms[ByClass][Gain] / 2, 0),
    ];

    private static IEnumerable<Claim> CommonClaims =>
    [
        Claim.Level("gain", "The best crops, chosen with other networks, raise mean accuracy by more than 0.5 points", Gain, Better.Higher, Crop, 0.5),
        Claim.Level("harm", "and the class that loses most with other networks loses", Loss, Better.Lower, Crop, 0),
        Claim.Level("regret", "The class with most to regret lies more than 2 points below what its own crops would give", Regret, Better.Higher, Crop, 2),
        Claim.Level("dissent", "More than two classes have a best crop that is not the best on average", "classes with another best strength", Better.Higher, Crop, 2),
        Claim.Level("decay-harm", "At the weight decay with the best mean, the class that loses most with other networks loses", Loss, Better.Lower, Decay, 0),
        Claim.Level("headline", "The class that loses most loses 22 points or more (the paper's headline: barn spider 68 to 46 %)", Loss, Better.Lower, Crop, -22),
        Claim.Exact("ridge", "A ridge penalty of 1 takes 16 times as much from a class of variance 1/4 as from one of variance 4", "ratio", 16,
            () => ClassBias.Ridge(1, 0.25) / ClassBias.Ridge(1, 4), 1e-9),
    ];

    private static double Mean(float[] values) => Errors.Mean(values);

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 8 : 3; // eight times two pairs of networks; what the time allows

    /// <inheritdoc/>
    protected override ClassDependenceSettings Settings(Profile profile, string arm)
    {
        bool quick = profile == Profile.Quick;
        ClassDependenceSettings s = arm switch
        {
            Decay => new() { Regulariser = Regulariser.WeightDecay, Strengths = quick ? [0, 1, 10] : [0, 0.1, 1, 3] },
            Rotation => new() { Regulariser = Regulariser.Rotation, Strengths = quick ? [0, 180] : [0, 20, 90, 180] },
            Jitter => new() { Regulariser = Regulariser.ColourJitter, Strengths = quick ? [0, 0.8] : [0, 0.2, 0.4, 0.8] },
            ByClass => new() { ByClass = true, Strengths = quick ? [1, 0.5] : [1, 0.5, 0.25], ClassStrengths = quick ? wholeForLosers : [] },
            _ => new() { Strengths = quick ? [1, 0.5, 0.25] : [1, 0.75, 0.5, 0.25, 0.08] },
        };
        return profile switch
        {
            Profile.Quick when arm is Decay or Rotation or Jitter => s with { Networks = 2, Steps = 200, BatchSize = 32 }, // their effects are large: a quarter of the time will do
            Profile.Quick => s with { Networks = 2 },
            Profile.Full => s with
            {
                Data = ImageSet.Cifar10Half,
                Networks = 2,
                Width = 32,
                TrainPerClass = 500,
                ValidationPerClass = 400,
                TestPerClass = 200, // all that the reduced CIFAR-10 of the data folder has
                Steps = 800,
                BatchSize = 64,
                LearningRate = 1e-3,
            },
            _ => s with
            {
                Data = ImageSet.Cifar10,
                Network = Network.ResNet50,
                Networks = 10,
                TrainPerClass = 4500,
                ValidationPerClass = 500,
                TestPerClass = 1000,
                Steps = 35_000,
                BatchSize = 128,
                LearningRate = 1e-3,
            },
        };
    }

    /// <inheritdoc/>
    protected override ClassDependenceSettings Smoke(ClassDependenceSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Networks = 2, Strengths = [.. quick.Strengths.Take(2)], Steps = 3, Width = 4, TestPerClass = 10, ValidationPerClass = 10 };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<ClassDependenceSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor x, IntTensor y) = ImageTask.Sample(run.Settings.Data, count: 16, run.Rng.Split("images"));
        Layer model = Model(run.Settings, x.Shape[1..], classes: 10, run.Rng);
        return new Probe(model, () => model.Forward(x).CrossEntropy(y), () => model.Forward(x));
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<ClassDependenceSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        ClassDependenceSettings s = run.Settings;
        Pools data = Pools.Deal(run);
        if (s.ClassStrengths.Count > 0) return AsGiven(run, data);
        int classes = data.Test.ClassCount;
        ClassSweep test = new(s.Strengths.Count, s.Networks, classes), validation = new(s.Strengths.Count, s.Networks, classes);
        ConfusionMatrix[] confusions = [.. s.Strengths.Select(_ => new ConfusionMatrix(data.Test.ClassNames))];
        for (int network = 0; network < s.Networks; network++)
            for (int strength = 0; strength < s.Strengths.Count; strength++)
            {
                double[] forAll = [.. Enumerable.Repeat(s.Strengths[strength], classes)];
                Layer model = Trained(run, data, network, $"{Text(s.Strengths[strength])}/network {network}", forAll);
                test.Set(strength, network, OfClasses(model, data.Test, confusions[strength]));
                if (s.ByClass) validation.Set(strength, network, OfClasses(model, data.Validation));
            }

        ArmResult result = Measure(s, test);
        if (s.ByClass) ConditionByClass(run, data, test, validation, result);
        foreach (Figure figure in ClassFigures.Of(s, data.Test.ClassNames, test, confusions)) result.Figures.Add(figure);
        return result;
    }

    /// <summary>Networks whose classes have the strengths that the settings name.</summary>
    private static ArmResult AsGiven(ArmRun<ClassDependenceSettings> run, Pools data)
    {
        int classes = data.Test.ClassCount;
        ClassSweep test = new(1, run.Settings.Networks, classes);
        foreach (int network in test.All) test.Set(0, network, OfClasses(Trained(run, data, network, $"by class/network {network}", run.Settings.ClassStrengths), data.Test));
        float[] accuracies = [.. Enumerable.Range(0, classes).Select(c => (float)test.Accuracy(0, c, test.All))];
        return new ArmResult
        {
            ["mean accuracy"] = test.Mean(0, test.All),
            ["Gini"] = test.Gini(0),
            Units = { ["accuracy by class"] = accuracies },
            Figures = { new BarChart("Accuracy of classes, each with its strength", new Axis("test accuracy", "%"), [.. accuracies.Select((a, c) => new Bar(data.Test.ClassNames[c], a))]) },
        };
    }

    /// <summary>Trains a network in which every class has its strength.</summary>
    private static Layer Trained(ArmRun<ClassDependenceSettings> run, Pools data, int network, string name, IReadOnlyList<double> ofClass)
    {
        ClassDependenceSettings s = run.Settings;
        Rng rng = run.Rng.Split("networks").Split(network); // the same for every strength and arm
        LabelledSet train = Pools.Draw(data.Train, s.TrainPerClass, rng.Split("images"), "train-per-class").Chosen;
        Layer model = Model(s, train.InputShape, train.ClassCount, rng);
        bool decays = s.Regulariser == Regulariser.WeightDecay;
        ImageSize size = ImageSize.Of(train.InputShape);
        int threads = s.Data == ImageSet.Digits ? 0 : 1; // a thread for each epoch of three tiny batches would take longer than it saves
        ClassConditionalLoader batches = new(train, new LoaderOptions(Math.Min(s.BatchSize, train.Count)) { DropLast = true, Threads = threads }, rng.Split("batches"),
            [.. ofClass.Select(strength => Change(s.Regulariser, strength, size)).Select(change => data.Standardise is { } last ? new Compose(change, last) : change)]);
        AdamW optimizer = new(model.Parameters, s.LearningRate, weightDecay: decays ? ofClass[0] : 0);
        Trainer<Batch> trainer = new(run, model, optimizer, batch => model.Forward(batch.X).CrossEntropy(batch.Y))
        {
            Name = name,
            LogEvery = s.Steps, // so many networks have no use for learning curves
        };
        trainer.FitSteps(batches.ToSource(), s.Steps);
        model.Eval();
        return model;
    }

    private static Transform Change(Regulariser regulariser, double strength, ImageSize size) => regulariser switch
    {
        Regulariser.Crop => new RandomResizedCrop(size.Height, size.Width, strength, ratio: size.Channels == 1 ? 1 : 4.0 / 3),
        Regulariser.Rotation => new RandomRotation(strength),
        Regulariser.ColourJitter => new ColourJitter(brightness: strength, contrast: strength, saturation: strength, hue: strength / 4),
        _ => new CentreCrop(size.Height, size.Width), // the whole image
    };

    private static Layer Model(ClassDependenceSettings s, Shape image, int classes, Rng rng)
    {
        Rng weights = rng.Split("weights");
        if (s.Network == Network.ResNet50) return ResNet.ImageNet(50, classes, weights);
        int features = 2 * s.Width * (image[1] / 4) * (image[2] / 4);
        // Without normalisation: statistics of cropped images would not be those of the whole ones of the test.
        return new Sequential(
            new Conv2d(image[0], s.Width, 3, weights, padding: 1), Activation.Relu, new Lambda("MaxPool", x => x.MaxPool2d(2)),
            new Conv2d(s.Width, 2 * s.Width, 3, weights, padding: 1), Activation.Relu, new Lambda("MaxPool", x => x.MaxPool2d(2)),
            new Flatten(), new Linear(features, 4 * s.Width, weights), Activation.Relu, new Linear(4 * s.Width, classes, weights));
    }

    private static double[] OfClasses(Layer model, LabelledSet set, ConfusionMatrix? confusion = null)
    {
        ConfusionMatrix counts = new(set.ClassNames);
        int[] predicted = Classification.Predictions(Classification.Scores(model.Forward, set));
        counts.Add(set.Labels.Span, predicted);
        confusion?.Add(set.Labels.Span, predicted);
        return [.. Enumerable.Range(0, set.ClassCount).Select(c => 100 * counts.Recall(c))];
    }

    private static ArmResult Measure(ClassDependenceSettings s, ClassSweep test)
    {
        int best = test.Best(test.All);
        ArmResult result = new()
        {
            ["mean accuracy"] = test.Mean(0, test.All),
            ["accuracy at the best strength"] = test.Mean(best, test.All),
            ["best strength"] = s.Strengths[best],
            [Gain] = test.Crossed((choosing, judging) => test.Mean(test.Best(choosing), judging) - test.Mean(0, judging)),
            [Loss] = test.Crossed((choosing, judging) => test.Change(test.Best(choosing), test.Worst(test.Best(choosing), choosing), judging)),
            [Regret] = test.Crossed((choosing, judging) => test.Regret(test.MostRegretful(choosing), choosing, judging)),
            ["the same without sample splitting"] = test.Regret(test.MostRegretful(test.All), test.All, test.All),
            ["classes with another best strength"] = test.Dissenters(test.All),
            ["Gini without"] = test.Gini(0),
            ["Gini at the best strength"] = test.Gini(best),
        };
        for (int t = 0; t < s.Strengths.Count; t++)
        {
            result.Units[$"accuracy at {Text(s.Strengths[t])}"] = [.. Enumerable.Range(0, test.Classes).Select(c => (float)test.Accuracy(t, c, test.All))];
            if (t > 0) result.Units[$"change at {Text(s.Strengths[t])}"] = [.. Enumerable.Range(0, test.Classes).Select(c => (float)test.Change(t, c, test.All))];
        }
        return result;
    }

    /// <summary>Trains every network once more, its classes at the strengths that suited them best in the networks of the other half.</summary>
    private static void ConditionByClass(ArmRun<ClassDependenceSettings> run, Pools data, ClassSweep sweep, ClassSweep validation, ArmResult result)
    {
        ClassDependenceSettings s = run.Settings;
        int[] places = [.. Enumerable.Range(0, sweep.Classes)];
        ClassSweep both = new(2, s.Networks, sweep.Classes); // without, and by class
        (IReadOnlyList<int> even, IReadOnlyList<int> odd) = sweep.Halves;
        foreach ((IReadOnlyList<int> choosing, IReadOnlyList<int> judging) in ((IReadOnlyList<int>, IReadOnlyList<int>)[])[(even, odd), (odd, even)])
        {
            double[] strengths = [.. places.Select(c => s.Strengths[validation.BestFor(c, choosing)])];
            result.Notes.Add($"Strengths of the classes in networks {string.Join(", ", judging)}: {string.Join(", ", strengths.Select(Text))}.");
            foreach (int network in judging)
            {
                both.Set(0, network, [.. places.Select(c => sweep.Accuracy(0, c, [network]))]);
                both.Set(1, network, OfClasses(Trained(run, data, network, $"by class/network {network}", strengths), data.Test));
            }
        }
        result[Loss] = sweep.Crossed((choosing, judging) => sweep.Change(validation.Best(choosing), Worst(choosing), judging));
        result[LossByClass] = sweep.Crossed((choosing, judging) => both.Change(1, Worst(choosing), judging));
        result[Gain] = sweep.Crossed((choosing, judging) => sweep.Mean(validation.Best(choosing), judging) - sweep.Mean(0, judging));
        result[GainByClass] = both.Mean(1, both.All) - both.Mean(0, both.All);
        result.Units["change by class"] = [.. places.Select(c => (float)both.Change(1, c, both.All))];

        int Worst(IReadOnlyList<int> choosing) => validation.Worst(validation.Best(choosing), choosing);
    }

    internal static string Text(double strength) => strength.ToString(CultureInfo.InvariantCulture);
}
