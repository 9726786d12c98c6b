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

    private const string Digits = "digits-"; // before the name of an arm: the same on digits, in every profile

    // The Fashion-MNIST training set of the authors in batches of 128, the last left out.
    private const int PaperStepsPerEpoch = 468;

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Duq, "one network with kernels, trained with the gradient penalty"),
        new(NoPenalty, "the same without the penalty (lambda 0)"),
        new(Ensemble, "a deep ensemble: five networks with softmax; the entropy of their mean"),
        new(Softmax, "one network with softmax; its entropy"),
        new(Digits + Duq, "on digits, one network with kernels and the penalty"),
        new(Digits + NoPenalty, "on digits, the same without the penalty"),
        new(Digits + Softmax, "on digits, one network with softmax"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        .. profile == Profile.Quick ? [.. OnTwoMoons, .. OnDigits] : OnClothes,
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
            yield return AsAccurate("accuracy", "DUQ is as accurate as softmax, within 2 points", Duq, Softmax);
            yield return Claim.Paired("penalty", "The gradient penalty makes DUQ at least 0.1 less certain of far points", TwoMoons.FarCertainty, Better.Lower, Duq, NoPenalty, 0.1);
        }
    }

    private static IEnumerable<Claim> OnDigits =>
    [
        AsAccurate("digits-accuracy", "On digits DUQ is as accurate as softmax, within 2 points", Digits + Duq, Digits + Softmax, "correct"),
        AsAccurate("digits-accuracy-no-penalty", "and so it is without the penalty", Digits + NoPenalty, Digits + Softmax, "correct"),
        Outside("digits-outside", "Over four sets from outside digits, DUQ's mean AUROC is at least that of softmax less 0.02", Digits + Duq, Digits + Softmax),
    ];

    private static IEnumerable<Claim> OnClothes =>
    [
        AsAccurate("accuracy", "DUQ is as accurate as softmax, within 2 points", Duq, Softmax, "correct"),
        AsAccurate("accuracy-no-penalty", "and so it is without the penalty", NoPenalty, Softmax, "correct"),
        Outside("outside", "Over four sets from outside, DUQ's mean AUROC is at least that of softmax less 0.02", Duq, Softmax),
        Claim.Paired("headline", "DUQ tells digits from clothes at least as well as the ensemble (the paper: AUROC 0.955)", Pictures.DigitsAuroc, Better.Higher, Duq, Ensemble),
        Claim.Paired("headline-softmax", "and better than softmax does", Pictures.DigitsAuroc, Better.Higher, Duq, Softmax),
    ];

    // Test images are the same for every seed; the points of two moons are drawn anew, and are no units.
    private static Claim AsAccurate(string id, string statement, string arm, string baseline, string? units = null) =>
        Claim.Paired(id, statement, Measures.Accuracy, Better.Higher, arm, baseline, -2, units, unitScale: 100);

    private static Claim Outside(string id, string statement, string arm, string baseline) =>
        Claim.Paired(id, statement, Pictures.MeanAuroc, Better.Higher, arm, baseline, -0.02);

    /// <inheritdoc/>
    protected override DuqSettings Settings(Profile profile, string arm)
    {
        if (arm.StartsWith(Digits, StringComparison.Ordinal)) return OfDigits(Settings(Profile.Paper, arm[Digits.Length..]));
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
                Steps = 1500,
                BatchSize = 64,
                RateFalls = [750, 1125],
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

    // The reading sheet's small form of it: both heads alike but for the kernels.
    private static DuqSettings OfDigits(DuqSettings paper) => paper with
    {
        Task = DuqTask.Digits,
        Memory = 0.99,
        EmbeddingSize = 32,
        Width = 16,
        TrainingExamples = 1000,
        TestExamples = 600,
        Steps = 600,
        BatchSize = 64,
        RateFalls = [300, 450],
        RateFactor = 0.2,
        WeightDecay = 1e-4,
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
        Softmax => 356_618,
        _ => null,
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
        (Tensor x, IntTensor y) = s.Task == DuqTask.TwoMoons ? SampleOfMoons(run.Rng) : ImageTask.Sample(Pictures.SetOf(s.Task), count: 8, run.Rng.Split("images"));
        if (s.Head == Head.Kernels)
        {
            RbfNetwork model = Networks.WithKernels(s, Training.RngOf(run, 0));
            return new Probe(model, Loss, () => model.Forward(x));

            // As in training: far from the random centroids that there are at the start narrow kernels have no gradient.
            Tensor Loss()
            {
                model.MoveCentroids(x, y);
                return model.Loss(x, y, s.Penalty);
            }
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
        OutsideTask task = Pictures.Load(run);
        return Pictures.Measure(Training.Train(run, task.Train, task.Test), task);
    }

    /// <inheritdoc/>
    /// <remarks>The picture of the paper's first page: the same plane as each arm sees it.</remarks>
    public override IEnumerable<Figure> Compare(IReadOnlyDictionary<string, ArmResult> oneSeed)
    {
        ArgumentNullException.ThrowIfNull(oneSeed);
        return Arms.Where(arm => oneSeed.ContainsKey(arm.Name)).SelectMany(arm => oneSeed[arm.Name].Figures.OfType<PlaneMap>());
    }
}
