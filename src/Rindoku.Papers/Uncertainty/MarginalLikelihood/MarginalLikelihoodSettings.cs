using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.MarginalLikelihood;

/// <summary>What is learned.</summary>
public enum LearningTask
{
    /// <summary>The classes of images.</summary>
    Images,

    /// <summary>A sine with noise.</summary>
    Sine,
}

/// <summary>Where the precision of the prior comes from.</summary>
public enum Selection
{
    /// <summary>Learned online by the evidence, on all training data.</summary>
    Online,

    /// <summary>Each of a grid, kept as it is.</summary>
    Grid,

    /// <summary>The best of the grid on validation data, then trained on all.</summary>
    CrossValidation,

    /// <summary>No prior: training stops where the loss on validation data is lowest.</summary>
    EarlyStopping,
}

/// <summary>What can be set in a run of marginal-likelihood estimation.</summary>
public sealed record MarginalLikelihoodSettings : IValidatableObject
{
    /// <summary>What is learned.</summary>
    [Description("images or sine")]
    public LearningTask Task { get; init; }

    /// <summary>The images.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist or cifar10 from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>Where the precision of the prior comes from.</summary>
    [Description("online, grid, cross-validation or early-stopping; a sine is learned online")]
    public Selection Selection { get; init; }

    /// <summary>The network.</summary>
    [Description("linear, shallow (one hidden layer), deep (two) or convolutional")]
    public NetworkKind Network { get; init; } = NetworkKind.Shallow;

    /// <summary>Units of a hidden layer, or channels of the first convolution.</summary>
    [Range(1, 4096), Description("units of a hidden layer, or channels of the first of two convolutions")]
    public int Width { get; init; } = 50;

    /// <summary>How much of the curvature is kept.</summary>
    [Description("full, kronecker or diagonal")]
    public LaplaceStructure Structure { get; init; }

    /// <summary>What stands for the Hessian.</summary>
    [Description("gauss-newton or empirical-fisher")]
    public Curvature Curvature { get; init; }

    /// <summary>Which parameters share a precision.</summary>
    [Description("scalar, per-tensor or per-parameter")]
    public PriorStructure Prior { get; init; }

    /// <summary>Training examples, N.</summary>
    [Range(10, int.MaxValue), Description("training examples, drawn anew for each seed")]
    public int TrainingExamples { get; init; } = 300;

    /// <summary>Test examples.</summary>
    [Range(1, int.MaxValue), Description("test examples; images are the same for all seeds")]
    public int TestExamples { get; init; } = 600;

    /// <summary>Passes over the training examples.</summary>
    [Range(1, int.MaxValue), Description("passes over the training examples")]
    public int Epochs { get; init; } = 150;

    /// <summary>Examples in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch; a sine is learned from all examples at once")]
    public int BatchSize { get; init; } = 100;

    /// <summary>Adam's learning rate for the weights at the start.</summary>
    [Range(0, double.MaxValue), Description("Adam's, for the weights, at the start; a hundredth of it at the end")]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>F: after how many epochs the hyper-parameters are learned.</summary>
    [Range(1, int.MaxValue), Description("after how many epochs the evidence is taken and the hyper-parameters are learned")]
    public int Every { get; init; } = 10;

    /// <summary>K: how many steps are then taken.</summary>
    [Range(0, int.MaxValue), Description("steps on the evidence each time")]
    public int EvidenceSteps { get; init; } = 30;

    /// <summary>Adam's learning rate for the logarithms of the hyper-parameters.</summary>
    [Range(0, double.MaxValue), Description("Adam's, for the logarithms of the hyper-parameters")]
    public double EvidenceRate { get; init; } = 0.1;

    /// <summary>B: the first epoch after which they are learned.</summary>
    [Range(0, int.MaxValue), Description("the first epoch after which hyper-parameters are learned")]
    public int BurnIn { get; init; }

    /// <summary>The fixed precisions.</summary>
    [Description("precisions of the grid")]
    public IReadOnlyList<double> Precisions { get; init; } = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100];

    /// <summary>Which part of the training images is held out where validation is needed.</summary>
    [Range(0.05, 0.95), Description("part of the training images held out by the arms that need validation")]
    public double ValidationPart { get; init; } = 0.2;

    /// <summary>How the evidence is approximated.</summary>
    internal LaplaceOptions Laplace => new() { Structure = Structure, Curvature = Curvature, Prior = Prior };

    /// <summary>How the hyper-parameters are learned, or left as they are with a fixed precision.</summary>
    internal OnlineOptions Online(double? precision) => new()
    {
        StartPrecision = precision ?? 1,
        Steps = EvidenceSteps,
        LearningRate = EvidenceRate,
        Every = precision is null ? Every : int.MaxValue,
        BurnIn = BurnIn,
    };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Precisions.Count == 0 || Precisions.Any(precision => precision <= 0) || Precisions.Distinct().Count() < Precisions.Count)
            yield return new ValidationResult("needed one or more different precisions above 0, such as 0.01,1,100.", [nameof(Precisions)]);
        if (Structure == LaplaceStructure.Kronecker && Prior == PriorStructure.PerParameter)
            yield return new ValidationResult("goes with diagonal or full only; needed scalar or per-tensor.", [nameof(Prior)]);
        if (Task == LearningTask.Sine && (Network == NetworkKind.Convolutional || Selection != Selection.Online))
            yield return new ValidationResult("is learned online by a linear, shallow or deep network.", [nameof(Task)]);
    }
}
