using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;
using Rindoku.Nn.ResNets;

namespace Rindoku.Papers.Vision.ResNeXt;

/// <summary>What can be set in a run of ResNeXt.</summary>
public sealed record ResNeXtSettings : IValidatableObject
{
    /// <summary>The template of the network; the one for large images reads ImageNet from the data folder.</summary>
    [Description("cifar, or imagenet for 224 x 224 photos in folders imagenet/train and imagenet/val of the data folder")]
    public ResNeXtTemplate Template { get; init; }

    /// <summary>The data set of small images.</summary>
    [Description("small images: digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half (16 x 16 pixels) from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>The depth of the network.</summary>
    [Description("layers: 9n + 2 for small images; 50, 101 or 152 for large ones")]
    public int Depth { get; init; } = 20;

    /// <summary>Channels of the stem for small images.</summary>
    [Range(1, 4096), Description("small images: channels of the stem; the stages give 4, 8 and 16 times as many")]
    public int Width { get; init; } = 16;

    /// <summary>C, the cardinality.</summary>
    [Range(1, 4096), Description("cardinality C: paths of a block; 1 is ResNet")]
    public int Paths { get; init; } = 1;

    /// <summary>d, the width of a path in a stage of 256 outputs.</summary>
    [Range(1, 4096), Description("width d of a path where a block has 256 outputs")]
    public int BaseWidth { get; init; } = 64;

    /// <summary>The form of the blocks.</summary>
    [Description("form of the blocks: grouped (c), concatenated (b) or summed (a); the same function")]
    public AggregationForm Form { get; init; } = AggregationForm.Grouped;

    /// <summary>Whether blocks have shortcuts.</summary>
    [Description("false for blocks that are their residual alone")]
    public bool Shortcuts { get; init; } = true;

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 6;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start; a tenth from half of the epochs, a hundredth from three quarters.</summary>
    [Range(0, double.MaxValue), Description("at the start; small images: a tenth from half of the epochs on, a hundredth from three quarters; large: a tenth at each third")]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters")]
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Training steps over which the three forms are compared.</summary>
    [Range(1, 1000), Description("training steps over which the three forms of the block are compared")]
    public int ComparedSteps { get; init; } = 20;

    /// <summary>The learning rate of those steps.</summary>
    [Range(0, double.MaxValue), Description("learning rate of those steps, plain SGD")]
    public double ComparedRate { get; init; } = 0.001;

    /// <summary>The side of the maps that the block of figure 3 is timed on.</summary>
    [Range(1, 512), Description("side of the two maps of 256 channels that forms (b) and (c) are timed on; the paper's block works on 56 x 56")]
    public int TimedSide { get; init; } = 56;

    /// <summary>C × d.</summary>
    internal Cardinality Cardinality => new(Paths, BaseWidth);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Template == ResNeXtTemplate.Cifar && (Depth < 11 || Depth % 9 != 2))
            yield return new ValidationResult($"got '{Depth}'; needed 9n + 2 for small images, such as 11, 20 or 29.", [nameof(Depth)]);
        if (Template == ResNeXtTemplate.ImageNet && Depth is not (50 or 101 or 152))
            yield return new ValidationResult($"got '{Depth}'; needed 50, 101 or 152 for large images.", [nameof(Depth)]);
        int stem = Template == ResNeXtTemplate.Cifar ? Width : 64;
        if ((long)stem * BaseWidth < 64)
            yield return new ValidationResult($"got '{BaseWidth}'; with a stem of {stem} channels a path of the first stage has {stem}/64 of this, which must be 1 or more.", [nameof(BaseWidth)]);
        if (Template == ResNeXtTemplate.ImageNet && (Form != AggregationForm.Grouped || !Shortcuts))
            yield return new ValidationResult("forms (a) and (b) and blocks without shortcuts are for small images.", [nameof(Template)]);
        if (Form != AggregationForm.Grouped && !Shortcuts)
            yield return new ValidationResult("blocks without shortcuts are of form (c), grouped.", [nameof(Form)]);
    }
}
