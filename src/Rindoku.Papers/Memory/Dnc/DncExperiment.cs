using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>A controller with a memory against an LSTM alone: copying, questions about graphs, questions about stories; and trained memories taken apart.</summary>
public sealed class DncExperiment : Experiment<DncSettings>
{
    private const string Copy = "copy-dnc", CopyLstm = "copy-lstm", CopyContent = "copy-content", Repeat = "repeat-dnc", RepeatLstm = "repeat-lstm",
        Traversal = "traversal-dnc", TraversalLstm = "traversal-lstm", Path = "path-dnc", PathLstm = "path-lstm", Stories = "babi-dnc", StoriesLstm = "babi-lstm",
        Published = "published";

    private const string FirstLoss = "training loss at the start", LastLoss = "training loss at the end";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Copy, "copying sequences: the differentiable neural computer"),
        new(CopyLstm, "copying sequences: an LSTM alone, with more weights"),
        new(CopyContent, "copying sequences: the computer without links, which finds rows by content alone"),
        new(Repeat, "copying several times: the computer"),
        new(RepeatLstm, "copying several times: an LSTM alone"),
        new(Traversal, "walking through random graphs: the computer"),
        new(TraversalLstm, "walking through random graphs: an LSTM alone"),
        new(Path, "shortest paths in random graphs: the computer"),
        new(PathLstm, "shortest paths in random graphs: an LSTM alone"),
        new(Stories, "questions about stories (bAbI): the computer"),
        new(StoriesLstm, "questions about stories (bAbI): an LSTM alone"),
        new(Published, "published weights for copying, whole and with one mechanism taken away") { Pretrained = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Statistic("copy", "Copying 8 vectors after training on up to 5, the computer makes less than a quarter of the LSTM's mistakes", CopySequences.WrongAt(8),
            Better.Lower, [Copy, CopyLstm], "mistakes of the computer / of the LSTM", arms => arms[Copy][CopySequences.WrongAt(8)] / arms[CopyLstm][CopySequences.WrongAt(8)], 0.25),
        Lower("copy-seen", "... and at 5 vectors, as long as in training, it makes fewer", CopySequences.WrongAt(5), Copy, CopyLstm),
        Lower("links", "Where vectors come again, the computer makes fewer mistakes than without links, by content alone", CopySequences.WrongRepeated, Copy, CopyContent),
        Claim.Statistic("repeat", "In the authors' configuration of repeat-copy the loss falls", LastLoss, Better.Lower, [Repeat],
            "loss at the end / at the start", arms => arms[Repeat][LastLoss] / arms[Repeat][FirstLoss], 1),
        Lower("repeat-lstm", "... and ends below that of an LSTM alone", LastLoss, Repeat, RepeatLstm),
        .. profile == Profile.Quick ? [] : Long(),
        Claim.Exact("interface", "The interface of N = 256, W = 64, R = 4, the paper's memory for bAbI, has 471 numbers", "numbers", 471,
            () => new MemorySize(256, 64, 4).InterfaceLength),
        Claim.Exact("allocation", "With usages 0.9, 0.1, 0.5, 0.1 a share of 0.9955 can be allocated: one minus their product", "share", 0.9955,
            () => Addressing.Allocation(Tensor.Of(0.9f, 0.1f, 0.5f, 0.1f).Reshape(1, 4)).ToArray().Sum(), 1e-6),
        Claim.Exact("parameters", "The computer for copying has 24,487 parameters, as the sheet's reference", "parameters", 24_487,
            () => Model(Settings(Profile.Quick, Copy), SequenceTask.Of(Settings(Profile.Quick, Copy), null), new Rng(0)).ParameterCount),
    ];

    private static IEnumerable<Claim> Long() =>
    [
        Higher("traversal", "Walking through graphs, the computer gives more whole answers than an LSTM (the paper: 98.8 % on its last lesson, the LSTM 37 % on its first)",
            Traversal, TraversalLstm),
        Higher("path", "... and so it does for shortest paths", Path, PathLstm),
        Lower("headline", "bAbI, some tasks learned together: the computer answers fewer questions wrong than an LSTM (the paper's headline: best run 3.8 % over all 20)",
            StoryTask.Error, Stories, StoriesLstm),
        Claim.Level("published", "Published weights copy four sequences in a row: 99 % of them without a mistake, or more", PublishedArm.Series, Better.Higher, Published, 99),
        Claim.Statistic("lesions", "... and at most 1 % when any one mechanism is taken away", PublishedArm.Series, Better.Lower, [Published],
            "largest share of exact sequences", arms => PublishedArm.Lesions.Keys.Max(mechanism => arms[Published][PublishedArm.Without(mechanism)]), 1),
        Claim.Statistic("larger", "More rows after the training let them copy what was too long for the rows before", PublishedArm.Larger, Better.Higher, [Published],
            "exact at length 20, 40 rows - 15 rows", arms => arms[Published][PublishedArm.Larger] - arms[Published][PublishedArm.Single(20)], 0),
    ];

    private static Claim Lower(string id, string statement, string metric, string treatment, string baseline) =>
        Claim.Paired(id, statement, metric, Better.Lower, treatment, baseline);

    private static Claim Higher(string id, string statement, string treatment, string baseline) =>
        Claim.Paired(id, statement, GraphTask.Whole, Better.Higher, treatment, baseline);

    /// <inheritdoc/>
    protected override DncSettings Settings(Profile profile, string arm)
    {
        DncSystem system = arm.EndsWith("-lstm", StringComparison.Ordinal) ? DncSystem.Lstm : DncSystem.Dnc;
        DncSettings s = new() { System = system, Links = arm != CopyContent };
        return arm switch
        {
            Repeat or RepeatLstm => RepeatCopy(s, profile),
            Traversal or TraversalLstm => Graph(s with { Task = DncTask.Traversal }, profile),
            Path or PathLstm => Graph(s with { Task = DncTask.ShortestPath }, profile),
            Stories or StoriesLstm => Babi(s, profile),
            _ => s with { Units = system == DncSystem.Lstm ? 80 : 64, Steps = profile == Profile.Paper ? 100_000 : 1500 },
        };
    }

    // google-deepmind/dnc, train.py.
    private static DncSettings RepeatCopy(DncSettings s, Profile profile) => s with
    {
        Task = DncTask.RepeatCopy,
        Units = s.System == DncSystem.Lstm ? 104 : 64,
        Width = 16,
        Reads = 4,
        Start = 0,
        StrengthsFromZero = true,
        StopUsageGradient = true,
        Bound = 20,
        Bits = 4,
        Lengths = [1, 2],
        Repeats = [1, 2],
        Optimizer = DncOptimizer.RmsProp,
        Momentum = 0,
        LearningRate = 1e-4,
        ClipNorm = 50,
        Steps = profile switch { Profile.Quick => 400, Profile.Full => 4000, _ => 100_000 },
    };

    private static DncSettings Graph(DncSettings s, Profile profile) => profile == Profile.Paper
        ? Paper(s) with { Layers = 3, Rows = 128, Width = 50, Reads = 5, Nodes = 40, Degree = 6, PathEdges = s.Task == DncTask.Traversal ? 20 : 6, Digits = 3, Planning = 10 }
        : s with
        {
            Units = s.System == DncSystem.Lstm ? 128 : 96,
            Rows = 24,
            Width = 16,
            Reads = 2,
            Nodes = 4,
            PathEdges = 2,
            Steps = profile == Profile.Quick ? 500 : 6000,
        };

    private static DncSettings Babi(DncSettings s, Profile profile)
    {
        s = s with { Task = DncTask.Babi };
        return profile switch
        {
            Profile.Paper => Paper(s) with { Rows = 256, Width = 64, Reads = 4, Stories = StorySource.Babi, BabiTasks = [.. Enumerable.Range(1, 20)] },
            _ => s with
            {
                Units = s.System == DncSystem.Lstm ? 128 : 96,
                Rows = 32,
                Width = 16,
                Reads = 2,
                Stories = profile == Profile.Quick ? StorySource.Made : StorySource.Babi,
                BabiTasks = [1, 4, 15, 16],
                Steps = profile == Profile.Quick ? 500 : 1000,
            },
        };
    }

    private static DncSettings Paper(DncSettings s) => s with
    {
        Units = s.System == DncSystem.Lstm ? 512 : 256,
        Start = 0,
        Biases = false,
        Deviation = 0.1,
        BatchSize = 1,
        Optimizer = DncOptimizer.RmsProp,
        LearningRate = 1e-4,
        Steps = 500_000,
    };

    /// <inheritdoc/>
    protected override DncSettings Smoke(DncSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Units = 24, Rows = 6, Width = 6, BatchSize = 4, Steps = 6, TestSequences = 6, Nodes = 4, PathEdges = 2, Planning = 1, MadeStories = 20, MadeSentences = 1 };
    }

    /// <inheritdoc/>
    protected override Probe? Probe(ArmRun<DncSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        SequenceTask task = SequenceTask.Of(run.Settings, data: null);
        Layer model = Model(run.Settings, task, run.Rng);
        SequenceBatch batch = task.Draw(4, 1, run.Rng.Split("probe"));
        return new Probe(model, () => task.Loss(model.Forward(batch.Inputs), batch), () => model.Forward(batch.Inputs)) { Steps = 400 }; // without the sequence's mark in sight it takes a while
    }

    private static Layer Model(DncSettings s, SequenceTask task, Rng rng)
    {
        Rng weights = rng.Split("weights"), heads = rng.Split("heads");
        Layer model;
        if (s.System == DncSystem.Lstm)
        {
            model = new Sequential(new Lstm(task.Inputs, s.Units, weights, new RecurrentSettings { Layers = s.Layers }), new Linear(s.Units, task.Outputs, heads));
        }
        else
        {
            float? bound = (float?)s.Bound;
            LstmController controller = new(task.Inputs + s.Reads * s.Width, s.Units, s.Layers, weights, bound);
            model = new Dnc(task.Outputs, new MemorySize(s.Rows, s.Width, s.Reads), controller, heads, s.Biases)
            {
                Clip = bound,
                Memory = new MemoryOptions { Links = s.Links, Start = (float)s.Start, StrengthsFromZero = s.StrengthsFromZero, StopUsageGradient = s.StopUsageGradient },
            };
        }
        if (s.Deviation is { } deviation)
            foreach (Parameter parameter in model.Parameters) weights.FillNormal(parameter.Values, 0, (float)deviation);
        return model;
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<DncSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        DncSettings s = run.Settings;
        if (run.Arm == Published) return PublishedArm.Run(run, s);
        SequenceTask task = SequenceTask.Of(s, run.Data);
        Layer model = Model(s, task, run.Rng);
        TrainingOutcome outcome = Train(run, task, model);
        model.Eval();
        ArmResult result = new() { ["parameters"] = model.ParameterCount, ["training seconds"] = outcome.Seconds };
        IReadOnlyList<double> losses = outcome.History.Values("train/loss");
        (result[FirstLoss], result[LastLoss]) = (Ends(losses, fromEnd: false), Ends(losses, fromEnd: true));
        task.Measure(model, result);
        result.Figures.Add(outcome.History.Chart($"Loss of a sequence while training, {run.Arm}", "nats", "train/loss"));
        result.Figures.Add(outcome.History.Chart($"Wrong answers while training, {run.Arm}", new Axis("wrong", "%"), WrongWhileTraining));
        if (model is not Dnc computer) return result;
        (SequenceBatch shown, IReadOnlyList<string> steps) = task.Shown();
        return result.With(MemoryFigures.Of(computer, shown.Inputs, steps));
    }

    private const string WrongWhileTraining = "% wrong of other sequences";

    private static TrainingOutcome Train(ArmRun<DncSettings> run, SequenceTask task, Layer model)
    {
        DncSettings s = run.Settings;
        Rng training = run.Rng.Split("training");
        SequenceBatch validation = task.Validation(run.Rng.Split("validation"));
        Optimizer optimizer = s.Optimizer == DncOptimizer.Adam ? new Adam(model.Parameters, s.LearningRate)
            : new RmsProp(model.Parameters, s.LearningRate, smoothing: 0.9, epsilon: 1e-10, momentum: s.Momentum);
        Trainer<SequenceBatch> trainer = new(run, model, optimizer, batch => task.Loss(model.Forward(batch.Inputs), batch))
        {
            Clip = parameters => GradientClipping.ByNorm(parameters, s.ClipNorm),
            EvaluateEvery = Every.Steps(Math.Max(1, s.Steps / 20)),
            Evaluate = () => new Dictionary<string, double> { [WrongWhileTraining] = task.Validate(model, validation) },
        };
        return trainer.FitSteps(BatchSource.Make(100, step => task.Draw(s.BatchSize, (double)step / s.Steps, training.Split(step))), s.Steps);
    }

    /// <summary>Mistakes by length, of the systems that copy.</summary>
    public override IEnumerable<Figure> Compare(IReadOnlyDictionary<string, ArmResult> oneSeed)
    {
        ArgumentNullException.ThrowIfNull(oneSeed);
        double[] lengths = [.. CopySequences.Lengths.Select(length => (double)length)];
        LineSeries[] systems = [.. new[] { Copy, CopyContent, CopyLstm }.Where(oneSeed.ContainsKey).Select(arm =>
            new LineSeries(arm, lengths, [.. CopySequences.Lengths.Select(length => oneSeed[arm][CopySequences.WrongAt(length)])]))];
        if (systems.Length > 1) yield return new LineChart("Copying sequences longer than those of the training", "vectors", new Axis("wrong bits", "%"), systems)
        { Caption = "Training had 1 to 5 vectors. The computer follows its links; without them it has no places for vectors that it has not met." };
    }

    // The mean of the first or last tenth of the logged losses: single ones differ by the lengths of their sequences.
    private static double Ends(IReadOnlyList<double> losses, bool fromEnd)
    {
        int count = Math.Max(1, losses.Count / 10);
        return fromEnd ? losses.TakeLast(count).Average() : losses.Take(count).Average();
    }
}
