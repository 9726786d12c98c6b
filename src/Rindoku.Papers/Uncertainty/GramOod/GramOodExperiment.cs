using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.GramOod;

/// <summary>The Gram matrices of a trained classifier's features against its softmax probability, on sets from outside and on new classes.</summary>
public sealed class GramOodExperiment : Experiment<GramOodSettings>
{
    private const string Gram = "gram", PreActivation = "gram-preactivation", Perceptron = "gram-perceptron";
    private const string Auroc = "auroc", Tnr = "tnr at 95", NewClasses = "new classes", FarSets = "far sets", WorstSet = "worst far set";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Gram, "the detector on a convolutional network (quick: three convolutions, full: ResNet-8); beside it the softmax probability (msp) of the same network"),
        new(PreActivation, "the same on a residual network of pre-activation units"),
        new(Perceptron, "the same on a perceptron with two hidden layers"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile)
    {
        double level = profile == Profile.Quick ? 0.97 : 0.90;
        return
        [
            Claim.Level("far-each", $"On the far set where it is worst the detector's AUROC is at least {level:F2}", Of(Study.Gram, Auroc, WorstSet), Better.Higher, Gram, level),
            Over("far", "Over the far sets the detector's mean AUROC is at least 0.05 above the softmax probability's", Gram, Auroc, FarSets, 0.05),
            Claim.Statistic("near", "New classes it finds less well: its AUROC is at least 0.02 below the softmax probability's", Of(Study.Softmax, Auroc, NewClasses), Better.Higher,
                [Gram], "msp - gram", arms => arms[Gram][Of(Study.Softmax, Auroc, NewClasses)] - arms[Gram][Of(Study.Gram, Auroc, NewClasses)], 0.02),
            Over("headline", "It refuses more of the far sets than the softmax probability, where 95 % of the test images pass (the paper's headline: SVHN 50.5 to 97.6 %)",
                Gram, Tnr, FarSets, 0),
            Over("far-preactivation", "On a pre-activation network, too, the mean AUROC over the far sets is at least 0.05 higher", PreActivation, Auroc, FarSets, 0.05),
            Over("far-perceptron", "and on a perceptron", Perceptron, Auroc, FarSets, 0.05),
            Claim.Exact("parameters", "ResNet-34 for images of 32 × 32 has 21,282,122 parameters", "parameters", 21_282_122,
                () => new GramOodSettings { Network = Network.ResNet34 }.Build([3, 32, 32], 10, new Rng(0)).ParameterCount),
        ];
    }

    private static Claim Over(string id, string statement, string arm, string metric, string set, double margin) =>
        Claim.Statistic(id, statement, Of(Study.Gram, metric, set), Better.Higher, [arm], "gram - msp",
            arms => arms[arm][Of(Study.Gram, metric, set)] - arms[arm][Of(Study.Softmax, metric, set)], margin);

    private static string Of(string score, string metric, string set) => $"{score} {metric} {set}";

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 5 : 3;

    /// <inheritdoc/>
    protected override GramOodSettings Settings(Profile profile, string arm)
    {
        GramOodSettings s = arm switch
        {
            PreActivation => new() { Network = Network.PreActivation, Depth = 10, NewClasses = 0 },
            Perceptron => new() { Network = Network.Perceptron, NewClasses = 0 },
            _ => new(),
        };
        if (profile == Profile.Quick) return s;
        s = s with { Data = ImageSet.Cifar10, TrainingImages = 10_000, TestImages = 2000, Steps = 1000 };
        if (arm == Gram) s = s with { Network = profile == Profile.Full ? Network.Residual : Network.ResNet34 };
        if (profile == Profile.Full) return s;
        if (arm == PreActivation) s = s with { Depth = 40, Width = 32 };
        return s with { TrainingImages = 50_000, TestImages = 10_000, ShiftsAndMirrors = true, Steps = 78_000, BatchSize = 128 };
    }

    /// <inheritdoc/>
    protected override GramOodSettings Smoke(GramOodSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Steps = 4, Width = quick.Network == Network.PreActivation ? 16 : 4, BatchSize = 16, TrainingImages = 60, TestImages = 40, Divisions = 2 };
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm == Gram ? 21_282_122 : null;

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<GramOodSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor x, IntTensor y) = ImageTask.Sample(run.Settings.Data, count: 8, run.Rng.Split("images"));
        Layer network = run.Settings.Build(x.Shape[1..], classes: 10, run.Rng.Split("weights"));
        return new Probe(network, () => network.Forward(x).CrossEntropy(y), () => network.Forward(x));
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<GramOodSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        GramOodSettings s = run.Settings;
        OutsideTask task = GramOodData.Load(s, run.Data, run.Rng);
        Study study = Study.Of(run, "all classes", task.Train, task.Test, task.Outside);
        ArmResult result = study.Trained.Result();
        result["detector seconds"] = study.DetectorSeconds;
        result.With(study.Metrics());
        Summarise(result, [.. task.Outside.Select(set => set.Name).Where(name => GramOodData.IsFar(s.Data, name))]);
        result.Figures.Add(study.Pictures("Images of each set"));
        foreach (Figure figure in study.Figures("Far sets")) result.Figures.Add(figure);
        if (s.NewClasses > 0) AddNewClasses(run, task, result);
        return result;
    }

    // A second network, which does not learn the last classes: images of these are near to what it knows.
    private static void AddNewClasses(ArmRun<GramOodSettings> run, OutsideTask task, ArmResult result)
    {
        int known = task.Train.ClassCount - run.Settings.NewClasses;
        OutsideSet others = new(NewClasses, GramOodData.Classes(task.Test, known..).Inputs);
        Study study = Study.Of(run, "known classes", GramOodData.Classes(task.Train, ..known), GramOodData.Classes(task.Test, ..known), [others]);
        result["test accuracy of known classes"] = study.Trained.Answers.PercentCorrect;
        result.With(study.Metrics().Where(metric => metric.Key.EndsWith(NewClasses, StringComparison.Ordinal)));
        foreach (Figure figure in study.Figures("New classes")) result.Figures.Add(figure);
    }

    private static void Summarise(ArmResult result, IReadOnlyList<string> farSets)
    {
        foreach (string score in (string[])[Study.Gram, Study.Softmax, Study.Combined])
        {
            foreach (string metric in (string[])[Auroc, Tnr]) result[Of(score, metric, FarSets)] = farSets.Average(set => result[Of(score, metric, set)]);
            result[Of(score, Auroc, WorstSet)] = farSets.Min(set => result[Of(score, Auroc, set)]);
        }
    }
}
