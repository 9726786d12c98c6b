using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Rindoku.Lab;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>The sizes that a SqueezeNet can be built in.</summary>
public enum SqueezeNetForm
{
    /// <summary>Four Fire modules for small images.</summary>
    Mini,

    /// <summary>Version 1.0, the paper's.</summary>
    V10,

    /// <summary>Version 1.1 of the authors' repository.</summary>
    V11,
}

/// <summary>What changes the weights.</summary>
public enum SqueezeNetOptimizer
{
    /// <summary>Adam: small networks without normalisation start with it, whatever the seed.</summary>
    Adam,

    /// <summary>Gradient descent with a momentum of 0.9, as the authors train.</summary>
    Sgd,
}

/// <summary>What can be set in a run of SqueezeNet.</summary>
public sealed record SqueezeNetSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist or cifar10 from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>A folder of pictures in the data folder, to learn from instead of <see cref="Data"/>.</summary>
    [Description("a folder of the data folder to learn from instead, with 'train' and 'val', each with a sub-folder of pictures for every class")]
    public string Pictures { get; init; } = "";

    /// <summary>The sizes.</summary>
    [Description("mini (for small images), v10 (the paper's) or v11")]
    public SqueezeNetForm Form { get; init; }

    /// <summary>The ways around Fire modules.</summary>
    [Description("none, simple or complex: the ways around Fire modules")]
    public Bypass Bypass { get; init; }

    /// <summary>Whether Fire modules are replaced by convolutions.</summary>
    [Description("whether each Fire module is replaced by one 3 x 3 convolution of as many outputs")]
    public bool PlainConvolutions { get; init; }

    /// <summary>Dropout before the last convolution.</summary>
    [Range(0.0, 0.99), Description("how likely dropout before the last convolution drops a number")]
    public double Dropout { get; init; }

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 20;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>Batches for one step.</summary>
    [Range(1, int.MaxValue), Description("batches whose gradients make one step")]
    public int Accumulate { get; init; } = 1;

    /// <summary>The optimizer.</summary>
    [Description("adam, or sgd with a momentum of 0.9 as the authors have it")]
    public SqueezeNetOptimizer Optimizer { get; init; }

    /// <summary>The learning rate at the start, falling linearly to 0.</summary>
    [Range(0, double.MaxValue), Description("at the start; falls linearly to 0")]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters, of sgd")]
    public double WeightDecay { get; init; } = 2e-4;

    /// <summary>The part of the weights that pruning leaves.</summary>
    [Range(0.001, 1.0), Description("the part of each layer's weights that pruning leaves, conv1 and the layers that squeeze aside; 1 prunes none")]
    public double Density { get; init; } = 1;

    /// <summary>Bits of a quantised weight's code, one network for each.</summary>
    [Description("bits of a code, 1 to 8, separated by commas: the trained network is compressed once with each; empty compresses nothing")]
    public IReadOnlyList<int> Bits { get; init; } = [];

    /// <summary>Passes over the training images after pruning.</summary>
    [Range(0, int.MaxValue), Description("passes over the training images after pruning, with the mask held")]
    public int RetrainEpochs { get; init; }

    /// <summary>The learning rate of retraining at its start.</summary>
    [Range(0, double.MaxValue), Description("at the start of retraining; falls linearly to 0")]
    public double RetrainRate { get; init; } = 3e-3;

    /// <summary>Passes over the training images after quantisation.</summary>
    [Range(0, int.MaxValue), Description("passes over the training images that train centroids")]
    public int CentroidEpochs { get; init; }

    /// <summary>The learning rate of centroids at its start.</summary>
    [Range(0, double.MaxValue), Description("of centroids, at the start; falls linearly to 0")]
    public double CentroidRate { get; init; } = 3e-4;

    /// <summary>A photo to classify.</summary>
    [Description("arm pretrained: a picture to name the five likeliest classes of; empty measures the 250 photos of the data folder")]
    public string Image { get; init; } = "";

    /// <summary>A file of weights.</summary>
    [Description("arm pretrained: a compressed SqueezeNet v1.0 in the authors' format or in Rindoku's; empty for the authors' file in the data folder")]
    public string Weights { get; init; } = "";

    /// <summary>The sizes of the network.</summary>
    internal SqueezeNetPlan Plan() => (Form switch
    {
        SqueezeNetForm.V10 => SqueezeNetPlan.V10,
        SqueezeNetForm.V11 => SqueezeNetPlan.V11,
        _ => SqueezeNetPlan.Mini,
    }) with
    { Bypass = Bypass, PlainConvolutions = PlainConvolutions, Dropout = Dropout };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Bits.Any(bits => bits is < 1 or > 8) || Bits.Distinct().Count() != Bits.Count)
        {
            yield return new ValidationResult(string.Create(CultureInfo.InvariantCulture,
                $"got '{string.Join(",", Bits)}'; needed different numbers from 1 to 8, such as 5,3."), [nameof(Bits)]);
        }
        if (PlainConvolutions && Bypass != Bypass.None)
            yield return new ValidationResult("got both; needed bypass=none, for plain convolutions have no ways around them.", [nameof(PlainConvolutions), nameof(Bypass)]);
    }
}
