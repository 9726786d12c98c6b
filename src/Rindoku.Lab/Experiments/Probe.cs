using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Lab;

/// <summary>The model of an arm with its loss on one batch, for tests that every paper must pass.</summary>
/// <param name="Model">Everything that the arm trains by gradients; several networks go into a <see cref="ModuleList"/>.</param>
/// <param name="Loss">The training loss on the batch, always the same batch: a tensor of one element.</param>
/// <param name="Outputs">What the model gives for the batch; called in evaluation mode, where equal weights must give equal bits.</param>
public sealed record Probe(Module Model, Func<Tensor> Loss, Func<Tensor> Outputs)
{
    /// <summary>The probe of a network that tells classes apart by their cross-entropy.</summary>
    /// <param name="model">The network.</param>
    /// <param name="examples">Inputs and their classes, such as <see cref="ImageTask.Sample"/> gives.</param>
    public static Probe OfClassifier(Layer model, (Tensor X, IntTensor Y) examples) =>
        new(model, () => model.Forward(examples.X).CrossEntropy(examples.Y), () => model.Forward(examples.X));

    /// <summary>The least that the loss can be; 0 for most.</summary>
    public double Floor { get; init; }

    /// <summary>The learning rate with which Adam fits the batch.</summary>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>In how many steps the loss must fall to a tenth of what it was above its <see cref="Floor"/>.</summary>
    public int Steps { get; init; } = 200;
}
