using Rindoku.Nn;

namespace Rindoku.Bench;

/// <summary>A workload made ready: what does one step, and the numbers that it works on, so that a test can set them and see what came of them.</summary>
/// <param name="Run">Does one step and returns its output or loss.</param>
public sealed record BenchStep(Func<Tensor> Run)
{
    /// <summary>The model, whose parameters the step reads and, in training, changes.</summary>
    public Module? Model { get; init; }

    /// <summary>The inputs, by the baseline's names.</summary>
    public (string Name, Tensor Values)[] Inputs { get; init; } = [];

    /// <summary>Whole-number inputs, by the baseline's names, and what they are below.</summary>
    public (string Name, IntTensor Values, int Count)[] Labels { get; init; } = [];

    /// <summary>Gradients of the last step that are not in a parameter's <see cref="Parameter.Grad"/>, by the baseline's names.</summary>
    public Func<(string Name, Tensor Gradient)[]> OtherGradients { get; init; } = static () => [];
}
