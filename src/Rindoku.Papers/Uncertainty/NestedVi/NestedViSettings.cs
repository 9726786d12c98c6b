using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>What can be set in a run of nested variational inference.</summary>
public sealed record NestedViSettings : IValidatableObject
{
    /// <summary>Whether samples count by their weights.</summary>
    [Description("annealing: whether samples count by their weights (NVI) or all the same (AVO)")]
    public bool Nested { get; init; } = true;

    /// <summary>Whether particles are resampled in training.</summary>
    [Description("annealing: whether particles are resampled between levels, in training (NVIR)")]
    public bool Resample { get; init; }

    /// <summary>Whether the path is learned.</summary>
    [Description("annealing: whether the densities between the ends are learned (NVI*)")]
    public bool LearnPath { get; init; }

    /// <summary>K.</summary>
    [Range(2, 64), Description("annealing: densities, the ends included")]
    public int Densities { get; init; } = 4;

    /// <summary>Samples of a training step, over all levels.</summary>
    [Range(4, 1_000_000), Description("annealing: samples of a step in all; each density has its share as particles")]
    public int Samples { get; init; } = 288;

    /// <summary>Hidden units of a kernel.</summary>
    [Range(1, 4096), Description("annealing: hidden units of a kernel")]
    public int Units { get; init; } = 50;

    /// <summary>Training steps.</summary>
    [Range(1, int.MaxValue), Description("annealing: training steps")]
    public int Steps { get; init; } = 2000;

    /// <summary>Adam's rate.</summary>
    [Range(0, double.MaxValue), Description("annealing: Adam's rate")]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Batches that everything is measured on.</summary>
    [Range(1, int.MaxValue), Description("annealing: batches that everything is measured on")]
    public int TestBatches { get; init; } = 50;

    /// <summary>Samples of each.</summary>
    [Range(2, int.MaxValue), Description("annealing: samples of each")]
    public int TestSamples { get; init; } = 1000;

    /// <summary>Whether targets look ahead.</summary>
    [Description("hidden Markov model: whether targets look ahead, by learned heuristics")]
    public bool Heuristics { get; init; }

    /// <summary>M.</summary>
    [Range(2, 1000), Description("hidden Markov model: states")]
    public int States { get; init; } = 4;

    /// <summary>T.</summary>
    [Range(2, 10_000), Description("hidden Markov model: observations of a sequence")]
    public int Length { get; init; } = 30;

    /// <summary>The probability of staying in a state.</summary>
    [Range(0.01, 0.99), Description("hidden Markov model: probability of staying in a state")]
    public double Stay { get; init; } = 0.9;

    /// <summary>The deviation of the states' means.</summary>
    [Range(1e-3, 1e3), Description("hidden Markov model: deviation of the states' means")]
    public double Spread { get; init; } = 5;

    /// <summary>The deviation of an observation.</summary>
    [Range(1e-3, 1e3), Description("hidden Markov model: deviation of an observation around the mean of its state")]
    public double Deviation { get; init; } = 2;

    /// <summary>S of the filters.</summary>
    [Range(2, 100_000), Description("hidden Markov model: particles for each sequence")]
    public int Particles { get; init; } = 10;

    /// <summary>Units of the network that reads the sequence.</summary>
    [Range(1, 4096), Description("hidden Markov model: units of the network that reads a sequence")]
    public int FilterUnits { get; init; } = 32;

    /// <summary>New sequences in a training step.</summary>
    [Range(1, 100_000), Description("hidden Markov model: new sequences in a training step")]
    public int FilterBatch { get; init; } = 16;

    /// <summary>Training steps of the filter.</summary>
    [Range(1, int.MaxValue), Description("hidden Markov model: training steps")]
    public int FilterSteps { get; init; } = 600;

    /// <summary>Adam's rate for the filter, at the start.</summary>
    [Range(0, double.MaxValue), Description("hidden Markov model: Adam's rate at the start, falling to 0 as a cosine")]
    public double FilterRate { get; init; } = 5e-3;

    /// <summary>Sequences that everything is measured on.</summary>
    [Range(2, int.MaxValue), Description("hidden Markov model: sequences that everything is measured on, the same for all seeds")]
    public int TestSequences { get; init; } = 200;

    /// <summary>Runs of the filter over each.</summary>
    [Range(1, int.MaxValue), Description("hidden Markov model: runs of the filter over each")]
    public int Repeats { get; init; } = 10;

    /// <summary>Particles of an annealing step, S.</summary>
    internal int ParticlesPerLevel => Samples / Densities;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ParticlesPerLevel < 2) yield return new ValidationResult($"got {Samples}; needed two for each of the {Densities} densities, at least {2 * Densities}.", [nameof(Samples)]);
        if (!Nested && (Resample || LearnPath)) yield return new ValidationResult("got false (AVO); needed true to resample or to learn the path, which AVO does not.", [nameof(Nested)]);
    }
}
