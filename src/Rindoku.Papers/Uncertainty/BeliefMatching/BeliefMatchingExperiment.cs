using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.BeliefMatching;

/// <summary>Belief matching against cross-entropy, with right labels and with a part of them wrong: accuracy, calibration, and images from outside.</summary>
public sealed class BeliefMatchingExperiment : Experiment<BeliefMatchingSettings>
{
    private const string Matching = "belief", Softmax = "softmax", Sweep = "sweep";
    private const string MatchingNoisy = "belief-noisy", SoftmaxNoisy = "softmax-noisy", SmoothingNoisy = "smoothing-noisy", DropoutNoisy = "dropout-noisy",
        EnsembleNoisy = "ensemble-noisy";

    private static readonly double[] Swept = [0.003, 0.01, 0.03, 0.1];

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Matching, "belief matching"),
        new(Softmax, "cross-entropy"),
        new(MatchingNoisy, "belief matching, a fifth of the labels replaced by random ones"),
        new(SoftmaxNoisy, "cross-entropy with such labels; also with its temperature fitted on held-out images"),
        new(SmoothingNoisy, "cross-entropy with such labels, smoothed to the same ceiling of confidence as belief matching"),
        new(DropoutNoisy, "cross-entropy with such labels, with dropout in training and at test (MC-dropout)"),
        new(EnsembleNoisy, "the mean of several networks, by cross-entropy with such labels"),
        new(Sweep, "belief matching with four coefficients"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Paired("noisy-ece", "With a fifth of the labels random, the calibration error is at least 0.05 lower than with cross-entropy", Measures.Ece, Better.Lower,
            MatchingNoisy, SoftmaxNoisy, 0.05),
        Claim.Ratio("noisy-nll", "With a fifth of the labels random, the negative log-likelihood is at most 0.8 times that of cross-entropy", Measures.Nll, Better.Lower,
            MatchingNoisy, SoftmaxNoisy, 0.8),
        Claim.Paired("error", "With right labels the test error is at least 0.5 points lower", Measures.Error, Better.Lower, Matching, Softmax, 0.5,
            units: Measures.Wrong, unitScale: 100),
        Claim.Paired("noise-images", "With right labels AUROC against images of noise is at least 0.02 higher", Measures.Auroc + "noise", Better.Higher, Matching, Softmax, 0.02),
        .. profile == Profile.Quick ? OverCoefficients : [], // the full profile has no time for more coefficients
        Claim.Paired("headline-error", "The test error is lower (the paper's headline, on CIFAR and ImageNet)", Measures.Error, Better.Lower, Matching, Softmax, 0,
            units: Measures.Wrong, unitScale: 100),
        Claim.Paired("headline-ece", "and so is the calibration error, with right labels", Measures.Ece, Better.Lower, Matching, Softmax),
        Claim.Paired("headline-outside", "and images from outside are told apart better, by the mean AUROC over all sets", Measures.Auroc + "mean", Better.Higher, Matching, Softmax),
        OverTemperature,
        .. profile == Profile.Quick ? OverOthers : [],
        Claim.Exact("parameters", "The pre-activation ResNet-18 for CIFAR-10 has 11,171,274 parameters; the loss adds none", "parameters", 11_171_274,
            () => ResNet.PreActivationStages([2, 2, 2, 2], 64, 10, new Rng(0)).ParameterCount),
    ];

    private static IEnumerable<Claim> OverCoefficients =>
    [
        Claim.Statistic("ceiling", "The calibration error rises from each lambda of 0.003, 0.01, 0.03 and 0.1 to the next, as the ceiling of confidence falls", Measures.Ece,
            Better.Higher, [Sweep], "the least rise", arms => Measures.LeastRise(arms[Sweep], Swept), 0),
    ];

    // Not claims of the paper but what a reader would ask. Each of the others has the cost that it has.
    private static Claim OverTemperature =>
        Claim.Statistic("over-temperature", "Our question, random labels: is the likelihood better than that of cross-entropy with its temperature fitted on held-out images?",
            Measures.Nll, Better.Lower, [MatchingNoisy, SoftmaxNoisy], "belief matching - cross-entropy with temperature",
            arms => arms[MatchingNoisy][Measures.Nll] - arms[SoftmaxNoisy][Measures.Nll + Measures.Scaled], 0);

    private static IEnumerable<Claim> OverOthers =>
    [
        Question("over-smoothing", "than with labels smoothed to the same ceiling", SmoothingNoisy),
        Question("over-dropout", "than with MC-dropout", DropoutNoisy),
        Question("over-ensemble", "than that of an ensemble", EnsembleNoisy),
    ];

    private static Claim Question(string id, string words, string baseline) =>
        Claim.Paired(id, $"Our question, random labels: is the likelihood better {words}?", Measures.Nll, Better.Lower, MatchingNoisy, baseline);

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 5 : 3;

    /// <inheritdoc/>
    protected override BeliefMatchingSettings Settings(Profile profile, string arm)
    {
        BeliefMatchingSettings s = new()
        {
            Method = arm switch
            {
                Softmax or SoftmaxNoisy => Method.Softmax,
                SmoothingNoisy => Method.Smoothing,
                DropoutNoisy => Method.Dropout,
                EnsembleNoisy => Method.Ensemble,
                _ => Method.Belief,
            },
            LabelNoise = arm is MatchingNoisy or SoftmaxNoisy or SmoothingNoisy or DropoutNoisy or EnsembleNoisy ? 0.2 : 0,
            Coefficients = arm == Sweep ? Swept : profile switch { Profile.Quick => [0.003], Profile.Full => [0.001, 0.003, 0.01], _ => [0.01] },
        };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => s with
            {
                Data = ImageSet.Cifar10Half,
                Network = Network.Residual,
                Width = 16,
                Units = [1, 1, 1],
                TrainingImages = 1000, // few, and often: the claims are about networks that know their training images by heart
                HeldOutImages = 500,
                TestImages = 1000,
                Epochs = 60,
            },
            _ => s with
            {
                Data = ImageSet.Cifar10,
                Network = Network.Residual,
                Width = 64,
                TrainingImages = 40_000,
                HeldOutImages = 10_000,
                TestImages = 10_000,
                ShiftsAndMirrors = true,
                WarmUpEpochs = 5,
                BatchSize = 128,
                KeepsBest = true,
            },
        };
    }

    /// <inheritdoc/>
    protected override BeliefMatchingSettings Smoke(BeliefMatchingSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 2, TrainingImages = 40, HeldOutImages = 20, TestImages = 40, BatchSize = 10, Members = 2, Passes = 3 };
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => 11_171_274;

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<BeliefMatchingSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        BeliefMatchingSettings s = run.Settings;
        (Tensor x, IntTensor y) = ImageTask.Sample(s.Data, count: 8, run.Rng.Split("images"));
        const int classes = 10;
        double coefficient = s.Coefficients[0];
        Sequential network = Classifier.Build(s, x.Shape[1..], classes, run.Rng);
        return new Probe(network, () => Classifier.Loss(s.Method, network.Forward(x), y, coefficient), () => network.Forward(x))
        {
            Floor = s.Method switch
            {
                Method.Belief => Belief.LeastLoss(classes, coefficient),
                Method.Smoothing => LeastSmoothed(Belief.Ceiling(classes, coefficient), classes),
                _ => 0,
            },
        };
    }

    // The entropy of a smoothed label, of which the right class has the probability p.
    private static double LeastSmoothed(double p, int classes) => -p * Math.Log(p) - (1 - p) * Math.Log((1 - p) / (classes - 1));

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<BeliefMatchingSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        BeliefMatchingSettings s = run.Settings;
        // Digits stay from 0 to 1, as in the sheet's pilot; pixels of photos are standardised, as in the paper.
        OutsideTask task = OutsideTask.Load(s.Data, run.Data, s.TrainingImages + s.HeldOutImages, s.TestImages, run.Rng, standardise: ImageTask.ShapeOf(s.Data)[0] == 3);
        // Held-out labels come from the same source as training labels, so they are as often wrong.
        LabelledSet labelled = LabelNoise.Replace(task.Train, s.LabelNoise, run.Rng.Split("label noise"));
        (LabelledSet train, LabelledSet heldOut) = (labelled[..s.TrainingImages], labelled[s.TrainingImages..]);

        IReadOnlyList<Classifier> classifiers = Classifier.TrainAll(run, train, heldOut);
        Classifier chosen = classifiers.Count == 1 ? classifiers[0]
            : classifiers.MinBy(c => Calibration.Nll(c.Logits(heldOut.Inputs).Softmax(), heldOut.Labels))!;
        ArmResult result = Measures.Of(chosen, task, heldOut, isBelief: s.Method == Method.Belief);
        if (classifiers.Count > 1) Measures.Compare(result, classifiers, task.Test);
        return result;
    }
}
