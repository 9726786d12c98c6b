using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;

namespace Rindoku.Papers.Vision.ClassDependence;

/// <summary>What is made stronger step by step.</summary>
public enum Regulariser
{
    /// <summary>Random crops, resized to the whole image; the strength is the least area of a crop, 1 for none.</summary>
    Crop,

    /// <summary>Random turns; the strength is the greatest angle in degrees, 0 for none.</summary>
    Rotation,

    /// <summary>Random brightness, contrast and, of colour images, saturation and hue; the strength is that of the first three, a quarter of it that of the hue, 0 for none.</summary>
    ColourJitter,

    /// <summary>Decoupled weight decay; the strength is its factor, 0 for none.</summary>
    WeightDecay,
}

/// <summary>The networks that can be trained.</summary>
public enum Network
{
    /// <summary>Two convolutions and two linear maps, without normalisation.</summary>
    Small,

    /// <summary>ResNet-50, the paper's.</summary>
    ResNet50,
}

/// <summary>What can be set in a run of class dependence.</summary>
public sealed record ClassDependenceSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>What is made stronger step by step.</summary>
    [Description("crop, rotation, colour-jitter or weight-decay")]
    public Regulariser Regulariser { get; init; }

    /// <summary>The strengths of the sweep, the first for no regularisation.</summary>
    [Description("the sweep, the first for none: least areas of crops from 1 down, angles, strengths of jitter or factors of decay from 0")]
    public IReadOnlyList<double> Strengths { get; init; } = [1, 0.5, 0.25];

    /// <summary>Whether networks are trained once more, each class with the strength that suited it best in the sweep of other networks.</summary>
    [Description("true: trained once more, each class with the strength that suited it best in the sweep of other networks")]
    public bool ByClass { get; init; }

    /// <summary>The strength of each class where it is by class; none for those that the sweep chooses.</summary>
    [Description("where it is by class: the strength of each class; empty for those that the sweep chooses")]
    public IReadOnlyList<double> ClassStrengths { get; init; } = [];

    /// <summary>Networks for each strength.</summary>
    [Range(2, 1000), Description("networks for each strength, with training images and start values of their own")]
    public int Networks { get; init; } = 4;

    /// <summary>The network.</summary>
    [Description("small, or res-net50")]
    public Network Network { get; init; }

    /// <summary>Channels of the small network's first convolution.</summary>
    [Range(1, 1024), Description("channels of the small network's first convolution; the second has twice as many")]
    public int Width { get; init; } = 16;

    /// <summary>Training images of each class.</summary>
    [Range(1, int.MaxValue), Description("training images of each class, drawn anew for each network")]
    public int TrainPerClass { get; init; } = 10;

    /// <summary>Validation images of each class.</summary>
    [Range(1, int.MaxValue), Description("validation images of each class, by which strengths are chosen for classes")]
    public int ValidationPerClass { get; init; } = 40;

    /// <summary>Test images of each class.</summary>
    [Range(1, int.MaxValue), Description("test images of each class")]
    public int TestPerClass { get; init; } = 80;

    /// <summary>Training steps.</summary>
    [Range(1, int.MaxValue), Description("training steps, the same for every strength")]
    public int Steps { get; init; } = 400;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate.</summary>
    [Range(0, double.MaxValue), Description("learning rate of AdamW")]
    public double LearningRate { get; init; } = 3e-3;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        double none = Regulariser == Regulariser.Crop ? 1 : 0;
        if (Strengths.Count < 2 || Strengths[0] != none)
            yield return new ValidationResult($"needed two or more, the first {none}, which is none for {Regulariser}.", [nameof(Strengths)]);
        if (Strengths.Concat(ClassStrengths).Any(strength => Regulariser == Regulariser.Crop ? !(strength is > 0 and <= 1) : !(strength >= 0)))
            yield return new ValidationResult($"needed {(Regulariser == Regulariser.Crop ? "areas above 0, up to 1" : "numbers of 0 or more")}.", [nameof(Strengths)]);
        if (Regulariser == Regulariser.ColourJitter && Strengths.Concat(ClassStrengths).Any(strength => strength > 2))
            yield return new ValidationResult("needed strengths of jitter from 0 to 2, for a quarter of it is that of the hue, which goes to 0.5.", [nameof(Strengths)]);
        if (Strengths.Distinct().Count() != Strengths.Count) yield return new ValidationResult("one is there twice.", [nameof(Strengths)]);
        if (ClassStrengths.Count > 0 && (!ByClass || ClassStrengths.Count != 10))
            yield return new ValidationResult("needed one for each of the ten classes, and by-class=true.", [nameof(ClassStrengths)]);
        if (ByClass && Regulariser == Regulariser.WeightDecay)
            yield return new ValidationResult("weight decay has one strength for all classes; needed crop, rotation or colour-jitter.", [nameof(ByClass)]);
        if (Network == Network.ResNet50 && Data is not (ImageSet.Cifar10 or ImageSet.Cifar10Half))
            yield return new ValidationResult("a ResNet-50 needs colour images; needed small, or cifar10 as data.", [nameof(Network)]);
    }
}
