using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.BinaryNet;

/// <summary>Which of the paper's two networks.</summary>
public enum NetworkKind
{
    /// <summary>Hidden layers of one width: the network for MNIST.</summary>
    Mlp,

    /// <summary>Six convolutions and three dense layers: the network for CIFAR-10 and SVHN.</summary>
    Conv,
}

/// <summary>What can be set in a run of binarized neural networks.</summary>
public sealed record BinaryNetSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist or cifar10 from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>The network.</summary>
    [Description("mlp or conv")]
    public NetworkKind Network { get; init; }

    /// <summary>Units of a hidden layer, or channels of the first convolution.</summary>
    [Range(1, 16384), Description("units of a hidden layer, or channels of the first convolution")]
    public int Width { get; init; } = 256;

    /// <summary>Whether weights and activations are signs.</summary>
    [Description("signs for weights and activations; otherwise real weights and hard tanh")]
    public bool Binary { get; init; } = true;

    /// <summary>The normalisation; with that of shifts goes the optimizer of shifts.</summary>
    [Description("batch (with Adam) or shift (with shift-based AdaMax)")]
    public NormKind Norm { get; init; }

    /// <summary>Whether activations are drawn at random in training.</summary>
    [Description("activations drawn at random in training")]
    public bool Stochastic { get; init; }

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 40;

    /// <summary>Images in a batch.</summary>
    [Range(2, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 100;

    /// <summary>The learning rate at the start.</summary>
    [Range(0, double.MaxValue), Description("at the start")]
    public double LearningRate { get; init; } = 0.003;

    /// <summary>What the rate has fallen to at the end, as a part of the first; it falls exponentially.</summary>
    [Range(0.0, 1.0), Description("what the rate falls to, exponentially, as a part of the first")]
    public double FinalFactor { get; init; } = 1e-4;

    /// <summary>How likely an input is dropped in training.</summary>
    [Range(0.0, 1.0), Description("how likely an input is dropped in training")]
    public double InputDropout { get; init; }

    /// <summary>How likely a hidden activation is dropped in training.</summary>
    [Range(0.0, 1.0), Description("how likely a hidden activation is dropped in training")]
    public double HiddenDropout { get; init; }

    /// <summary>Rows and columns of the matrices whose product is timed.</summary>
    [Range(1, 8192), Description("rows and columns of the matrices whose product is timed")]
    public int ProductSize { get; init; } = 1024;

    /// <summary>Units of a hidden layer of the network that is timed, three of them after 784 inputs.</summary>
    [Range(1, 16384), Description("units of a hidden layer of the network that is timed")]
    public int TimedWidth { get; init; } = 4096;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Network == NetworkKind.Conv && ImageTask.ShapeOf(Data)[1] % 8 != 0)
            yield return new ValidationResult($"got 'conv' with images of {ImageTask.ShapeOf(Data)[1]} pixels; needed is a multiple of 8: digits or cifar10.", [nameof(Network)]);
    }
}

/// <summary>A binarized network against the same one in real numbers, also made binary after its training; and how fast and small it is when packed.</summary>
public sealed class BinaryNetExperiment : Experiment<BinaryNetSettings>
{
    private const string Bnn = "bnn", BnnShift = "bnn-shift", Real = "real";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Bnn, "weights and activations are signs; batch normalisation and Adam"),
        new(BnnShift, "the same with shift-based batch normalisation and shift-based AdaMax"),
        new(Real, "the same network in real numbers with hard tanh, then also made binary after its training"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile)
    {
        bool quick = profile == Profile.Quick;
        const string accuracy = "test accuracy";
        List<Claim> claims =
        [
            Speed("product", "The packed 1024 x 1024 x 1024 product is at least 4 times as fast as the library's own in floats", "real product seconds", "packed product seconds", 4),
            Speed("product-tuned", "It is at least 3.4 times as fast as a tuned product in floats (the paper's headline, against cuBLAS)", "real product seconds", "packed product seconds", 3.4),
            Speed("product-plain", "A 512 x 512 x 512 product is at least 23 times as fast as plain loops (the paper's headline)", "plain loops seconds", "packed small product seconds", 23),
            Speed("network", "The packed network 784-4096-4096-4096-10 is at least 7 times as fast as the same in floats (the paper's headline)", "real network seconds", "packed network seconds", 7),
            Claim.Level("memory", "Its weights and thresholds take at least 30 times less memory (the paper: 32 times)", "memory ratio", Better.Higher, Bnn, 30),
            Claim.Level("same", "Packed, it predicts for every test image what it predicted before (images that differ)", "packed differences", Better.Lower, Bnn, 0.5),
            Claim.Statistic("post-hoc", "It is at least 15 points more accurate than the real network made binary after training", accuracy, Better.Higher, [Bnn, Real],
                "bnn - real made binary", arms => arms[Bnn][accuracy] - arms[Real]["accuracy made binary"], 15),
            Claim.Statistic("post-hoc-statistics", "... and at least 4 points more than that with its batch statistics taken anew", accuracy, Better.Higher, [Bnn, Real],
                "bnn - real made binary, anew", arms => arms[Bnn][accuracy] - arms[Real]["accuracy made binary, statistics anew"], 4),
            Claim.Paired("gap", $"It is at most {(quick ? "2" : "2.5")} points less accurate than the real network", accuracy, Better.Higher, Bnn, Real, quick ? -2 : -2.5, units: "correct", unitScale: 100),
            Claim.Paired("headline", "It is as accurate as the real network (the paper's headline: nearly state of the art, MNIST 0.96 % against 0.94 %)", accuracy, Better.Higher,
                Bnn, Real, 0, units: "correct", unitScale: 100),
            Claim.Paired("shift", "Shifts in place of products cost at most 1.5 points", accuracy, Better.Higher, BnnShift, Bnn, -1.5, units: "correct", unitScale: 100),
            Claim.Exact("bits", "The CIFAR-10 network's 14,022,016 weights take 1,752,752 bytes", "bytes", 1_752_752,
                () => BinaryNet.ConvNet(new(), 3, 32, 128, 1024, 10, new Rng(0)).BinaryLayers.Sum(layer => (long)layer.Weight.Length) / 8.0),
        ];
        if (!quick) claims.Add(Claim.Level("level", "It reaches 95 % on the test images", accuracy, Better.Higher, Bnn, 95));
        return claims;
    }

    private static Claim Speed(string id, string statement, string slow, string fast, double times) =>
        Claim.Statistic(id, statement, fast, Better.Higher, [Bnn], $"{slow} / {fast}", arms => arms[Bnn][slow] / arms[Bnn][fast], times);

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 5 : 3; // what a minute and a quarter of an hour allow

    /// <inheritdoc/>
    protected override BinaryNetSettings Settings(Profile profile, string arm)
    {
        // The Torch code's rates for shifts: 2^-6 at first, halved 13 times as Adam's rate falls to 1e-4 of itself.
        BinaryNetSettings quick = new()
        {
            Binary = arm != Real,
            Norm = arm == BnnShift ? NormKind.Shift : NormKind.Batch,
            LearningRate = arm == BnnShift ? Math.Pow(2, -6) : 0.003,
        };
        return profile switch
        {
            Profile.Quick => quick,
            Profile.Full => quick with { Data = ImageSet.Mnist, Width = 512 },
            _ => quick with
            {
                Data = ImageSet.Mnist,
                Width = arm == BnnShift ? 2048 : 4096,
                Epochs = 1000,
                InputDropout = arm == BnnShift ? 0 : 0.2,
                HiddenDropout = arm == BnnShift ? 0 : 0.5,
            },
        };
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<BinaryNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        BinaryNetSettings s = run.Settings;
        (LabelledSet train, LabelledSet test) = Data(run);
        BinaryNet model = Model(s, s.Binary, run.Rng, train.InputShape);
        TrainedClassifier trained = new ClassifierTraining(run, model, ClassificationTask.Of(train, test), Optimizer(s, model))
        {
            BatchSize = s.BatchSize,
            Loss = batch => BinaryNet.Loss(model.Forward(batch.X), batch.Y),
            Schedule = steps => new Exponential(s.LearningRate, Math.Pow(s.FinalFactor, 1.0 / steps)),
            AfterStep = _ => model.Clip(),
            EvaluateEvery = Every.Epochs(5),
        }.Fit(s.Epochs);

        ArmResult result = trained.Result();
        result.Figures.Add(ClassifierFigures.Loss(trained.Outcome.History, "squared hinge"));
        result.Figures.Add(ClassifierFigures.Curve(trained.Outcome.History, ClassifierMeasure.Accuracy));
        if (s.Binary) MeasurePacked(model, test, result);
        else MeasureMadeBinary(run, model, train, test, result);
        if (run.Arm == Bnn) BinarySpeed.Measure(run, result);
        foreach (Figure figure in BinaryNetFigures.Of(model, train.InputShape)) result.Figures.Add(figure);
        return result;
    }

    private static BinaryNet Model(BinaryNetSettings s, bool binary, Rng rng, Shape input)
    {
        const int classes = 10;
        BinaryNetOptions options = new()
        {
            Binary = binary,
            Norm = s.Norm,
            Epsilon = s.Norm == NormKind.Shift ? 1e-5 : 1e-4,
            Momentum = s.Norm == NormKind.Shift ? 0.125 : 0.1,
            Stochastic = s.Stochastic,
            InputDropout = s.InputDropout,
            HiddenDropout = s.HiddenDropout,
        };
        Rng weights = rng.Split("weights");
        return s.Network == NetworkKind.Mlp
            ? BinaryNet.Mlp(options, input.Length, s.Width, 3, classes, weights)
            : BinaryNet.ConvNet(options, input[0], input[1], s.Width, 8 * s.Width, classes, weights);
    }

    // Binary weights step by Glorot's factor, which the authors' code applies to the step and not to the gradient.
    private static Optimizer Optimizer(BinaryNetSettings s, BinaryNet model)
    {
        Dictionary<Parameter, double> factors = model.BinaryLayers.ToDictionary(layer => layer.Weight, layer => layer.LearningRateFactor);
        ParameterGroup[] groups = [.. model.Parameters.GroupBy(p => factors.GetValueOrDefault(p, 1)).Select(g => new ParameterGroup(g) { LearningRateFactor = g.Key })];
        return s.Norm == NormKind.Shift ? new ShiftAdaMax(groups, s.LearningRate) : new Adam(groups, s.LearningRate);
    }

    private static void MeasurePacked(BinaryNet model, LabelledSet test, ArmResult result)
    {
        PackedBinaryNet packed = new(model, test.InputShape);
        IEnumerable<(int Before, int After)> answers = Answers.Of(model.Forward, test).Predicted.Zip(Answers.Of(packed.Forward, test).Predicted);
        result["packed differences"] = answers.Count(answer => answer.Before != answer.After);
        result["packed bytes"] = packed.Bytes;
    }

    // The real network's weights and statistics in a binary one: first as they are, then with the statistics of what it now computes.
    private static void MeasureMadeBinary(ArmRun<BinaryNetSettings> run, BinaryNet model, LabelledSet train, LabelledSet test, ArmResult result)
    {
        const int enough = 60; // batches, after which less than 0.2 % of the old statistics is left
        BinaryNet binary = Model(run.Settings with { InputDropout = 0, HiddenDropout = 0, Stochastic = false }, binary: true, run.Rng, train.InputShape);
        binary.Load(model.State().Where(entry => !entry.Key.Contains("dropout", StringComparison.Ordinal)).ToDictionary());
        binary.Eval();
        result["accuracy made binary"] = Answers.Of(binary.Forward, test).PercentCorrect;
        int size = run.Settings.BatchSize, count = train.Count / size;
        binary.EstimateStatistics(Enumerable.Range(0, enough).Select(i => train[(i % count * size)..(i % count * size + size)].Inputs));
        result["accuracy made binary, statistics anew"] = Answers.Of(binary.Forward, test).PercentCorrect;
    }

    /// <inheritdoc/>
    protected override BinaryNetSettings Smoke(BinaryNetSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 1, Width = 24, ProductSize = 16, TimedWidth = 16 };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<BinaryNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor x, IntTensor y) = ImageTask.Sample(run.Settings.Data, count: 16, run.Rng.Split("images"));
        Tensor bytes = BinaryNet.FromPixels(x).Keep();
        BinaryNet model = Model(run.Settings, run.Settings.Binary, run.Rng, x.Shape[1..]);
        return new Probe(model, () => BinaryNet.Loss(model.Forward(bytes), y), () => model.Forward(bytes));
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm == BnnShift ? 10_020_874 + 12_308 : 36_818_954 + 24_596;

    private static (LabelledSet Train, LabelledSet Test) Data(ArmRun<BinaryNetSettings> run)
    {
        ImageTask task = ImageTask.Load(run.Settings.Data, run.Data, standardise: false);
        return (Bytes(task.Train), Bytes(task.Test));

        static LabelledSet Bytes(LabelledSet set) => new(BinaryNet.FromPixels(set.Inputs).Keep(), set.Labels, set.ClassNames);
    }
}
