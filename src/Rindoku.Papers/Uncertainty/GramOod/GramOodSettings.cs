using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.GramOod;

/// <summary>The classifiers that the detector is put on.</summary>
public enum Network
{
    /// <summary>Three convolutions with batch normalisation and ReLU, for images of 8 × 8.</summary>
    Convolutions,

    /// <summary>A residual network whose units end in ReLU, of depth 6n + 2.</summary>
    Residual,

    /// <summary>A residual network of pre-activation units, of depth 6n + 4.</summary>
    PreActivation,

    /// <summary>Two hidden linear maps with ReLU.</summary>
    Perceptron,

    /// <summary>The paper's: ResNet-34 with a stem for small images.</summary>
    ResNet34,
}

/// <summary>What can be set in a run of the detector by Gram matrices.</summary>
public sealed record GramOodSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>The classifier.</summary>
    [Description("convolutions, residual, pre-activation, perceptron or res-net34")]
    public Network Network { get; init; }

    /// <summary>The depth of a residual network.</summary>
    [Description("layers of a residual network: 6n + 2, with pre-activation 6n + 4")]
    public int Depth { get; init; } = 8;

    /// <summary>Channels of the first layers.</summary>
    [Range(1, 1024), Description("channels of the first layers; the perceptron has 8 times as many units in each layer")]
    public int Width { get; init; } = 16;

    /// <summary>P: the highest order of the Gram matrices.</summary>
    [Range(1, 100), Description("the orders of the Gram matrices are 1 to this number")]
    public int Orders { get; init; } = 10;

    /// <summary>What is taken from a Gram matrix.</summary>
    [Description("row-sums, as the authors' code, or upper-triangle, as the paper's text")]
    public GramStatistic Statistic { get; init; }

    /// <summary>Classes that a second network does not learn.</summary>
    [Range(0, 8), Description("classes that a second network does not learn, to be found as new by it; 0 leaves it out")]
    public int NewClasses { get; init; } = 2;

    /// <summary>How many divisions of the test images the results are the mean of.</summary>
    [Range(1, 1000), Description("divisions of the test images into a tenth that sets the scale and the rest; results are their mean")]
    public int Divisions { get; init; } = 10;

    /// <summary>Training images.</summary>
    [Range(1, int.MaxValue), Description("training images, drawn anew for each seed")]
    public int TrainingImages { get; init; } = 1197;

    /// <summary>Test images.</summary>
    [Range(20, int.MaxValue), Description("test images, the same for all seeds")]
    public int TestImages { get; init; } = 600;

    /// <summary>Whether training images are shifted and mirrored.</summary>
    [Description("true: training images are shifted by up to an eighth and mirrored")]
    public bool ShiftsAndMirrors { get; init; }

    /// <summary>Training steps.</summary>
    [Range(1, int.MaxValue), Description("training steps of each network")]
    public int Steps { get; init; } = 300;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start.</summary>
    [Range(0, double.MaxValue), Description("at the start; a tenth from half of the steps on, a hundredth from three quarters")]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters")]
    public double WeightDecay { get; init; } = 5e-4;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        (int rest, string form) = Network == Network.PreActivation ? (4, "6n + 4, such as 10, 16 or 40") : (2, "6n + 2, such as 8, 20 or 32");
        if (Depth < 8 || Depth % 6 != rest) yield return new ValidationResult($"got '{Depth}'; needed {form}.", [nameof(Depth)]);
        if (Network == Network.PreActivation && Width % 16 != 0)
            yield return new ValidationResult($"got '{Width}'; needed a multiple of 16 with pre-activation units.", [nameof(Width)]);
        if (ShiftsAndMirrors && ImageTask.ShapeOf(Data)[0] != 3)
            yield return new ValidationResult("digits and clothes are not to be mirrored; needed false, or cifar10 as data.", [nameof(ShiftsAndMirrors)]);
        if (Network == Network.ResNet34 && ImageTask.ShapeOf(Data)[0] != 3)
            yield return new ValidationResult("this network sees colours; needed another one, or cifar10 as data.", [nameof(Network)]);
    }

    /// <summary>The classifier, from images to logits.</summary>
    /// <param name="image">The shape of an image.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="rng">Source of the start values.</param>
    public Layer Build(Shape image, int classes, Rng rng)
    {
        int hidden = 8 * Width;
        return Network switch
        {
            Network.Convolutions => new Sequential(ConvTrunk.Small(image[0], Width, rng), new Linear(ConvTrunk.SmallFeatures(Width), classes, rng)),
            Network.Residual => ResNet.Cifar(Depth, classes, rng, Width, image[0]),
            Network.PreActivation => ResNet.Wide(Depth, Width / 16, classes, rng, image[0]),
            Network.Perceptron => new Sequential(new Flatten(), new Linear(image.Count(..), hidden, rng), Activation.Relu, new Linear(hidden, hidden, rng), Activation.Relu,
                new Linear(hidden, classes, rng)),
            _ => ResNet.ImageNet(34, classes, rng, smallImages: true),
        };
    }

    /// <summary>How the detector looks at the classifier. Of residual networks it sees the units only, six tensors each, as in the authors' code.</summary>
    public GramOptions Options() => new()
    {
        Orders = Orders,
        Statistic = Statistic,
        Layers = Network is Network.Convolutions or Network.Perceptron ? null
            : static name => name.StartsWith("layer", StringComparison.Ordinal) && !name.Contains(".downsample.", StringComparison.Ordinal),
    };
}
