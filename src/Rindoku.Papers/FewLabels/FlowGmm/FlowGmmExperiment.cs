using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.Flows;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>FlowGMM with few labels, against the same flow without unlabelled points and against classifiers: points in the plane, digits, texts.</summary>
public sealed class FlowGmmExperiment : Experiment<FlowGmmSettings>
{
    private const string Flow = "flow-gmm", LabelsOnly = "labels-only", Logistic = "logistic";
    private const string Vectors = "tabular-flow-gmm", VectorLabels = "tabular-labels-only", Mlp = "tabular-mlp", Pi = "tabular-pi-model";
    private const string Consistent = "digits-cons", Shifted = "digits-no-cons";
    private const double PriorRate = 1e-2; // of a learned prior, as the authors' code has it

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Flow, "points in the plane: a flow with a Gaussian for each class, from labelled and unlabelled points"),
        new(LabelsOnly, "the same flow from the labelled points alone"),
        new(Logistic, "logistic regression on the labelled points; the nearest labelled point beside it"),
        new(Vectors, "digits and texts as vectors: FlowGMM"),
        new(VectorLabels, "the same flow from the labelled vectors alone"),
        new(Mlp, "a network of three layers on the labelled vectors"),
        new(Pi, "the same network with the Pi-model's consistency over all vectors"),
        new(Consistent, "FlowGMM-cons: digits shifted by a pixel, with consistency between two shifts"),
        new(Shifted, "the same losses and shifts without consistency"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Level("moons", "Two moons with 5 labels of each class: at least 98 % of the unlabelled points are told right", "moons accuracy", Better.Higher, Flow, 98),
        Claim.Statistic("every-seed", "and so they are with every seed", "moons accuracy", Better.Higher, [Flow], "1 where it is at least 98 %, else 0",
            arms => arms[Flow]["moons accuracy"] >= 98 ? 1 : 0, 0.999),
        Above("unlabelled", "which is at least 3 points more than the same flow learns from labels alone", "moons accuracy", Flow, LabelsOnly, 3),
        Above("logistic", "and more than logistic regression does", "moons accuracy", Flow, Logistic),
        Claim.Statistic("nearest", "and more than the nearest labelled point tells", "moons accuracy", Better.Higher, [Flow, Logistic], $"{Flow} - nearest",
            arms => arms[Flow]["moons accuracy"] - arms[Logistic]["moons accuracy of the nearest"], 0),
        Claim.Level("inverse", "The trained flow, run backwards, gives every point back to 1e-4", "moons error of the inverse", Better.Lower, Flow, 1e-4),
        .. profile == Profile.Quick ? [] : FullClaims,
        Above("headline-mlp", "Headline: with few labels FlowGMM tells digits better than the MLP (the paper, on AG News: 82.1 % to 77.5 %)", "digits accuracy", Vectors, Mlp, units: true),
        Above("headline-pi", "and better than the Pi-model (the paper: 80.2 %)", "digits accuracy", Vectors, Pi, units: true),
        Claim.Exact("parameters", "The flow of AG News has 23,890,944 numbers, counted as the authors' code does", "parameters", 23_890_944,
            () => RealNvp.OfVectors(768, 7, 1024, new Rng(0)).ParameterCount + 7 * 768), // whose scales have directions as well, which learn nothing
    ];

    private static IEnumerable<Claim> FullClaims =>
    [
        Above("digits-unlabelled", "On digits the unlabelled ones do not hurt: FlowGMM is at least as accurate as from labels alone", "digits accuracy", Vectors, VectorLabels, units: true),
        Above("news-unlabelled", "and so it is on news", "news accuracy", Vectors, VectorLabels, units: true),
        Above("news-mlp", "Headline: with few labels FlowGMM tells news better than the MLP", "news accuracy", Vectors, Mlp, units: true),
        Above("news-pi", "and better than the Pi-model", "news accuracy", Vectors, Pi, units: true),
        Above("consistency", "With the consistency term shifts by a pixel change the answer less often", "digits same answer when shifted", Consistent, Shifted),
    ];

    // The test examples of digits and news are the same for all seeds, so their spread counts as well.
    private static Claim Above(string id, string statement, string metric, string treatment, string baseline, double margin = 0, bool units = false) =>
        Claim.Paired(id, statement, metric, Better.Higher, treatment, baseline, margin, units ? metric.Replace("accuracy", "correct", StringComparison.Ordinal) : null, unitScale: 100);

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 5 : 3;

    /// <inheritdoc/>
    protected override FlowGmmSettings Settings(Profile profile, string arm) => arm switch
    {
        Flow or LabelsOnly or Logistic => Planar(profile, arm switch { Flow => Method.FlowGmm, LabelsOnly => Method.LabelsOnly, _ => Method.Logistic }),
        Consistent or Shifted => Images(profile) with { ConsistencyWeight = arm == Consistent ? 1 : 0 },
        _ => Tabular(profile, arm switch { Vectors => Method.FlowGmm, VectorLabels => Method.LabelsOnly, Pi => Method.PiModel, _ => Method.Mlp }),
    };

    private static FlowGmmSettings Planar(Profile profile, Method method)
    {
        FlowGmmSettings s = new() { Method = method, Data = method == Method.FlowGmm ? [PointSet.Moons, PointSet.Circles] : [PointSet.Moons] };
        if (method == Method.Logistic) s = s with { LearningRate = 0.1 };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => s with { Data = [PointSet.Moons, PointSet.Circles, PointSet.EightGaussians], Width = 256, Steps = 2500 },
            _ => s with { Data = [PointSet.Moons], Width = 512, Steps = 2001, LearningRate = method == Method.Logistic ? s.LearningRate : 1e-4, UnlabelledBatch = 10 },
        };
    }

    private static FlowGmmSettings Tabular(Profile profile, Method method)
    {
        bool flow = method is Method.FlowGmm or Method.LabelsOnly;
        FlowGmmSettings s = new()
        {
            Method = method,
            Data = [PointSet.Digits],
            LabelsPerClass = 10,
            Couplings = 6,
            Width = flow ? 64 : 128,
            Dropout = 0.5,
            Steps = 300,
            LearningRate = flow ? 3e-3 : 1e-3,
            UnlabelledBatch = 64,
            WeightDecay = 1e-5,
            UnlabelledWeight = 0.3,
            ConsistencyWeight = 30,
        };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => s with { Data = [PointSet.Digits, PointSet.News], Width = flow ? 256 : 512, LabelsPerClass = 20, Steps = 1000, UnlabelledBatch = 128 },
            _ => s with
            {
                Data = [PointSet.News],
                LabelsPerClass = 50,
                Features = 768,
                Couplings = 7,
                Width = flow ? 1024 : 512,
                Steps = flow ? 2500 : 500,
                LearningRate = flow ? 3e-4 : 1e-3,
                LabelledBatch = 200,
                UnlabelledBatch = 5000,
                UnlabelledWeight = 0.6,
            },
        };
    }

    private static FlowGmmSettings Images(Profile profile)
    {
        FlowGmmSettings s = Tabular(profile == Profile.Full ? Profile.Full : Profile.Quick, Method.Consistency) with
        {
            Data = [PointSet.Digits],
            Width = profile == Profile.Full ? 256 : 64,
            Steps = profile == Profile.Full ? 600 : 300,
            LearningRate = 3e-3,
            UnlabelledWeight = 1,
            LabelledWeight = 3,
        };
        return profile != Profile.Paper ? s : s with
        {
            Data = [PointSet.Mnist],
            ImageFlow = true,
            LabelsPerClass = 10,
            Width = 64,
            Scales = 3,
            Blocks = 4,
            Steps = 120_000, // 30,001 passes over the labelled images, 32 at a time
            LearningRate = 1e-5,
            WeightDecay = 5e-5,
            LabelledBatch = 32,
            UnlabelledBatch = 32,
            RampSteps = 4000,
            Shift = 4,
        };
    }

    /// <inheritdoc/>
    protected override FlowGmmSettings Smoke(FlowGmmSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Data = [quick.Data[0]], Steps = 6, Width = 32, Points = 100, Couplings = 3, UnlabelledBatch = 16, LabelsPerClass = 2, Dropout = quick.Dropout / 50 };
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm switch
    {
        // As the authors' code counts, less the directions of the weight-normalised scales: one number for each length, which learns nothing.
        Flow or LabelsOnly => 1_331_240 - 5 * 2,
        Vectors or VectorLabels => 23_890_944 - 7 * 768,
        _ => null,
    };

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<FlowGmmSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        // Two labels of each class; for a linear classifier one of each of two, which a line can always tell apart.
        FlowGmmSettings s = run.Settings with { LabelsPerClass = run.Settings.Method == Method.Logistic ? 1 : 2, UnlabelledBatch = Math.Min(16, run.Settings.UnlabelledBatch) };
        FewLabelTask task = FewLabelTask.Load(s.Data[0], s, data: null, run.Rng.Split("data"));
        Layer model = Model(s, s.Data[0], task, run.Rng);
        FewLabelBatch batch = task.Batch(s, step: s.RampSteps, run.Rng.Split("batch"));
        batch = batch with { First = batch.First.Keep(), Second = batch.Second?.Keep() };
        return new Probe(model, () => Loss(model, batch, s), () => model.Forward(batch.First))
        {
            Floor = model is FlowGmm ? LatentEntropy(task.Test.InputShape.Length, s) : 0,
            LearningRate = s.Method == Method.Logistic ? 0.1 : 5e-3,
        };
    }

    // A density has no least loss. What stands for it is the loss of points that the flow takes, without any change of volume, to just what the Gaussians would give.
    private static double LatentEntropy(int size, FlowGmmSettings s) => size * 0.5 * Math.Log(2 * Math.PI * Math.E) * s.Method switch
    {
        Method.LabelsOnly => s.LabelledWeight,
        Method.Consistency => s.UnlabelledWeight + s.ConsistencyWeight,
        _ => s.LabelledWeight + s.UnlabelledWeight,
    };

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<FlowGmmSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArmResult result = new();
        foreach (PointSet set in run.Settings.Data) Learn(run, set, result);
        return result;
    }

    private static void Learn(ArmRun<FlowGmmSettings> run, PointSet set, ArmResult result)
    {
        FlowGmmSettings s = run.Settings;
        string name = FlowGmmMeasures.Name(set);
        FewLabelTask task = FewLabelTask.Load(set, s, run.Data, run.Rng.Split(name));
        Layer model = Model(s, set, task, run.Rng.Split(name));
        Trainer<FewLabelBatch> trainer = new(run, model, Optimizer(model, set, s), batch => Loss(model, batch, s))
        {
            Name = name,
            Clip = parameters => GradientClipping.ByNorm(parameters, 100),
            Schedule = Schedule(set, s),
        };
        TrainingOutcome outcome = trainer.FitSteps(task.Batches(s, run.Rng.Split("batches")), s.Steps);
        model.Eval();
        FlowGmmMeasures.Add(result, set, model, task, outcome, run);
    }

    private static Layer Model(FlowGmmSettings s, PointSet set, FewLabelTask task, Rng rng)
    {
        Rng weights = rng.Split("weights");
        int classes = task.Test.ClassCount, size = task.Test.InputShape.Length;
        if (s.Method == Method.Logistic) return new Linear(size, classes, weights);
        if (s.Method is Method.Mlp or Method.PiModel) return Classifiers.Mlp(size, s.Width, classes, s.Dropout, weights);
        Flow flow = s.ImageFlow
            ? RealNvp.OfImages(task.Test.InputShape, s.Scales, s.Width, s.Blocks, weights)
            : RealNvp.OfVectors(size, s.Couplings, s.Width, weights, s.HiddenLayers, s.Dropout);
        Rng means = rng.Split("means");
        return new FlowGmm(flow, new LatentMixture(set switch
        {
            PointSet.Moons => LatentMixture.OnCircle(2, 3.5 * Math.Sqrt(2), start: -0.75 * Math.PI), // (-3.5, -3.5) and (3.5, 3.5)
            PointSet.Circles => LatentMixture.OnCircle(2, 3.5),
            PointSet.EightGaussians => LatentMixture.OnCircle(3, 5.5),
            _ when s.ImageFlow => means.Normal([classes, size]),
            _ => LatentMixture.OnSphere(classes, size, distance: 7, means),
        }, s.LearnPrior));
    }

    private static Tensor Loss(Layer model, FewLabelBatch batch, FlowGmmSettings s)
    {
        double consistency = s.ConsistencyWeight * Math.Min(1, (batch.Step + 1.0) / Math.Max(1, s.RampSteps));
        return s.Method switch
        {
            Method.Consistency => ((FlowGmm)model).ConsistentLoss(batch.First, batch.Second!, batch.Y, s.LabelledWeight, consistency, s.UnlabelledWeight),
            Method.FlowGmm or Method.LabelsOnly => ((FlowGmm)model).Loss(batch.First, batch.Y, s.LabelledWeight, s.UnlabelledWeight),
            Method.PiModel => Classifiers.PiLoss(model, batch.First, batch.Y, consistency),
            _ => model.Forward(batch.First).CrossEntropy(batch.Y),
        };
    }

    private static Optimizer Optimizer(Layer model, PointSet set, FlowGmmSettings s)
    {
        List<ParameterGroup> groups = [];
        Add(p => !Prior(p) && Decays(p), 1, null);
        Add(p => !Prior(p) && !Decays(p), 1, 0);
        Add(Prior, PriorRate / s.LearningRate, 0);
        return FlowGmmSettings.IsPlanar(set)
            ? new Adam(groups, s.LearningRate, weightDecay: s.WeightDecay)
            : new AdamW(groups, s.LearningRate, weightDecay: s.WeightDecay);

        bool Decays(string name) => !s.ImageFlow || name.EndsWith("weight_g", StringComparison.Ordinal); // of a flow of images only the lengths of filters
        static bool Prior(string name) => name.StartsWith("prior.", StringComparison.Ordinal);
        void Add(Func<string, bool> chosen, double rate, double? decay)
        {
            Parameter[] parameters = [.. model.NamedParameters.Where(p => chosen(p.Name)).Select(p => p.Parameter)];
            if (parameters.Length > 0) groups.Add(new ParameterGroup(parameters) { LearningRateFactor = rate, WeightDecay = decay });
        }
    }

    private static ISchedule Schedule(PointSet set, FlowGmmSettings s) => FlowGmmSettings.IsPlanar(set)
        ? new MultiStep(s.LearningRate, [s.Steps / 2, s.Steps * 4L / 5])
        : s.ImageFlow ? new Constant(s.LearningRate) : new Cosine(s.LearningRate, 0, s.Steps);
}
