using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>A network with kernels against softmax and against an ensemble: do they know what they have not seen?</summary>
public sealed class DuqExperiment : Experiment<DuqSettings>
{
    private const string Duq = "duq", NoPenalty = "duq-no-penalty", Ensemble = "ensemble", Softmax = "softmax";

    // The Fashion-MNIST training set of the authors in batches of 128, the last left out.
    private const int PaperStepsPerEpoch = 468;

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Duq, "one network with kernels, trained with the gradient penalty"),
        new(NoPenalty, "the same without the penalty (lambda 0)"),
        new(Ensemble, "a deep ensemble: five networks with softmax; the entropy of their mean"),
        new(Softmax, "one network with softmax; its entropy"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        .. profile == Profile.Quick ? OnTwoMoons : OnClothes,
        AsAccurate("accuracy", "DUQ is as accurate as softmax, within 2 points", Duq, profile),
        AsAccurate("accuracy-no-penalty", "and so it is without the penalty", NoPenalty, profile),
        Claim.Exact("parameters", "DUQ for Fashion-MNIST has 1,009,408 parameters, centroids aside", "parameters", 1_009_408, () => PaperParameters(Duq)),
        Claim.Exact("softmax-parameters", "and its softmax network 356,618", "parameters", 356_618, () => PaperParameters(Softmax)),
    ];

    private static IEnumerable<Claim> OnTwoMoons
    {
        get
        {
            const string auroc = $"auroc {TwoMoons.FarPoints}";
            yield return Claim.Level("far", "DUQ tells points far from the data from fresh points of the moons, with an AUROC of at least 0.85", auroc, Better.Higher, Duq, 0.85);
            yield return Claim.Paired("over-ensemble", "That is at least 0.5 more than the deep ensemble's", auroc, Better.Higher, Duq, Ensemble, 0.5);
            yield return Claim.Level("ensemble-far", "The ensemble is more certain far away than at the data: an AUROC below 0.5", auroc, Better.Lower, Ensemble, 0.5);
            yield return Claim.Paired("penalty", "The gradient penalty makes DUQ at least 0.1 less certain of far points", TwoMoons.FarCertainty, Better.Lower, Duq, NoPenalty, 0.1);
        }
    }

    private static IEnumerable<Claim> OnClothes =>
    [
        Claim.Paired("outside", "Over four sets from outside, DUQ's mean AUROC is at least that of softmax less 0.02", Clothes.MeanAuroc, Better.Higher, Duq, Softmax, -0.02),
        Claim.Paired("headline", "DUQ tells digits from clothes at least as well as the ensemble (the paper: AUROC 0.955)", Clothes.DigitsAuroc, Better.Higher, Duq, Ensemble),
        Claim.Paired("headline-softmax", "and better than softmax does", Clothes.DigitsAuroc, Better.Higher, Duq, Softmax),
    ];

    // Test images are the same for every seed; the points of two moons are drawn anew.
    private static Claim AsAccurate(string id, string statement, string arm, Profile profile) =>
        Claim.Paired(id, statement, Measures.Accuracy, Better.Higher, arm, Softmax, -2, units: profile == Profile.Quick ? null : "correct", unitScale: 100);

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 10 : 3;

    /// <inheritdoc/>
    protected override DuqSettings Settings(Profile profile, string arm)
    {
        bool kernels = arm is Duq or NoPenalty;
        DuqSettings s = new() { Head = kernels ? Head.Kernels : Head.Softmax, Members = arm == Ensemble ? 5 : 1 };
        return profile switch
        {
            // The notebooks of the authors; 50 epochs of 1,000 points are 750 steps.
            Profile.Quick => s with { Penalty = arm == Duq ? 1 : 0, Steps = kernels ? 690 : 750 },
            Profile.Full => OfClothes(s, arm) with
            {
                Width = 16,
                EmbeddingSize = 64,
                Memory = 0.99,
                TrainingExamples = 10_000,
                TestExamples = 2000,
                Steps = 900,
                BatchSize = 64,
                RateFalls = [450, 675],
            },
            _ => kernels ? OfClothes(s, arm) : OfClothes(s, arm) with { Steps = 75 * PaperStepsPerEpoch, RateFactor = 0.1, WeightDecay = 5e-4 },
        };
    }

    // The recipe of the authors' code.
    private static DuqSettings OfClothes(DuqSettings s, string arm) => s with
    {
        Task = DuqTask.FashionMnist,
        Penalty = arm == Duq ? 0.05 : 0,
        LengthScale = 0.1,
        Memory = 0.999,
        EmbeddingSize = 256,
        ProjectionDeviation = 0.05,
        StartCount = 12,
        Width = 64,
        TrainingExamples = 60_000,
        TestExamples = 10_000,
        Steps = 30 * PaperStepsPerEpoch,
        BatchSize = 128,
        LearningRate = 0.05,
        RateFalls = [10 * PaperStepsPerEpoch, 20 * PaperStepsPerEpoch],
    };

    /// <inheritdoc/>
    protected override DuqSettings Smoke(DuqSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Steps = 8, TrainingExamples = 64, TestExamples = 40, BatchSize = 16 };
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm switch
    {
        Duq or NoPenalty => 1_009_408,
        Ensemble => 5 * 356_618,
        _ => 356_618,
    };

    private static double PaperParameters(string arm)
    {
        DuqSettings s = new DuqExperiment().Settings(Profile.Paper, arm);
        return s.Head == Head.Kernels ? Networks.WithKernels(s, new Rng(0)).ParameterCount : Networks.WithLogits(s, new Rng(0)).ParameterCount;
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<DuqSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        DuqSettings s = run.Settings;
        (Tensor x, IntTensor y) = s.Task == DuqTask.TwoMoons ? SampleOfMoons(run.Rng) : ImageTask.Sample(ImageSet.FashionMnist, count: 8, run.Rng.Split("images"));
        if (s.Head == Head.Kernels)
        {
            RbfNetwork model = Networks.WithKernels(s, Training.RngOf(run, 0));
            return new Probe(model, () => model.Loss(x, y, s.Penalty), () => model.Forward(x));
        }
        Sequential[] members = [.. Enumerable.Range(0, s.Members).Select(m => Networks.WithLogits(s, Training.RngOf(run, m)))];
        return new Probe(new ModuleList(members), () => members.Select(m => m.Forward(x).CrossEntropy(y)).Aggregate((a, b) => a + b),
            () => Tensor.Concat([.. members.Select(m => m.Forward(x))]));
    }

    private static (Tensor X, IntTensor Y) SampleOfMoons(Rng rng)
    {
        LabelledSet points = PlanarSets.TwoMoons(8, rng.Split("points"));
        return (points.Inputs, points.Labels);
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<DuqSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Settings.Task == DuqTask.TwoMoons)
        {
            TwoMoons moons = TwoMoons.Make(run.Settings, run.Rng);
            return moons.Measure(Training.Train(run, moons.Train, moons.Test), run.Arm, run.Folder);
        }
        OutsideTask task = Clothes.Load(run);
        return Clothes.Measure(Training.Train(run, task.Train, task.Test), task);
    }

    /// <inheritdoc/>
    /// <remarks>The picture of the paper's first page: the same plane as each arm sees it.</remarks>
    public override IEnumerable<Figure> Compare(IReadOnlyDictionary<string, ArmResult> oneSeed)
    {
        ArgumentNullException.ThrowIfNull(oneSeed);
        return Arms.Where(arm => oneSeed.ContainsKey(arm.Name)).SelectMany(arm => oneSeed[arm.Name].Figures.OfType<PlaneMap>());
    }
}
