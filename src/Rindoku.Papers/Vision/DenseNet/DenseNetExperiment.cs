using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.DenseNet;

/// <summary>The kinds of networks that are compared.</summary>
public enum DenseNetKind
{
    /// <summary>DenseNet: no bottlenecks, transitions keep all maps.</summary>
    Plain,

    /// <summary>DenseNet-BC: bottlenecks, transitions keep half of the maps.</summary>
    BottleneckAndCompression,

    /// <summary>A residual network, of the form for small images.</summary>
    Residual,
}

/// <summary>What can be set in a run of DenseNet.</summary>
public sealed record DenseNetSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>The kind of network.</summary>
    [Description("plain, bottleneck-and-compression, or residual")]
    public DenseNetKind Network { get; init; }

    /// <summary>The depth.</summary>
    [Description("layers: 3n + 4 for plain, 6n + 4 with bottlenecks, 6n + 2 for a residual network")]
    public int Depth { get; init; } = 22;

    /// <summary>The growth rate k of a DenseNet; the channels of the first stage of a residual network.</summary>
    [Range(1, 1024), Description("growth rate; for a residual network the channels of its first stage")]
    public int Growth { get; init; } = 4;

    /// <summary>What the layers of a block see.</summary>
    [Description("dense, or chain: each layer sees only the one before")]
    public Connectivity Connectivity { get; init; }

    /// <summary>The probability of dropout after each convolution but the first.</summary>
    [Range(0.0, 0.95), Description("dropout after each convolution but the first; the paper uses 0.2 without augmentation")]
    public double Dropout { get; init; }

    /// <summary>Whether concatenations are made again on the way back instead of kept.</summary>
    [Description("true: concatenations are made again on the way back instead of kept; the numbers stay the same")]
    public bool SavesMemory { get; init; }

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 12;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start.</summary>
    [Range(0, double.MaxValue), Description("at the start; a tenth from half of the epochs on, a hundredth from three quarters")]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters")]
    public double WeightDecay { get; init; } = 1e-4;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        (int step, int rest, string formula) = Network switch
        {
            DenseNetKind.Plain => (3, 4, "3n + 4, such as 22 or 40"),
            DenseNetKind.BottleneckAndCompression => (6, 4, "6n + 4, such as 34 or 100"),
            _ => (6, 2, "6n + 2, such as 20 or 110"),
        };
        if (Depth < step + rest || (Depth - rest) % step != 0) yield return new ValidationResult($"got '{Depth}'; needed {formula}.", [nameof(Depth)]);
    }
}

/// <summary>Dense connections against the same layers without them, and against a residual network of many more parameters.</summary>
public sealed class DenseNetExperiment : Experiment<DenseNetSettings>
{
    private const string Dense = "dense", DenseBc = "dense-bc", Chain = "chain", Residual = "residual", Error = "test error";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Dense, "DenseNet: each layer sees the outputs of all before it in its block"),
        new(DenseBc, "DenseNet-BC: with bottlenecks, and half of the maps kept between blocks"),
        new(Chain, "the layers of the dense network with the connections cut: each sees only the one before"),
        new(Residual, "a residual network of several times as many parameters"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile)
    {
        bool quick = profile == Profile.Quick;
        (string whole, double slack, double share) = quick ? (Dense, 1.5, 0.25) : (DenseBc, 2, 0.65);
        return
        [
            Claim.Paired("connections", "With dense connections the error is at least 8 points lower than with them cut", Error, Better.Lower, whole, Chain, 8,
                units: "wrong", unitScale: 100),
            Claim.Paired("economy", $"DenseNet-BC errs at most {slack} points more than the residual network", Error, Better.Lower, DenseBc, Residual, -slack,
                units: "wrong", unitScale: 100),
            Claim.Ratio("parameters", $"DenseNet-BC has less than {share} times the parameters of the residual network", "parameters", Better.Lower, DenseBc, Residual, share),
            Claim.Paired("headline", "DenseNet-BC errs less than the residual network (the paper's headline: CIFAR-10 3.46 %, less than any before)", Error, Better.Lower,
                DenseBc, Residual, 0, units: "wrong", unitScale: 100),
            Claim.Level("spread", "Every layer uses two or more sources at half the weight of its strongest or more", "layers with spread weights", Better.Higher, whole, 99),
            Claim.Exact("memory", "In the memory-saving form a training step of a block of twice the layers takes twice the memory, not four times", "memory of 48 layers / of 24",
                2, () => Memory(layers: 48, saves: true) / Memory(layers: 24, saves: true), tolerance: 0.4),
            Claim.Exact("size-cifar", "DenseNet-BC of 100 layers and growth 12 has 769,162 parameters", "parameters", 769_162,
                () => new DenseNet(DenseNetShape.Cifar(100, 12, bottleneckAndCompression: true), 10, new Rng(0)).ParameterCount),
            Claim.Exact("size-imagenet", "DenseNet-121 has 7,978,856 parameters", "parameters", 7_978_856,
                () => new DenseNet(DenseNetShape.ImageNet(121), 1000, new Rng(0)).ParameterCount),
        ];
    }

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 6 : 3; // what a minute and a quarter of an hour allow

    /// <inheritdoc/>
    protected override DenseNetSettings Settings(Profile profile, string arm)
    {
        DenseNetSettings s = arm switch
        {
            DenseBc => new() { Network = DenseNetKind.BottleneckAndCompression, Depth = 34 },
            Chain => new() { Connectivity = Connectivity.Chain },
            Residual => new() { Network = DenseNetKind.Residual, Depth = 20, Growth = 8 },
            _ => new(),
        };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => Sized(s, depth: 40, residualDepth: 20, growth: 12, width: 16) with { Data = ImageSet.Cifar10Half, Epochs = 6 },
            _ => Sized(s, depth: 100, residualDepth: 110, growth: 12, width: 16) with { Epochs = 300 },
        };
    }

    // On CIFAR-10 the chain is that of DenseNet-BC, which the claims of these profiles are about.
    private static DenseNetSettings Sized(DenseNetSettings s, int depth, int residualDepth, int growth, int width) => s with
    {
        Data = ImageSet.Cifar10,
        Network = s.Connectivity == Connectivity.Chain ? DenseNetKind.BottleneckAndCompression : s.Network,
        Depth = s.Network == DenseNetKind.Residual ? residualDepth : depth,
        Growth = s.Network == DenseNetKind.Residual ? width : growth,
    };

    /// <inheritdoc/>
    protected override DenseNetSettings Smoke(DenseNetSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 1, Depth = quick.Network switch { DenseNetKind.Plain => 10, DenseNetKind.Residual => 8, _ => 16 }, BatchSize = 128 };
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm switch { Dense => 6_979_642, DenseBc => 769_162, Residual => 1_727_962, _ => null };

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<DenseNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor X, IntTensor Y) images = ImageTask.Sample(run.Settings.Data, count: 16, run.Rng.Split("images"));
        return Lab.Probe.OfClassifier(Model(run.Settings, classes: 10, images.X.Shape[1], run.Rng), images);
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<DenseNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        DenseNetSettings s = run.Settings;
        ClassificationTask task = ClassificationTask.Of(ImageTask.Load(s.Data, run.Data));
        Layer model = Model(s, task.Classes, task.InputShape[0], run.Rng);
        TrainedClassifier trained = new ClassifierTraining(run, model, task,
            new Sgd(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay, nesterov: true))
        {
            BatchSize = s.BatchSize,
            Schedule = steps => new MultiStep(s.LearningRate, [steps / 2, steps * 3 / 4]),
            EvaluateEvery = Every.Epochs(3),
            Measure = ClassifierMeasure.Error,
        }.Fit(s.Epochs);

        ArmResult result = trained.Result().With(trained.Figures());
        result["training loss"] = trained.Outcome.History.Latest("train/loss") ?? double.NaN;
        if (model is DenseNet { Connectivity: Connectivity.Dense } dense)
        {
            result["layers with spread weights"] = 100 * Spread(dense);
            result.Figures.Add(SourcesFigure(dense));
        }
        return result;
    }

    private static Layer Model(DenseNetSettings s, int classes, int channels, Rng rng)
    {
        Rng weights = rng.Split("weights");
        if (s.Network == DenseNetKind.Residual) return ResNet.Cifar(s.Depth, classes, weights, s.Growth, channels);
        DenseNetShape shape = DenseNetShape.Cifar(s.Depth, s.Growth, s.Network == DenseNetKind.BottleneckAndCompression);
        return new DenseNet(shape with { Connectivity = s.Connectivity, Dropout = s.Dropout, SavesMemory = s.SavesMemory }, classes, weights, channels, rng.Split("drops"));
    }

    /// <summary>Which part of the layers with several sources uses two of them or more at half the weight of the strongest or more.</summary>
    private static double Spread(DenseNet model)
    {
        double[][] layers = [.. Enumerable.Range(0, DenseNet.CifarBlocks).SelectMany(model.SourceWeights).Where(sources => sources.Length > 1)];
        return layers.Average(sources => sources.Count(weight => weight >= sources.Max() / 2) >= 2 ? 1.0 : 0.0);
    }

    private static Heatmap SourcesFigure(DenseNet model)
    {
        double[][] weights = model.SourceWeights(1);
        double[,] values = new double[weights.Length, weights.Length];
        for (int l = 0; l < weights.Length; l++)
            for (int source = 0; source < weights[l].Length; source++) values[l, source] = weights[l][source] / weights[l].Max();
        string[] names = [.. Enumerable.Range(0, weights.Length).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        return new Heatmap("How much the layers of the second block use of each source", "source layer (0: the block's input)", "layer", names,
            [.. names.Skip(1), weights.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)], values)
        { Caption = "The mean size of the weights on each source, as a part of the layer's largest: the paper's figure 5." };
    }

    /// <summary>How many bytes a training step of one block takes beyond what is held already.</summary>
    internal static double Memory(int layers, bool saves)
    {
        DenseNetShape shape = new() { BlockLayers = [layers], Growth = 8, StemChannels = 8, SavesMemory = saves };
        DenseNet model = new(shape, classes: 2, new Rng(0), channels: 1);
        Tensor x = new Rng(1).Normal([8, 1, 16, 16]);
        Step(); // threads make their own rooms the first time, which are not the block's
        MemoryScope.Trim();
        long before = MemoryScope.PooledBytes;
        Step();
        double taken = MemoryScope.PooledBytes - before;
        MemoryScope.Trim();
        return taken;

        void Step() => MemoryScope.Run(() => model.Forward(x).Sum().Backward());
    }
}
