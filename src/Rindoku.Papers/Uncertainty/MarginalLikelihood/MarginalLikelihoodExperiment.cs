using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.MarginalLikelihood;

/// <summary>Priors, noise and architectures chosen by the evidence on the training set, against grids and validation.</summary>
public sealed class MarginalLikelihoodExperiment : Experiment<MarginalLikelihoodSettings>
{
    private const string Online = "online", Grid = "grid", CrossValidated = "cross-validated", EarlyStopping = "early-stopping";
    private const string SineLinear = "sine-linear", SineShallow = "sine-shallow", SineDeep = "sine-deep", SineMore = "sine-more-data";
    private const string Evidence = ImageRun.Evidence, Accuracy = ImageRun.Accuracy, SineEvidence = "log marginal likelihood", SineError = "test mean squared error";

    private static readonly string[] Architectures = ["online-linear", Online, "online-deep", "online-convolutional"], Sines = [SineLinear, SineShallow, SineDeep];

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Online, "precisions of the prior learned online by the evidence; no validation images"),
        new(Grid, "every precision of a grid, kept as it is; no validation images, nothing chosen"),
        new(CrossValidated, "the precision of the grid that is best on a fifth of the training images, then trained on all of them"),
        new(EarlyStopping, "no prior; stopped where a fifth of the training images has the lowest loss"),
        new("online-linear", "as online, with no hidden layer"),
        new("online-deep", "as online, with two hidden layers"),
        new("online-convolutional", "as online, with two convolutions"),
        new(SineShallow, "a sine with noise, one hidden layer of tanh; precisions and noise learned online"),
        new(SineLinear, "the same with a straight line"),
        new(SineDeep, "the same with two hidden layers"),
        new(SineMore, "as sine-shallow, with 150 examples in place of 40"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) => [.. OnImages(), .. OnTheSine(), .. Headlines()];

    private static IEnumerable<Claim> OnImages() =>
    [
        Claim.Statistic("evidence", "Learned online, the evidence is at least 0.2 nats an example above that of every fixed precision", Evidence, Better.Higher, [Online, Grid],
            "online - highest of the grid", arms => arms[Online][Evidence] - arms[Grid][Evidence], 0.2),
        Claim.Statistic("accuracy", "Without validation images the accuracy is at most 2 points below that of the best fixed precision", Accuracy, Better.Higher, [Online, Grid],
            "online - best of the grid, in points", arms => arms[Online][Accuracy] - arms[Grid][Accuracy], -2),
        Claim.Statistic("too-strong", "It is at least 50 points above that of a precision of 100", Accuracy, Better.Higher, [Online, Grid],
            "online - largest precision, in points", arms => arms[Online][Accuracy] - arms[Grid]["accuracy at the largest precision"], 50),
        Claim.Statistic("entropy", "The posterior is less sure of test images with permuted pixels than of test images", "posterior entropy", Better.Higher, [Online],
            "mean entropy, permuted - test", arms => arms[Online]["posterior entropy permuted"] - arms[Online]["posterior entropy"], 0),
    ];

    private static IEnumerable<Claim> OnTheSine() =>
    [
        Claim.Paired("architecture-evidence", "For a sine a hidden layer has an evidence at least 5 nats above that of a straight line", SineEvidence, Better.Higher,
            SineShallow, SineLinear, 5),
        Claim.Ratio("architecture-error", "... and at most half of its test error: the evidence picks the architecture that tests better", SineError, Better.Lower,
            SineShallow, SineLinear, 0.5),
        Claim.Level("noise", "The learned noise is within 0.12 of the true 0.3 with 40 examples", "error of the noise", Better.Lower, SineShallow, 0.12),
        Claim.Level("noise-more-data", "... and within 0.06 with 150", "error of the noise", Better.Lower, SineMore, 0.06),
    ];

    // The paper's abstract: better than cross-validation, especially in calibration and in telling what comes from outside; the evidence ranks architectures.
    private static IEnumerable<Claim> Headlines() =>
    [
        .. Against("", "the network"), .. Against("posterior ", "the posterior"),
        Claim.Paired("headline-accuracy", "It is more accurate than with the cross-validated precision (the paper's headline)", Accuracy, Better.Higher, Online, CrossValidated,
            units: "correct", unitScale: 100),
        Claim.Paired("headline-stopping", "It has a lower negative log-likelihood than early stopping", "nll", Better.Lower, Online, EarlyStopping, units: "nll"),
        Claim.Statistic("headline-ranking", "The evidence ranks architectures on images as their test accuracy does (the paper's headline)", Evidence, Better.Higher, Architectures,
            "Kendall's tau of evidence and accuracy", arms => Agreement([.. Architectures.Select(a => (arms[a][Evidence], arms[a][Accuracy]))]), 0),
        Claim.Statistic("headline-ranking-sine", "... and on the sine as their test error does", SineEvidence, Better.Higher, Sines,
            "Kendall's tau of evidence and negative error", arms => Agreement([.. Sines.Select(a => (arms[a][SineEvidence], -arms[a][SineError]))]), 0),
    ];

    private static IEnumerable<Claim> Against(string prefix, string of)
    {
        string id = prefix.Length == 0 ? "headline" : "headline-posterior";
        yield return Claim.Paired($"{id}-nll", $"Test images: {of} has a lower negative log-likelihood than with the cross-validated precision", $"{prefix}nll", Better.Lower,
            Online, CrossValidated, units: $"{prefix}nll");
        yield return Claim.Paired($"{id}-ece", $"... a lower calibration error ({of})", $"{prefix}ece", Better.Lower, Online, CrossValidated);
        yield return Claim.Paired($"{id}-outside", $"... and tells permuted images from test images better, by entropy ({of})", $"{prefix}auroc permuted", Better.Higher, Online, CrossValidated);
    }

    /// <summary>Kendall's tau: over all pairs, the part that both numbers order alike minus the part that they order differently.</summary>
    internal static double Agreement(IReadOnlyList<(double First, double Second)> pairs)
    {
        int sum = 0, count = 0;
        for (int i = 0; i < pairs.Count; i++)
            for (int j = 0; j < i; j++, count++)
                sum += Math.Sign(pairs[i].First - pairs[j].First) * Math.Sign(pairs[i].Second - pairs[j].Second);
        return (double)sum / count;
    }

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 5 : 3;

    /// <inheritdoc/>
    protected override MarginalLikelihoodSettings Settings(Profile profile, string arm) =>
        arm.StartsWith("sine", StringComparison.Ordinal) ? Sine(profile, arm) : Images(profile, arm);

    private static MarginalLikelihoodSettings Images(Profile profile, string arm)
    {
        MarginalLikelihoodSettings s = profile switch
        {
            Profile.Quick => new(),
            Profile.Full => new() { Data = ImageSet.Mnist, Network = NetworkKind.Convolutional, Width = 8, TrainingExamples = 1000, TestExamples = 2000, Epochs = 100 },
            _ => new()
            {
                Data = ImageSet.FashionMnist,
                Network = NetworkKind.Convolutional,
                Width = 32,
                TrainingExamples = 60_000,
                TestExamples = 10_000,
                Epochs = 500,
                BatchSize = 128,
                LearningRate = 1e-3,
                Every = 1,
                EvidenceSteps = 100,
            },
        };
        return arm switch
        {
            Grid => s with { Selection = Selection.Grid },
            CrossValidated => s with { Selection = Selection.CrossValidation },
            EarlyStopping => s with { Selection = Selection.EarlyStopping },
            "online-linear" => s with { Network = NetworkKind.Linear },
            "online-deep" => s with { Network = NetworkKind.Deep, Width = profile == Profile.Quick ? 50 : 100 },
            "online-convolutional" => s with { Network = NetworkKind.Convolutional, Width = 8 },
            _ => s,
        };
    }

    private static MarginalLikelihoodSettings Sine(Profile profile, string arm) => new()
    {
        Task = LearningTask.Sine,
        Structure = LaplaceStructure.Full,
        Network = arm switch { SineLinear => NetworkKind.Linear, SineDeep => NetworkKind.Deep, _ => NetworkKind.Shallow },
        TrainingExamples = arm == SineMore ? 150 : 40,
        TestExamples = 500,
        Epochs = 1000,
        LearningRate = 0.01,
        Every = (profile, arm) switch { (Profile.Quick, SineMore) => 25, (_, SineMore) => 10, (Profile.Quick, _) => 5, _ => 1 }, // a matrix of N × N each time
        EvidenceSteps = 20,
    };

    /// <inheritdoc/>
    protected override MarginalLikelihoodSettings Smoke(MarginalLikelihoodSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Width = 8, TrainingExamples = 40, TestExamples = 40, Epochs = 6, BatchSize = 16, Every = 2, EvidenceSteps = 3, Precisions = [0.1, 10] };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<MarginalLikelihoodSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        MarginalLikelihoodSettings s = run.Settings;
        Rng weights = run.Rng.Split("weights");
        // The prior is left out: it counts 1/N beside N examples, and would not let one batch be learned by heart.
        if (s.Task == LearningTask.Sine)
        {
            // Two points, which a straight line can meet.
            Tensor at = Tensor.Of(0.5f, 2).Reshape(2, 1);
            Layer curve = Networks.ForSine(s.Network, s.Width, weights);
            return new Probe(curve, () => curve.Forward(at).MseLoss(at.Sin()), () => curve.Forward(at)) { Steps = 400 };
        }
        (Tensor x, IntTensor y) = ImageTask.Sample(s.Data, count: 8, run.Rng.Split("images"));
        Layer model = Networks.ForImages(s.Network, s.Width, x.Shape[1..], classes: 10, weights);
        return new Probe(model, () => model.Forward(x).CrossEntropy(y), () => model.Forward(x));
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<MarginalLikelihoodSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Settings.Task == LearningTask.Sine ? SineRun.Run(run) : ImageRun.Run(run);
    }
}
