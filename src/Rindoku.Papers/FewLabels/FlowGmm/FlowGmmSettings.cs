using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>The data sets, each with few labels.</summary>
public enum PointSet
{
    /// <summary>Two half circles.</summary>
    Moons,

    /// <summary>A circle in another.</summary>
    Circles,

    /// <summary>Eight clouds on a ring, three classes.</summary>
    EightGaussians,

    /// <summary>UCI digits, 8 × 8.</summary>
    Digits,

    /// <summary>AG News as vectors of words.</summary>
    News,

    /// <summary>MNIST, 28 × 28, from the data folder.</summary>
    Mnist,
}

/// <summary>How labels are learned from.</summary>
public enum Method
{
    /// <summary>Likelihood of points with and without labels.</summary>
    FlowGmm,

    /// <summary>The same flow, likelihood of points with labels alone (FlowGMM-sup).</summary>
    LabelsOnly,

    /// <summary>FlowGMM-cons: perturbed images, cross-entropy of labels, likelihood, consistency.</summary>
    Consistency,

    /// <summary>A linear classifier of the labelled points.</summary>
    Logistic,

    /// <summary>A network of three layers, of the labelled points.</summary>
    Mlp,

    /// <summary>The same network with the Pi-model's consistency over all points.</summary>
    PiModel,
}

/// <summary>What can be set in a run of FlowGMM.</summary>
public sealed record FlowGmmSettings : IValidatableObject
{
    /// <summary>The data sets, one after the other.</summary>
    [Description("sets to be learned, one after the other: moons, circles, eight-gaussians, digits, news or mnist")]
    public IReadOnlyList<PointSet> Data { get; init; } = [PointSet.Moons];

    /// <summary>How labels are learned from.</summary>
    [Description("flow-gmm, labels-only, consistency, logistic, mlp or pi-model")]
    public Method Method { get; init; }

    /// <summary>Whether images go through the flow of images, not as vectors.</summary>
    [Description("true: images through a flow of convolutions; false: as vectors")]
    public bool ImageFlow { get; init; }

    /// <summary>Labels of each class.</summary>
    [Range(1, int.MaxValue), Description("labelled examples of each class, drawn anew for each seed")]
    public int LabelsPerClass { get; init; } = 5;

    /// <summary>Points of a set in the plane.</summary>
    [Range(10, int.MaxValue), Description("points of a set in the plane, labelled ones included")]
    public int Points { get; init; } = 1000;

    /// <summary>Numbers in the vector of a text.</summary>
    [Range(2, 2000), Description("numbers in the vector of a text")]
    public int Features { get; init; } = 64;

    /// <summary>Couplings of a flow of vectors, L.</summary>
    [Range(1, 1000), Description("couplings of a flow of vectors")]
    public int Couplings { get; init; } = 5;

    /// <summary>Units of hidden layers, h; channels of a flow of images.</summary>
    [Range(1, 100_000), Description("units of hidden layers; channels in a flow of images")]
    public int Width { get; init; } = 128;

    /// <summary>Layers between the first and the last of a coupling's network, nl.</summary>
    [Range(0, 100), Description("layers of width x width in the network of a coupling")]
    public int HiddenLayers { get; init; } = 1;

    /// <summary>Scales of a flow of images.</summary>
    [Range(1, 10), Description("scales of a flow of images")]
    public int Scales { get; init; } = 2;

    /// <summary>Residual blocks of the networks in a flow of images.</summary>
    [Range(0, 100), Description("residual blocks in the network of an image coupling")]
    public int Blocks { get; init; } = 1;

    /// <summary>How likely a unit is dropped in training.</summary>
    [Range(0, 0.99), Description("how likely a unit is dropped in training; not in flows of images")]
    public double Dropout { get; init; }

    /// <summary>Whether the Gaussians are learned, too.</summary>
    [Description("true: means, deviations and weights of the Gaussians are learned as well")]
    public bool LearnPrior { get; init; }

    /// <summary>Training steps.</summary>
    [Range(1, int.MaxValue), Description("training steps")]
    public int Steps { get; init; } = 1500;

    /// <summary>Labelled examples in a step.</summary>
    [Range(1, int.MaxValue), Description("labelled examples in a step, or all if there are fewer")]
    public int LabelledBatch { get; init; } = 64;

    /// <summary>Unlabelled examples in a step.</summary>
    [Range(1, int.MaxValue), Description("unlabelled examples in a step")]
    public int UnlabelledBatch { get; init; } = 64;

    /// <summary>The learning rate at the start.</summary>
    [Range(0, double.MaxValue), Description("at the start; for vectors in the plane a tenth from half and again from four fifths of the steps on, else along a cosine to 0")]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay: added to gradients for points in the plane, else decoupled")]
    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>How much labelled examples count.</summary>
    [Range(0, double.MaxValue), Description("how much labelled examples count")]
    public double LabelledWeight { get; init; } = 1;

    /// <summary>How much unlabelled examples count; with consistency, how much the likelihood of all.</summary>
    [Range(0, double.MaxValue), Description("how much unlabelled examples count; with consistency, the likelihood of all")]
    public double UnlabelledWeight { get; init; } = 1;

    /// <summary>How much consistency counts.</summary>
    [Range(0, double.MaxValue), Description("how much consistency counts, of two perturbations or of the Pi-model's two passes")]
    public double ConsistencyWeight { get; init; } = 1;

    /// <summary>Over how many steps the weight of consistency rises.</summary>
    [Range(0, int.MaxValue), Description("over how many steps the weight of consistency rises from 0")]
    public int RampSteps { get; init; } = 200;

    /// <summary>By how many pixels perturbed images are shifted.</summary>
    [Range(1, 8), Description("by how many pixels at most perturbed images are shifted")]
    public int Shift { get; init; } = 1;

    /// <summary>Whether a set is of points in the plane.</summary>
    internal static bool IsPlanar(PointSet set) => set is PointSet.Moons or PointSet.Circles or PointSet.EightGaussians;

    /// <summary>Whether a set is of images.</summary>
    internal static bool IsImages(PointSet set) => set is PointSet.Digits or PointSet.Mnist;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Data.Count == 0 || Data.Distinct().Count() != Data.Count) yield return new ValidationResult("needed at least one set, each once.", [nameof(Data)]);
        if (Method == Method.Consistency && !Data.All(IsImages)) yield return new ValidationResult("consistency perturbs images; needed digits or mnist as data.", [nameof(Data)]);
        if (ImageFlow && !Data.All(IsImages)) yield return new ValidationResult("a flow of images needs digits or mnist as data.", [nameof(ImageFlow)]);
        if (Method == Method.PiModel && Dropout == 0) yield return new ValidationResult("two passes of the Pi-model differ by what is dropped; needed more than 0.", [nameof(Dropout)]);
        if (LabelsPerClass * 3 > Points) yield return new ValidationResult($"got {LabelsPerClass} for up to three classes; there are {Points} points.", [nameof(LabelsPerClass)]);
    }
}
