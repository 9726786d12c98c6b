using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;

namespace Rindoku.Papers.Uncertainty.BeliefMatching;

/// <summary>How a classifier is trained and asked.</summary>
public enum Method
{
    /// <summary>Trained by belief matching.</summary>
    Belief,

    /// <summary>Trained by cross-entropy.</summary>
    Softmax,

    /// <summary>Trained by cross-entropy with labels smoothed to the ceiling of belief matching.</summary>
    Smoothing,

    /// <summary>Trained by cross-entropy with dropout, which stays on at test; the answer is the mean of several passes.</summary>
    Dropout,

    /// <summary>Several networks, each trained by cross-entropy; the answer is their mean.</summary>
    Ensemble,
}

/// <summary>The networks.</summary>
public enum Network
{
    /// <summary>Two hidden layers.</summary>
    Dense,

    /// <summary>A pre-activation residual network.</summary>
    Residual,
}

/// <summary>What can be set in a run of belief matching.</summary>
public sealed record BeliefMatchingSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>How the classifier is trained and asked.</summary>
    [Description("belief, softmax, smoothing, dropout or ensemble")]
    public Method Method { get; init; }

    /// <summary>λ: a network is trained with each.</summary>
    [Description("lambda of belief matching (for smoothing: the lambda whose ceiling the labels get); of several the best on held-out images is taken")]
    public IReadOnlyList<double> Coefficients { get; init; } = [0.003];

    /// <summary>The part of the labels of training and held-out images that is replaced by random ones.</summary>
    [Range(0.0, 1.0), Description("part of the training and held-out labels that is replaced by random ones")]
    public double LabelNoise { get; init; }

    /// <summary>The network.</summary>
    [Description("dense or residual")]
    public Network Network { get; init; }

    /// <summary>Its width.</summary>
    [Range(1, 4096), Description("units of a hidden layer, or channels of the first stage of a residual network")]
    public int Width { get; init; } = 128;

    /// <summary>Units of each stage of a residual network.</summary>
    [Description("residual network: units of each stage; every stage has twice the channels of the one before")]
    public IReadOnlyList<int> Units { get; init; } = [2, 2, 2, 2];

    /// <summary>The probability of dropout, where the method has it.</summary>
    [Range(0.01, 0.99), Description("method dropout: probability, after each hidden layer, or before the last layer of a residual network")]
    public double DropoutRate { get; init; } = 0.5;

    /// <summary>Passes with dropout.</summary>
    [Range(1, int.MaxValue), Description("method dropout: passes at test")]
    public int Passes { get; init; } = 20;

    /// <summary>Networks of an ensemble.</summary>
    [Range(1, int.MaxValue), Description("method ensemble: networks")]
    public int Members { get; init; } = 5;

    /// <summary>Training images.</summary>
    [Range(1, int.MaxValue), Description("training images, drawn anew for each seed")]
    public int TrainingImages { get; init; } = 300;

    /// <summary>Images that lambda and temperature are chosen on.</summary>
    [Range(1, int.MaxValue), Description("held-out images, drawn with the training images, for the choice of lambda and of the temperature")]
    public int HeldOutImages { get; init; } = 100;

    /// <summary>Test images.</summary>
    [Range(1, int.MaxValue), Description("test images, the same for all seeds")]
    public int TestImages { get; init; } = 800;

    /// <summary>Whether training images are shifted and mirrored.</summary>
    [Description("true: random shifts and mirror images of colour images")]
    public bool ShiftsAndMirrors { get; init; }

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 200;

    /// <summary>Epochs after the first in which the learning rate rises to its whole.</summary>
    [Range(1, int.MaxValue), Description("the rate is a tenth in the first epoch and then rises to the whole over so many")]
    public int WarmUpEpochs { get; init; } = 1;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 50;

    /// <summary>The learning rate after warming up.</summary>
    [Range(0, double.MaxValue), Description("after warming up; a tenth from half of the epochs on, a hundredth from three quarters")]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters")]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>The largest norm of the gradient of each parameter tensor.</summary>
    [Range(1e-9, double.MaxValue), Description("the gradient of each parameter tensor is scaled to this norm at most")]
    public double LargestNorm { get; init; } = 1;

    /// <summary>Whether the network of the epoch with the least held-out error is kept.</summary>
    [Description("true: test the network of the epoch with the least held-out error, instead of the last")]
    public bool KeepsBest { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Coefficients.Count == 0 || Coefficients.Any(c => c <= 0) || Coefficients.Distinct().Count() < Coefficients.Count)
            yield return new ValidationResult("needed one or more different numbers above 0, such as 0.001,0.003.", [nameof(Coefficients)]);
        if (Units.Count == 0 || Units.Any(n => n < 1)) yield return new ValidationResult("needed a number of 1 or more for each stage, such as 2,2,2,2.", [nameof(Units)]);
        if (BatchSize > TrainingImages)
            yield return new ValidationResult($"got batches of {BatchSize} of {TrainingImages} training images; needed no more than there are.", [nameof(BatchSize)]);
        if (ShiftsAndMirrors && ImageTask.AugmentationOf(Data) is null)
            yield return new ValidationResult("only colour images are shifted and mirrored here; needed cifar10 or cifar10-half as data, or false.", [nameof(ShiftsAndMirrors)]);
    }
}
