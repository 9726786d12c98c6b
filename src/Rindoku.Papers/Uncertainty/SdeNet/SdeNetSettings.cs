using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;

namespace Rindoku.Papers.Uncertainty.SdeNet;

/// <summary>What is predicted.</summary>
public enum Kind
{
    /// <summary>Classes of images.</summary>
    Classification,

    /// <summary>A number from a row of a table.</summary>
    Regression,
}

/// <summary>How uncertainty is had.</summary>
public enum Method
{
    /// <summary>The paper's.</summary>
    SdeNet,

    /// <summary>One network, its largest probability: the paper's "threshold".</summary>
    Single,

    /// <summary>One network with dropout at test.</summary>
    McDropout,

    /// <summary>Several networks.</summary>
    Ensemble,
}

/// <summary>What can be set in a run of SDE-Net.</summary>
public sealed record SdeNetSettings : IValidatableObject
{
    /// <summary>What is predicted.</summary>
    [Description("classification (of images) or regression (of a table)")]
    public Kind Kind { get; init; }

    /// <summary>How uncertainty is had.</summary>
    [Description("sde-net, single, mc-dropout or ensemble")]
    public Method Method { get; init; }

    /// <summary>The images, for classification.</summary>
    [Description("digits (embedded), or mnist or fashion-mnist from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>The table, for regression.</summary>
    [Description("friedman (made on the spot), or diabetes or year-prediction-msd from the data folder")]
    public RegressionTable Table { get; init; }

    /// <summary>Training images, or rows of Friedman's problem.</summary>
    [Range(1, int.MaxValue), Description("training images, drawn anew for each seed; for Friedman's problem training rows")]
    public int TrainingExamples { get; init; } = 1197;

    /// <summary>Test images, or rows of Friedman's problem.</summary>
    [Range(1, int.MaxValue), Description("test images, the same for every seed; for Friedman's problem test rows")]
    public int TestExamples { get; init; } = 300;

    /// <summary>How images become states.</summary>
    [Description("small (8 x 8 images), mnist (28 x 28) or svhn (32 x 32)")]
    public Layout Layout { get; init; }

    /// <summary>Channels of the state of images.</summary>
    [Range(1, 1024), Description("channels of the state of images")]
    public int Channels { get; init; } = 16;

    /// <summary>T and N.</summary>
    [Range(1, 100), Description("how long the state moves, in steps of length 1; the residual network has as many blocks")]
    public int Time { get; init; } = 4;

    /// <summary>σ in the first half of training.</summary>
    [Range(0.0, 1e6), Description("the most that the state diffuses in the first half of training")]
    public double TrainingSigma { get; init; } = 0.1;

    /// <summary>σ in the second half of training.</summary>
    [Range(0.0, 1e6), Description("the same in the second half")]
    public double LaterSigma { get; init; } = 0.1;

    /// <summary>σ at test.</summary>
    [Range(0.0, 1e6), Description("the same at test")]
    public double TestSigma { get; init; } = 10;

    /// <summary>Standard deviation of what is added to inputs that stand for others.</summary>
    [Range(0.0, 1e6), Description("standard deviation of the noise that makes pseudo outside inputs of training inputs")]
    public double PseudoDeviation { get; init; } = 2;

    /// <summary>Standard deviation of the last layers' start values.</summary>
    [Range(0.0, 10.0), Description("standard deviation of the last layers' start values, for images")]
    public double HeadDeviation { get; init; } = 0.2;

    /// <summary>Draws at test, of SDE-Net and of dropout.</summary>
    [Range(2, 10_000), Description("draws at test, of SDE-Net and of dropout")]
    public int Passes { get; init; } = 10;

    /// <summary>Networks of the ensemble.</summary>
    [Range(2, 100), Description("networks of the ensemble")]
    public int Members { get; init; } = 3;

    /// <summary>Probability of dropout.</summary>
    [Range(0.0, 0.99), Description("probability of dropout, of mc-dropout")]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Optimizer steps.</summary>
    [Range(1, int.MaxValue), Description("optimizer steps")]
    public int Steps { get; init; } = 250;

    /// <summary>Examples in a batch.</summary>
    [Range(1, 1_000_000), Description("examples in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate of the task.</summary>
    [Range(1e-9, 100.0), Description("learning rate of the task (SGD with momentum 0.9); of the networks that tables are predicted with by Adam, theirs")]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>The learning rate of the diffusion.</summary>
    [Range(1e-9, 100.0), Description("learning rate of the diffusion (SGD with momentum 0.9)")]
    public double DiffusionLearningRate { get; init; } = 0.1;

    /// <summary>After which parts of the steps the task's rate falls to a tenth.</summary>
    [Description("after which parts of the steps the learning rate of the task falls to a tenth")]
    public IReadOnlyList<double> Drops { get; init; } = [0.5, 0.75];

    /// <summary>After which parts of the steps the diffusion's rate falls to a tenth.</summary>
    [Description("after which parts of the steps the learning rate of the diffusion falls to a tenth")]
    public IReadOnlyList<double> DiffusionDrops { get; init; } = [0.5, 0.75];

    /// <summary>The largest norm of all gradients of the task, or 0.</summary>
    [Range(0.0, 1e6), Description("the largest norm of the task's gradients together; 0 for no clipping")]
    public double Clip { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind == Kind.Classification && Data is ImageSet.Cifar10 or ImageSet.Cifar10Half)
            yield return new ValidationResult($"got {Data}; needed digits, mnist or fashion-mnist", [nameof(Data)]);
        if (Kind == Kind.Classification && Layout != (Data == ImageSet.Digits ? Layout.Small : Layout.Mnist) && Data is ImageSet.Digits or ImageSet.Mnist or ImageSet.FashionMnist && Layout != Layout.Svhn)
            yield return new ValidationResult($"got {Layout} for {Data}; needed small for digits and mnist for images of 28 x 28", [nameof(Layout)]);
        if (Drops.Concat(DiffusionDrops).Any(part => !(part is > 0 and < 1)))
            yield return new ValidationResult("needed parts of the steps between 0 and 1", [nameof(Drops)]);
    }
}
