using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.FractalNet;

/// <summary>What can be set in a run of FractalNet.</summary>
public sealed record FractalNetSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half (16 x 16 pixels) from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>C, the columns of a block.</summary>
    [Range(1, 8), Description("columns C of a block, whose longest path has 2^(C-1) convolutions")]
    public int Columns { get; init; } = 3;

    /// <summary>For each block the outputs of its convolutions.</summary>
    [Description("for each block the outputs of its convolutions; every block halves the image")]
    public IReadOnlyList<int> Filters { get; init; } = [16, 32];

    /// <summary>The probability of dropout in each block, or none at all.</summary>
    [Description("for each block the probability of dropout; empty for none at all")]
    public IReadOnlyList<double> Dropout { get; init; } = [];

    /// <summary>What comes first at the end of a block.</summary>
    [Description("at the end of a block: pool-then-join as the authors' code, or join-then-pool as the paper's figure")]
    public JoinOrder Order { get; init; }

    /// <summary>In local paths, how likely an input of a join is dropped.</summary>
    [Range(0.0, 1.0), Description("local drop-path: how likely an input of a join is dropped")]
    public double LocalDrop { get; init; }

    /// <summary>How likely a batch goes through one column only.</summary>
    [Range(0.0, 1.0), Description("global drop-path: how likely a batch goes through one column only; with 0 for this and for local drop there is no drop-path")]
    public double GlobalShare { get; init; }

    /// <summary>Whether only the deepest column is built, as a network of its own.</summary>
    [Description("whether only the deepest column is trained, as a plain network of its own")]
    public bool Plain { get; init; }

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 25;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start.</summary>
    [Range(0, double.MaxValue), Description("at the start")]
    public double LearningRate { get; init; } = 0.02;

    /// <summary>How often the learning rate is divided by 10.</summary>
    [Range(0, 10), Description("how often the rate is divided by 10: each time the steps that remain have halved")]
    public int RateDrops { get; init; } = 2;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        int side = ImageTask.ShapeOf(Data)[1], most = int.Log2(side);
        if (Filters.Count < 1 || Filters.Count > most)
            yield return new ValidationResult($"got {Filters.Count} blocks; needed 1 to {most}, for each halves images of {side} x {side} pixels.", [nameof(Filters)]);
        if (Filters.Any(f => f < 1)) yield return new ValidationResult("a block needs 1 filter or more.", [nameof(Filters)]);
        if (Dropout.Count != 0 && Dropout.Count != Filters.Count)
            yield return new ValidationResult($"got {Dropout.Count} rates; needed one for each of the {Filters.Count} blocks, or none.", [nameof(Dropout)]);
        if (Dropout.Any(rate => !(rate is >= 0 and < 1))) yield return new ValidationResult("a rate lies from 0 to below 1.", [nameof(Dropout)]);
    }
}

/// <summary>FractalNet with drop-path, without, and its deepest column as a plain network that was trained alone.</summary>
public sealed class FractalNetExperiment : Experiment<FractalNetSettings>
{
    private const string DropPaths = "drop-path", Whole = "whole", Plain = "plain", Accuracy = "test accuracy";
    private const int Columns = 3; // of every profile

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(DropPaths, "trained with dropout and drop-path, half of the batches local, half global"),
        new(Whole, "the same network, always trained as a whole"),
        new(Plain, "the deepest column alone, trained as a plain network"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile)
    {
        bool quick = profile == Profile.Quick;
        int gain = quick ? 30 : 15;
        IEnumerable<int> columns = Enumerable.Range(1, Columns);
        Claim Column(int c) => Claim.Paired($"column-{c}", $"Column {c} alone is at least {gain} points better if trained with drop-path", Of(c), Better.Higher,
            DropPaths, Whole, gain, units: Correct(c), unitScale: 100);
        Claim Level(int c) => Claim.Level($"column-{c}-works", $"Column {c} alone has an accuracy of at least 90 %", Of(c), Better.Higher, DropPaths, 90);
        Claim Difference(string id, string statement, IReadOnlyList<string> arms, string quantity, Func<IReadOnlyDictionary<string, ArmResult>, double> points, double bar) =>
            Claim.Statistic(id, statement, Accuracy, Better.Higher, arms, quantity, points, bar);
        return
        [
            .. columns.Select(Column),
            .. quick ? columns.Select(Level) : [],
            Difference("deepest", "The deepest column alone is at most 3 points worse than the whole network", [DropPaths], "deepest column - whole network",
                arms => arms[DropPaths][Of(Columns)] - arms[DropPaths][Accuracy], -3),
            Difference("anytime", "The deepest column is better than the shallowest: more time, a better answer", [DropPaths], "deepest - shallowest column",
                arms => arms[DropPaths][Of(Columns)] - arms[DropPaths][Of(1)], 0),
            Difference("plain", "The deepest column is at most 2 points worse than the same plain network trained alone", [DropPaths, Plain],
                "deepest column - plain network", arms => arms[DropPaths][Of(Columns)] - arms[Plain][Accuracy], -2),
            Claim.Paired("headline", "The whole network is better with dropout and drop-path (the paper's headline: CIFAR-10 error 10.18 to 7.33 % without augmentation)",
                Accuracy, Better.Higher, DropPaths, Whole, 0, units: "correct", unitScale: 100),
            Claim.Exact("parameters", "The network of 20 layers has 33,760,484 parameters for 100 classes (the released generator's; the paper prints 38.6 M)",
                "parameters", 33_760_484, () => new FractalNet(Published, 100, new Rng(0)).ParameterCount),
            Claim.Exact("depth", "Five blocks of three columns are 20 convolutions deep", "convolutions", 20, () => Published.Depth),
        ];
    }

    private static FractalSize Published { get; } = new(3, [64, 128, 256, 512, 512]);

    private static string Of(int column) => string.Create(CultureInfo.InvariantCulture, $"column {column} accuracy");

    private static string Correct(int column) => string.Create(CultureInfo.InvariantCulture, $"column {column} correct");

    /// <inheritdoc/>
    protected override FractalNetSettings Settings(Profile profile, string arm)
    {
        FractalNetSettings settings = profile switch
        {
            Profile.Quick => new() { Dropout = [0, 0.1] },
            Profile.Full => new()
            {
                Data = ImageSet.Cifar10Half,
                Filters = [16, 32, 64, 64],
                Dropout = [0, 0.1, 0.2, 0.3],
                Epochs = 12,
                BatchSize = 100,
            },
            _ => new()
            {
                Data = ImageSet.Cifar10,
                Filters = Published.Filters,
                Dropout = [0, 0.1, 0.2, 0.3, 0.4],
                Epochs = 400,
                BatchSize = 100,
                RateDrops = 4,
            },
        };
        return arm == DropPaths ? settings with { LocalDrop = 0.15, GlobalShare = 0.5 } : settings with { Dropout = [], Plain = arm == Plain };
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<FractalNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        FractalNetSettings s = run.Settings;
        ImageTask images = ImageTask.Load(s.Data, run.Data);
        (Layer model, IReadOnlyDictionary<string, Layer> columns) = Model(s, run.Rng, images.Classes, images.Channels);
        TrainedClassifier trained = new ClassifierTraining(run, model, ClassificationTask.Of(images), Optimizer(s, model))
        {
            BatchSize = s.BatchSize,
            Schedule = steps => new MultiStep(s.LearningRate, Milestones(steps, s.RateDrops)),
            EvaluateEvery = Every.Epochs(5),
            Evaluate = () => columns.ToDictionary(part => part.Key, part => AnswersOf(part.Value, images.Test).PercentCorrect),
        }.Fit(s.Epochs);
        return Measure(trained, columns, images.Test);
    }

    /// <summary>When the learning rate falls: each time the steps that remain have halved, at 1/2, 3/4, 7/8, ... of all.</summary>
    /// <param name="steps">All steps.</param>
    /// <param name="drops">How often.</param>
    public static IReadOnlyList<long> Milestones(long steps, int drops) => [.. Enumerable.Range(1, drops).Select(i => steps - (steps >> i))];

    // What is trained, and the networks that are measured: the whole one, and each column by itself.
    private static (Layer Model, IReadOnlyDictionary<string, Layer> Columns) Model(FractalNetSettings s, Rng rng, int classes, int channels)
    {
        FractalSize size = new(s.Columns, s.Filters) { Dropout = s.Dropout, Order = s.Order };
        DropPath? dropPath = s.LocalDrop > 0 || s.GlobalShare > 0 ? new DropPath(rng.Split("paths"), s.LocalDrop, s.GlobalShare) : null;
        FractalNet net = new(size, classes, rng.Split("weights"), channels, dropPath);
        Dictionary<string, Layer> columns = [];
        Layer model = s.Plain ? net.Column(s.Columns) : net;
        columns[Accuracy] = model;
        if (!s.Plain)
            for (int c = 1; c <= s.Columns; c++) columns[Of(c)] = net.Column(c);
        return (model, columns);
    }

    // The generator gives biases twice the learning rate.
    private static Sgd Optimizer(FractalNetSettings s, Layer model) => new(
        [new ParameterGroup(model.Parameters.Where(p => p.Rank > 1)), new ParameterGroup(model.Parameters.Where(p => p.Rank == 1)) { LearningRateFactor = 2 }],
        s.LearningRate, momentum: 0.9);

    private static Answers AnswersOf(Layer network, LabelledSet test)
    {
        network.Eval();
        return Answers.Of(network.Forward, test);
    }

    private static ArmResult Measure(TrainedClassifier trained, IReadOnlyDictionary<string, Layer> columns, LabelledSet test)
    {
        ArmResult result = trained.Result();
        foreach ((string name, Layer network) in columns.Where(part => part.Key != Accuracy)) // the whole network is in the result already
        {
            Answers answers = AnswersOf(network, test);
            result[name] = answers.PercentCorrect;
            result.Units[name.Replace("accuracy", "correct", StringComparison.Ordinal)] = answers.Correct;
        }
        result.Figures.Add(ClassifierFigures.Loss(trained.Outcome.History));
        result.Figures.Add(trained.Outcome.History.Chart("The whole network and its columns, each by itself", new Axis("test accuracy", "%"), [.. columns.Keys]) with
        {
            Caption = "With drop-path every column is a network that works; without, only the whole is (the paper's figure 3 has the losses).",
        });
        result.Figures.Add(new BarChart("Accuracy after training", new Axis("test accuracy", "%"),
            [.. columns.Keys.Select(name => new Bar(name == Accuracy ? "whole" : name.Replace(" accuracy", "", StringComparison.Ordinal), result[name]))]));
        return result;
    }

    /// <inheritdoc/>
    protected override FractalNetSettings Smoke(FractalNetSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 1, Filters = [4, 6], BatchSize = 128 };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<FractalNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor X, IntTensor Y) images = ImageTask.Sample(run.Settings.Data, count: 16, run.Rng.Split("images"));
        return Lab.Probe.OfClassifier(Model(run.Settings, run.Rng, classes: 10, images.X.Shape[1]).Model, images);
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm == Plain ? null : 33_714_314;
}
