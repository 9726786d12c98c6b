using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>What is learned.</summary>
public enum DuqTask
{
    /// <summary>Two moons in the plane.</summary>
    TwoMoons,

    /// <summary>The embedded digits, with letters and other images from outside.</summary>
    Digits,

    /// <summary>Fashion-MNIST, from the data folder, with digits, letters and other images from outside.</summary>
    FashionMnist,
}

/// <summary>What a network answers with.</summary>
public enum Head
{
    /// <summary>A kernel for each class.</summary>
    Kernels,

    /// <summary>Probabilities.</summary>
    Softmax,
}

/// <summary>What can be set in a run of deterministic uncertainty quantification.</summary>
public sealed record DuqSettings : IValidatableObject
{
    /// <summary>What is learned.</summary>
    [Description("two-moons (made on the spot), digits (embedded), or fashion-mnist from the data folder")]
    public DuqTask Task { get; init; }

    /// <summary>What a network answers with.</summary>
    [Description("kernels or softmax")]
    public Head Head { get; init; }

    /// <summary>How many networks answer together.</summary>
    [Range(1, 100), Description("networks that answer together, each trained by itself; above 1 for softmax only")]
    public int Members { get; init; } = 1;

    /// <summary>λ.</summary>
    [Range(0, double.MaxValue), Description("how much the gradient penalty counts")]
    public double Penalty { get; init; }

    /// <summary>σ.</summary>
    [Range(1e-6, double.MaxValue), Description("how far a kernel reaches")]
    public double LengthScale { get; init; } = 0.3;

    /// <summary>γ.</summary>
    [Range(0.0, 1.0), Description("what part of the running sums of a centroid stays at each step")]
    public double Memory { get; init; } = 0.99;

    /// <summary>E.</summary>
    [Range(1, 65536), Description("numbers that a class compares with its centroid")]
    public int EmbeddingSize { get; init; } = 10;

    /// <summary>The standard deviation that the projections start with.</summary>
    [Range(0, double.MaxValue), Description("the standard deviation that the projections start with")]
    public double ProjectionDeviation { get; init; } = 1;

    /// <summary>How many examples the random centroids count for at the start.</summary>
    [Range(1e-6, double.MaxValue), Description("how many examples the random centroids count for at the start")]
    public double StartCount { get; init; } = 20;

    /// <summary>The width of the networks.</summary>
    [Range(1, 1024), Description("units of a hidden layer, or channels of the first convolution")]
    public int Width { get; init; } = 20;

    /// <summary>Examples to learn from.</summary>
    [Range(1, int.MaxValue), Description("points or images to learn from, drawn anew for each seed")]
    public int TrainingExamples { get; init; } = 1500;

    /// <summary>Examples to measure with.</summary>
    [Range(1, int.MaxValue), Description("points or images to measure with, and images of each set from outside")]
    public int TestExamples { get; init; } = 200;

    /// <summary>Training steps.</summary>
    [Range(1, int.MaxValue), Description("training steps, for each network")]
    public int Steps { get; init; } = 690;

    /// <summary>Examples in a batch.</summary>
    [Range(1, int.MaxValue), Description("examples in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start.</summary>
    [Range(0, double.MaxValue), Description("at the start")]
    public double LearningRate { get; init; } = 0.01;

    /// <summary>The steps at which the learning rate falls.</summary>
    [Description("the steps at which the learning rate falls")]
    public IReadOnlyList<long> RateFalls { get; init; } = [];

    /// <summary>What the learning rate is multiplied with when it falls.</summary>
    [Range(0.0, 1.0), Description("what the learning rate is multiplied with when it falls")]
    public double RateFactor { get; init; } = 0.2;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters")]
    public double WeightDecay { get; init; } = 1e-4;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Head == Head.Kernels && Members > 1)
            yield return new ValidationResult($"got '{Members}' for a network with kernels, which answers alone; needed 1, or head=softmax.", [nameof(Members)]);
        if (Head == Head.Softmax && Penalty > 0)
            yield return new ValidationResult($"got '{Penalty}' for softmax, which has no kernels to penalise; needed 0, or head=kernels.", [nameof(Penalty)]);
        if (BatchSize > TrainingExamples)
            yield return new ValidationResult($"got '{BatchSize}' of {TrainingExamples} training examples; needed no more than there are.", [nameof(BatchSize)]);
    }
}
