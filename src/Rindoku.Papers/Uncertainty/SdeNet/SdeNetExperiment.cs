using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.SdeNet;

/// <summary>SDE-Net against a single network, dropout at test and ensembles: do they know what they do not know?</summary>
public sealed class SdeNetExperiment : Experiment<SdeNetSettings>
{
    private const string Sde = "sde-net", Single = "single", Dropout = "mc-dropout", Ensemble = "ensemble";
    private const string SdeTable = "sde-net-regression", DropoutTable = "mc-dropout-regression", EnsembleTable = "ensemble-regression";
    private const string MeanAuroc = "mean auroc", Rmse = "rmse", NoiseAuroc = "auroc noise";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Sde, "images: a state that drifts and diffuses, the more the farther from the data"),
        new(Single, "images: a residual network, its largest probability (the paper's threshold)"),
        new(Dropout, "images: the same with dropout before the last layer, at test as well"),
        new(Ensemble, "images: several of the residual networks"),
        new(SdeTable, "a table: SDE-Net"),
        new(DropoutTable, "a table: five hidden layers with dropout, at test as well"),
        new(EnsembleTable, "a table: several networks of five hidden layers"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Statistic("regression-noise", "A table: rows of noise are told by the spread of the draws, by 0.05 in AUROC better than by dropout and by an ensemble", NoiseAuroc, Better.Higher,
            [SdeTable, DropoutTable, EnsembleTable], "sde-net - the better of the two", arms => arms[SdeTable][NoiseAuroc] - Math.Max(arms[DropoutTable][NoiseAuroc], arms[EnsembleTable][NoiseAuroc]), 0.05),
        Claim.Ratio("regression-error", "A table: the error is at most 1.25 times the ensemble's", Rmse, Better.Lower, SdeTable, EnsembleTable, 1.25),
        Claim.Level("diffusion", "Images: the diffusion alone tells every set from outside, AUROC at least 0.95", "least auroc of g", Better.Higher, Sde, 0.95),
        Claim.Paired("over-single", "Images: mean AUROC is by 0.005 above the single network's", MeanAuroc, Better.Higher, Sde, Single, 0.005),
        Claim.Paired("over-dropout", "Images: and above that of dropout at test", MeanAuroc, Better.Higher, Sde, Dropout),
        Claim.Paired("accuracy", "Images: accuracy is at most 2 points below the single network's", "accuracy", Better.Higher, Sde, Single, -2, units: "correct", unitScale: 100),
        Claim.Statistic("headline", "Images: sets from outside are told better than by any of the others (the paper's headline: MNIST, SVHN)", MeanAuroc, Better.Higher, [Sde, Single, Dropout, Ensemble],
            "sde-net - the best of the others", arms => arms[Sde][MeanAuroc] - new[] { Single, Dropout, Ensemble }.Max(arm => arms[arm][MeanAuroc]), 0),
        Claim.Statistic("headline-mistakes", "Images: and so are its own mistakes (the paper's second headline)", "auroc of mistakes", Better.Higher, [Sde, Single, Dropout, Ensemble],
            "sde-net - the best of the others", arms => arms[Sde]["auroc of mistakes"] - new[] { Single, Dropout, Ensemble }.Max(arm => arms[arm]["auroc of mistakes"]), 0),
        Claim.Exact("parameters", "The network for MNIST has 283,723 parameters, half of the residual network's 576,778", "parameters", 283_723,
            () => SdeNetworks.Images(Layout.Mnist, 1, 64, 10, 6, 1e-3, new Rng(0)).ParameterCount),
    ];

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => 3;

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm switch
    {
        Sde => 283_723,
        Single or Dropout => 576_778,
        SdeTable => 12_403,
        DropoutTable => 14_852,
        _ => null,
    };

    /// <inheritdoc/>
    protected override SdeNetSettings Settings(Profile profile, string arm)
    {
        SdeNetSettings s = new()
        {
            Kind = arm is SdeTable or DropoutTable or EnsembleTable ? Kind.Regression : Kind.Classification,
            Method = arm switch { Sde or SdeTable => Method.SdeNet, Single => Method.Single, Dropout or DropoutTable => Method.McDropout, _ => Method.Ensemble },
        };
        return s.Kind == Kind.Regression ? OfTable(s, profile) : OfImages(s, profile);
    }

    private static SdeNetSettings OfImages(SdeNetSettings s, Profile profile) => profile switch
    {
        Profile.Quick => s,
        Profile.Full => s with { Data = ImageSet.Mnist, Layout = Layout.Mnist, Time = 6, TrainingExamples = 9000, TestExamples = 2000, Steps = 1500, Members = 5 },
        _ => s with
        {
            Data = ImageSet.Mnist,
            Layout = Layout.Mnist,
            Time = 6,
            Channels = 64,
            TrainingExamples = 60_000,
            TestExamples = 10_000,
            Steps = 40 * 468,
            BatchSize = 128,
            DiffusionLearningRate = 0.01,
            HeadDeviation = 1e-3,
            TrainingSigma = 20,
            LaterSigma = 20,
            TestSigma = 500,
            Drops = [0.25, 0.5, 0.75],
            DiffusionDrops = [0.375, 0.75],
            Members = 5,
        },
    };

    private static SdeNetSettings OfTable(SdeNetSettings s, Profile profile)
    {
        bool sde = s.Method == Method.SdeNet;
        s = s with
        {
            Table = RegressionTable.Friedman,
            TrainingExamples = 1200,
            TestExamples = 300,
            Time = 4,
            TrainingSigma = 0.1,
            LaterSigma = 0.5,
            TestSigma = 0.5,
            Steps = 450, // 25 epochs
            LearningRate = 1e-3,
            DiffusionLearningRate = 0.01,
            Drops = [],
            DiffusionDrops = [],
            Clip = sde ? 10 : 0,
            Dropout = 0.05,
            Members = 5,
            Passes = sde ? 10 : 20,
        };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => s with { Table = RegressionTable.Diabetes, Steps = 300 }, // 60 epochs
            _ => s with
            {
                Table = RegressionTable.YearPredictionMsd,
                Steps = 60 * 3622,
                BatchSize = 128,
                LearningRate = sde ? 1e-4 : 1e-3,
                Drops = [1.0 / 3],
                Clip = sde ? 100 : 0,
            },
        };
    }

    /// <inheritdoc/>
    protected override SdeNetSettings Smoke(SdeNetSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Steps = 6, Channels = 4, BatchSize = 8, TrainingExamples = 40, TestExamples = 30, Passes = 2, Members = 2, Time = 2 };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<SdeNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Settings.Kind == Kind.Regression ? TableProbe(run) : ImageProbe(run);
    }

    private static Probe ImageProbe(ArmRun<SdeNetSettings> run)
    {
        SdeNetSettings s = run.Settings;
        Rng weights = run.Rng.Split("weights");
        (Tensor x, IntTensor y) = ImageTask.Sample(s.Data, count: 8, run.Rng.Split("images"));
        if (s.Method == Method.SdeNet)
        {
            SdeNet model = SdeNetworks.Images(s.Layout, x.Shape[1], s.Channels, 10, s.Time, s.HeadDeviation, weights);
            Tensor disturbed = Disturbed(run, x);
            return new Probe(model, () => model.Forward(x, 0, run.Rng).CrossEntropy(y) + model.DetectionLoss(x, disturbed), () => model.Forward(x, 0, run.Rng)) { Steps = 400 };
        }
        Layer[] members = [.. Enumerable.Range(0, s.Method == Method.Ensemble ? s.Members : 1).Select(i =>
            SdeNetworks.Residual(s.Layout, x.Shape[1], s.Channels, 10, s.Time, s.Method == Method.McDropout ? s.Dropout : 0, s.HeadDeviation, weights.Split(i)))];
        return new Probe(members.Length == 1 ? members[0] : new ModuleList(members),
            () => Sum(members, member => member.Forward(x).CrossEntropy(y)), () => Tensor.Concat([.. members.Select(member => member.Forward(x))]))
        { Steps = 400 };
    }

    // The loss of a table has no least value: it falls as long as the spread can. What must be reached is the loss of a spread of a third.
    private static Probe TableProbe(ArmRun<SdeNetSettings> run)
    {
        SdeNetSettings s = run.Settings;
        Rng weights = run.Rng.Split("weights"), rows = run.Rng.Split("rows");
        Tensor x = rows.Normal([8, RegressionTables.Features(s.Table)]).Keep(), y = rows.Normal([8]).Keep();
        const double floor = -2.2;
        if (s.Method == Method.SdeNet)
        {
            SdeNet model = SdeNetworks.Table(x.Shape[1], s.Time, weights);
            Tensor disturbed = Disturbed(run, x);
            return new Probe(model, () => RegressionArm.Loss(model.Forward(x, 0, run.Rng), y, dense: false) + model.DetectionLoss(x, disturbed), () => model.Forward(x, 0, run.Rng)) { Floor = floor };
        }
        Layer[] members = [.. Enumerable.Range(0, s.Method == Method.Ensemble ? s.Members : 1).Select(i =>
            SdeNetworks.DenseTable(x.Shape[1], s.Method == Method.McDropout ? s.Dropout : 0, weights.Split(i)))];
        return new Probe(members.Length == 1 ? members[0] : new ModuleList(members),
            () => Sum(members, member => RegressionArm.Loss(member.Forward(x), y, dense: true)), () => Tensor.Concat([.. members.Select(member => member.Forward(x))]))
        { Floor = floor * members.Length };
    }

    private static Tensor Disturbed(ArmRun<SdeNetSettings> run, Tensor x) => (x + run.Rng.Split("disturbance").Normal(x.Shape) * (float)run.Settings.PseudoDeviation).Keep();

    private static Tensor Sum(Layer[] members, Func<Layer, Tensor> loss) => members.Select(loss).Aggregate((a, b) => a + b);

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<SdeNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Settings.Kind == Kind.Regression ? RegressionArm.Run(run) : ClassificationArm.Run(run);
    }
}
