using Rindoku.Nn;
using Rindoku.Optim;

namespace Rindoku.Lab;

/// <summary>What a trainer does with a batch.</summary>
internal interface ITrainingStep<in TBatch>
{
    /// <summary>Works on one batch, the <paramref name="part"/>-th of <paramref name="parts"/> that make one optimizer step.</summary>
    /// <returns>The report, and whether the gradients are finite numbers; where something is not, nothing has been changed if that can be had.</returns>
    (StepReport Report, bool Finite) Run(TBatch batch, int part, int parts);

    /// <summary>Does the same computation once more, to find the operation that made a NaN.</summary>
    void Replay(TBatch batch);
}

/// <summary>A step that the experiment spells out: several optimizers, environments, anything.</summary>
internal sealed class CustomStep<TBatch>(Func<TBatch, StepReport> step) : ITrainingStep<TBatch>
{
    public (StepReport Report, bool Finite) Run(TBatch batch, int part, int parts) => (step(batch), true);

    public void Replay(TBatch batch) => step(batch);
}

/// <summary>Loss, gradients, optimizer.</summary>
internal sealed class GradientStep<TBatch>(Module model, Optimizer optimizer, Func<TBatch, Tensor> loss) : ITrainingStep<TBatch>
{
    /// <summary>Clips the gradients and returns their norm before that, or null.</summary>
    public Func<IReadOnlyList<Parameter>, double>? Clip { get; set; }

    private readonly Parameter[] parameters = [.. optimizer.Parameters];
    private double sum; // of the losses of the parts of a step

    public (StepReport Report, bool Finite) Run(TBatch batch, int part, int parts)
    {
        if (part == 0) ZeroGrad();
        Tensor value = loss(batch);
        float number = value.Item();
        if (!float.IsFinite(number)) return (number, true);
        sum = part == 0 ? number : sum + number;
        (parts == 1 ? value : Ops.TensorOps.Multiply(value, Tensor.Scalar(1f / parts))).Backward();
        if (part + 1 < parts) return (number, true);

        double? norm = Clip?.Invoke(parameters);
        if (norm is { } n ? !double.IsFinite(n) : !GradientsAreFinite()) return (number, false);
        (optimizer as ILossFeedback)?.Observe(sum / parts);
        optimizer.Step();
        return (number, true);
    }

    public void Replay(TBatch batch)
    {
        ZeroGrad();
        loss(batch).Backward();
    }

    // Those of the model as well: a parameter that the optimizer does not know would gather gradients for ever.
    private void ZeroGrad()
    {
        model.ZeroGrad();
        optimizer.ZeroGrad();
    }

    // A sum of magnitudes is finite only if every number is; one pass at memory speed.
    private bool GradientsAreFinite()
    {
        foreach (Parameter parameter in parameters)
            if (parameter.Grad is { } gradient && !float.IsFinite(System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(gradient.Span))) return false;
        return true;
    }
}
