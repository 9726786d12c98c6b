using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;

namespace Rindoku.Papers.Vision.Sla;

/// <summary>The networks below the heads.</summary>
public enum Trunk
{
    /// <summary>Three convolutions with one pooling between, for images of 8 × 8.</summary>
    Small,

    /// <summary>Three convolutions, each with pooling.</summary>
    Plain,

    /// <summary>A residual network of the form for small images.</summary>
    Residual,
}

/// <summary>The sets of transformations.</summary>
public enum TransformationSet
{
    /// <summary>Four turns.</summary>
    Rotation,

    /// <summary>Two turns.</summary>
    HalfTurn,

    /// <summary>Six orders of the colours.</summary>
    Colours,

    /// <summary>Three orders of the colours.</summary>
    ColourCycle,

    /// <summary>Four turns, each with three orders of the colours.</summary>
    RotationAndColourCycle,

    /// <summary>Four turns, each with six orders of the colours.</summary>
    RotationAndColours,
}

/// <summary>What can be set in a run of self-supervised label augmentation.</summary>
public sealed record SlaSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>How it learns.</summary>
    [Description("baseline, data-augmentation, multi-task, label-augmentation or self-distillation")]
    public Method Method { get; init; }

    /// <summary>The transformations.</summary>
    [Description("rotation, half-turn, colours, colour-cycle, rotation-and-colour-cycle or rotation-and-colours")]
    public TransformationSet Transformations { get; init; }

    /// <summary>The network below the heads.</summary>
    [Description("small, plain or residual")]
    public Trunk Trunk { get; init; }

    /// <summary>The depth of a residual trunk with its head, 6n + 2.</summary>
    [Description("layers of a residual trunk with its head, 6n + 2")]
    public int Depth { get; init; } = 32;

    /// <summary>Channels of the first convolution.</summary>
    [Range(1, 1024), Description("channels of the first convolution")]
    public int Width { get; init; } = 16;

    /// <summary>Training images.</summary>
    [Range(1, int.MaxValue), Description("training images, drawn anew for each seed")]
    public int TrainingImages { get; init; } = 100;

    /// <summary>Test images.</summary>
    [Range(1, int.MaxValue), Description("test images, the same for all seeds")]
    public int TestImages { get; init; } = 800;

    /// <summary>Whether training images are shifted and mirrored, where the data set has that.</summary>
    [Description("true: shifts and mirror images of colour images, before the transformations")]
    public bool ShiftsAndMirrors { get; init; }

    /// <summary>Training steps.</summary>
    [Range(1, int.MaxValue), Description("training steps")]
    public int Steps { get; init; } = 200;

    /// <summary>Images in a batch, before they are copied.</summary>
    [Range(1, int.MaxValue), Description("images in a batch, before they are copied")]
    public int BatchSize { get; init; } = 32;

    /// <summary>The learning rate at the start.</summary>
    [Range(0, double.MaxValue), Description("at the start; a tenth from half of the steps on, a hundredth from three quarters")]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters")]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>β: how much the distilled head's own cross-entropy counts.</summary>
    [Range(0, double.MaxValue), Description("how much the distilled head's own cross-entropy counts")]
    public double Beta { get; init; } = 1;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Depth < 8 || Depth % 6 != 2) yield return new ValidationResult($"got '{Depth}'; needed 6n + 2, such as 20, 32 or 56.", [nameof(Depth)]);
        if (Transformations is not (TransformationSet.Rotation or TransformationSet.HalfTurn) && ImageTask.ShapeOf(Data)[0] != 3)
            yield return new ValidationResult("orders of colours need colour images; needed rotation or half-turn, or cifar10 as data.", [nameof(Transformations)]);
    }
}
