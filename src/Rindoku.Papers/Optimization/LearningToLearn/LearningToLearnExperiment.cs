using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Optimization.LearningToLearn;

/// <summary>What can be set in a run of learning to learn.</summary>
public sealed record LearningToLearnSettings : IValidatableObject
{
    /// <summary>Random quadratics that the optimizer is trained on at once.</summary>
    [Range(1, int.MaxValue), Description("random quadratics side by side in a training optimization")]
    public int Functions { get; init; } = 16;

    /// <summary>Coordinates of each.</summary>
    [Range(1, int.MaxValue), Description("coordinates of a quadratic")]
    public int Dimensions { get; init; } = 10;

    /// <summary>Quadratics that everything is measured on.</summary>
    [Range(1, int.MaxValue), Description("quadratics that everything is measured on, others for each seed")]
    public int TestFunctions { get; init; } = 128;

    /// <summary>What the small networks learn.</summary>
    [Description("what the small networks learn: digits (embedded), or mnist or fashion-mnist from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>Hidden units of the small networks.</summary>
    [Range(1, int.MaxValue), Description("hidden units of the small networks")]
    public int Hidden { get; init; } = 20;

    /// <summary>Images in a batch of theirs.</summary>
    [Range(1, int.MaxValue), Description("images in a batch of the small networks")]
    public int BatchSize { get; init; } = 128;

    /// <summary>Networks that everything is measured on.</summary>
    [Range(1, int.MaxValue), Description("start values of networks that everything is measured on")]
    public int TestNetworks { get; init; } = 2;

    /// <summary>Steps of an optimization.</summary>
    [Range(2, int.MaxValue), Description("steps of an optimization")]
    public int Steps { get; init; } = 100;

    /// <summary>Steps that the meta-gradient goes back through.</summary>
    [Range(1, int.MaxValue), Description("steps that the meta-gradient goes back through; a part of the steps")]
    public int Unroll { get; init; } = 20;

    /// <summary>Optimizations of quadratics to train with.</summary>
    [Range(1, int.MaxValue), Description("optimizations of quadratics to train with")]
    public int Epochs { get; init; } = 120;

    /// <summary>Optimizations of networks to train with.</summary>
    [Range(1, int.MaxValue), Description("optimizations of networks to train with")]
    public int NetworkEpochs { get; init; } = 20;

    /// <summary>How often the learned optimizer is tried on validation problems; the best is kept.</summary>
    [Range(1, int.MaxValue), Description("after how many of them the learned optimizer is tried on validation problems; the best is kept")]
    public int ValidateEvery { get; init; } = 10;

    /// <summary>Layers of the LSTM.</summary>
    [Range(0, int.MaxValue), Description("layers of the LSTM")]
    public int Layers { get; init; } = 2;

    /// <summary>Units of each.</summary>
    [Range(1, int.MaxValue), Description("units of a layer")]
    public int Units { get; init; } = 20;

    /// <summary>What the LSTM's output is multiplied by.</summary>
    [Range(0.0, double.MaxValue), Description("what the LSTM's output is multiplied by")]
    public double OutputScale { get; init; } = 0.1;

    /// <summary>p of the preprocessing of the networks' gradients.</summary>
    [Range(0.1, 50.0), Description("p of the preprocessing, for the networks: gradients below exp(-p) have only their sign told; quadratics are read as they are")]
    public double Preprocess { get; init; } = 10;

    /// <summary>Adam's rate for the LSTM.</summary>
    [Range(0.0, double.MaxValue), Description("Adam's rate for the LSTM")]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>The largest norm of the meta-gradient.</summary>
    [Range(1e-6, double.MaxValue), Description("largest norm of the meta-gradient")]
    public double Clip { get; init; } = 10;

    /// <summary>Whether the meta-gradient flows through the gradients.</summary>
    [Description("whether the meta-gradient also flows through the gradients that the LSTM reads")]
    public bool SecondDerivatives { get; init; }

    /// <summary>Whether networks of other shapes are tried as well.</summary>
    [Description("whether what was trained on one shape of network is tried on others, too")]
    public bool OtherShapes { get; init; }

    /// <summary>Rates tried for each optimizer made by hand.</summary>
    [Range(1, 100), Description("rates tried in each power of ten for the optimizers made by hand")]
    public int RatesPerDecade { get; init; } = 5;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Steps % Unroll != 0) yield return new ValidationResult($"got {Unroll}; needed a divisor of steps ({Steps}), such as {Steps / 5}.", [nameof(Unroll)]);
    }
}

/// <summary>A learned optimizer against four made by hand, each at its best rate: random quadratics and small networks.</summary>
public sealed class LearningToLearnExperiment : Experiment<LearningToLearnSettings>
{
    private const string Lstm = "lstm", Adam = "adam", Quadratic = "quadratic", Network = "network";

    private static readonly string[] Tasks = [Quadratic, Network], HandMadeArms = [Adam, "rmsprop", "sgd", "nesterov"];

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Lstm, "the learned optimizer: an LSTM for each coordinate, one trained for quadratics and one for networks"),
        new(Adam, "Adam, at the best rate for the problems it is measured on"),
        new("rmsprop", "RMSprop, likewise"),
        new("sgd", "gradient descent, likewise"),
        new("nesterov", "Nesterov's momentum of 0.9, likewise"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        profile == Profile.Quick
            ? AgainstBest("quadratic", "Quadratics: the loss after 100 steps is no higher than the best of the four optimizers made by hand", $"{Quadratic} loss", 1)
            : AgainstBest("quadratic", "Quadratics: the loss after 100 steps is at most 0.75 times that of the best optimizer made by hand", $"{Quadratic} loss", 0.75),
        Claim.Ratio("quadratic-adam", "Quadratics: the loss is no higher than Adam's", $"{Quadratic} loss", Better.Lower, Lstm, Adam),
        Claim.Statistic("transfer", "Trained on optimizations of 100 steps it goes on well: after 200 steps the loss is no higher (quadratics)",
            $"{Quadratic} loss", Better.Lower, [Lstm], "loss after twice the steps / after the steps",
            arms => arms[Lstm][$"{Quadratic} loss, twice the steps"] / arms[Lstm][$"{Quadratic} loss"], 1),
        Claim.Ratio("network-adam", "Networks: the loss after 100 steps is at most 1.1 times Adam's", $"{Network} loss", Better.Lower, Lstm, Adam, 1.1),
        Claim.Statistic("headline", "On both tasks the loss is lower than that of each of the four, tuned (the paper's headline)", $"{Network} loss", Better.Lower,
            [Lstm, .. HandMadeArms], "larger of the two tasks' lstm / best made by hand", arms => Tasks.Max(task => OverBest(arms, $"{task} loss")), 1),
        .. profile == Profile.Quick ? [] : OtherShapes(),
        Claim.Exact("parameters", "The coordinate-wise LSTM has 5,061 parameters", "parameters", 5061, () => new LearnedOptimizer(new Rng(0)).ParameterCount),
        Claim.Exact("parameters-preprocessed", "... and 5,141 where gradients are preprocessed", "parameters", 5141,
            () => new LearnedOptimizer(new Rng(0), preprocess: 10).ParameterCount),
    ];

    private static IEnumerable<Claim> OtherShapes() =>
    [
        AgainstBest("wide", "Trained on networks of 20 hidden units it also does better than all four on 40", "twice the hidden units loss", 1),
        AgainstBest("deep", "... and on two hidden layers", "two hidden layers loss", 1),
        Claim.Statistic("relu", "... but not on ReLU, whose dynamics it has not seen: there it is worse than the best made by hand", "ReLU loss", Better.Higher,
            [Lstm, .. HandMadeArms], "lstm / best made by hand", arms => OverBest(arms, "ReLU loss"), 1),
    ];

    private static Claim AgainstBest(string id, string statement, string metric, double bar) =>
        Claim.Statistic(id, statement, metric, Better.Lower, [Lstm, .. HandMadeArms], "lstm / best made by hand", arms => OverBest(arms, metric), bar);

    private static double OverBest(IReadOnlyDictionary<string, ArmResult> arms, string metric) => arms[Lstm][metric] / HandMadeArms.Min(arm => arms[arm][metric]);

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 3 : 5;

    /// <inheritdoc/>
    protected override LearningToLearnSettings Settings(Profile profile, string arm) => profile switch
    {
        Profile.Quick => new(),
        Profile.Full => new() { TestFunctions = 384, Epochs = 400, NetworkEpochs = 200, TestNetworks = 4, OtherShapes = true },
        _ => new() { Functions = 128, Data = ImageSet.Mnist, Epochs = 10_000, NetworkEpochs = 10_000, ValidateEvery = 1000, LearningRate = 1e-3, OtherShapes = true },
    };

    /// <inheritdoc/>
    protected override LearningToLearnSettings Smoke(LearningToLearnSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with
        {
            Functions = 4,
            Dimensions = 4,
            TestFunctions = 8,
            Hidden = 4,
            BatchSize = 32,
            TestNetworks = 2,
            Steps = 20,
            Unroll = 10,
            Epochs = 4,
            NetworkEpochs = 3,
            ValidateEvery = 2,
            Units = 8,
            OutputScale = 0.5,
            RatesPerDecade = 1,
        };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<LearningToLearnSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        LearningToLearnSettings s = run.Settings;
        (Tensor x, IntTensor y) = ImageTask.Sample(s.Data, count: 16, run.Rng.Split("images"));
        LabelledSet images = new(x, y, [.. Enumerable.Range(0, 10).Select(c => c.ToString(CultureInfo.InvariantCulture))]);
        Rng draws = run.Rng.Split("probe");
        Quadratics quadratics = new(4, s.Dimensions, draws);
        if (run.Arm == Lstm) return Probe(run, [quadratics, new Networks(1, new NetworkShape([]), images, 16, draws)]);

        // What is made by hand has no weights: what it trains are the coordinates of the problems.
        Coordinates[] thetas = [new(quadratics), new(new Networks(2, new NetworkShape([s.Hidden]), images, 16, draws))];
        return new Probe(new ModuleList(thetas), () => thetas[0].Loss() + thetas[1].Loss(), () => Tensor.Concat([thetas[0].Each(), thetas[1].Each()])) { LearningRate = 0.1 };
    }

    // The loss after an unroll, of networks without a hidden layer: from small start values a hidden one takes more steps than an unroll has.
    private static Probe Probe(ArmRun<LearningToLearnSettings> run, Problems[] problems)
    {
        LearnedOptimizer[] rules = [.. Tasks.Select(task => Learned(run, task))];
        Tensor After(int i) => Unrolling.Run(rules[i], problems[i], Unrolling.Position.Of(rules[i], problems[i]), run.Settings.Unroll).Last;
        return new Probe(new ModuleList(rules), () => After(0) + After(1), () => Tensor.Stack([After(0), After(1)])) { LearningRate = 0.03 };
    }

    private static LearnedOptimizer Learned(ArmRun<LearningToLearnSettings> run, string task)
    {
        LearningToLearnSettings s = run.Settings;
        return new LearnedOptimizer(run.Rng.Split($"{task} weights"), s.Layers, s.Units, task == Network ? s.Preprocess : null, s.OutputScale);
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<LearningToLearnSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        LabelledSet images = ImageTask.Load(run.Settings.Data, run.Data, standardise: false).Train;
        ArmResult result = new();
        Trial trial = new(run, images);
        foreach (string task in Tasks)
            if (run.Arm == Lstm) MeasureLearned(run, trial, task, images, result);
            else MeasureHandMade(run.Arm, trial, task, result);
        return result;
    }

    private static void MeasureHandMade(string arm, Trial trial, string task, ArmResult result)
    {
        double[] losses = trial.MeasureHandMade(arm, task, result);
        result.Figures.Add(new LineChart($"Loss over the steps, {task}", "step", new Axis("loss") { Logarithmic = true }, [Curve(arm, losses)]));
    }

    private static void MeasureLearned(ArmRun<LearningToLearnSettings> run, Trial trial, string task, LabelledSet images, ArmResult result)
    {
        LearningToLearnSettings s = run.Settings;
        LearnedOptimizer rule = Learned(run, task);
        Problems Draw(int count, Rng rng) => task == Quadratic ? new Quadratics(count, s.Dimensions, rng)
            : new Networks(count, new NetworkShape([s.Hidden]), images, s.BatchSize, rng);
        Rng training = run.Rng.Split($"training, {task}");
        TrainingOutcome outcome = MetaTraining.Train(run, rule, task, epoch => Draw(task == Quadratic ? s.Functions : 1, training.Split(epoch)),
            validation: Draw(task == Quadratic ? 4 * s.Functions : 2, run.Rng.Split($"validation, {task}")), task == Quadratic ? s.Epochs : s.NetworkEpochs);
        result[$"{task} best epoch"] = outcome.BestStep;
        result[$"{task} training seconds"] = outcome.Seconds;
        double[] losses = trial.MeasureLearned(rule, task, result);
        result.Figures.Add(new LineChart($"Loss over the steps, {task}", "step", new Axis("loss") { Logarithmic = true },
            [Curve(Lstm, losses), .. HandMadeArms.Select(arm => Curve(arm, trial.Losses(arm, task)))])
        { Caption = "The paper's figure 4: the learned optimizer and those made by hand, each at its best rate." });
        result.Figures.Add(outcome.History.Chart($"Training the optimizer, {task}", new Axis("loss") { Logarithmic = true }, "train/loss", "validation loss"));
    }

    private static LineSeries Curve(string name, double[] losses) => new(name, [.. Enumerable.Range(0, losses.Length).Select(t => (double)t)], losses);

    /// <summary>The coordinates of problems as parameters.</summary>
    private sealed class Coordinates : Module
    {
        private readonly Problems problems;
        private readonly Parameter theta;

        public Coordinates(Problems problems) => (this.problems, theta) = (problems, Register("theta", problems.Start));

        public Tensor Loss() => problems.Sum(theta, 0);

        public Tensor Each() => problems.Each(theta, 0);
    }
}
