using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Batch normalisation: each channel to mean 0 and variance 1, then scaled and shifted: <c>y = γ (x − μ) / √(σ² + ε) + β</c>.</summary>
/// <remarks>
/// <para>Shapes: x <c>(N, C, *)</c> → y of the same shape. In training μ and σ² are the batch's, and the running ones move towards them
/// (towards the unbiased variance) by <c>momentum</c>; in evaluation the running ones are used.</para>
/// <para>Start: γ = 1, β = 0, running mean 0, running variance 1. Checkpoint keys: <c>weight</c> (γ), <c>bias</c> (β),
/// <c>running_mean</c>, <c>running_var</c>. One class serves 1, 2 and 3 dimensions.</para>
/// <para>Source: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2.</para>
/// </remarks>
public sealed class BatchNorm : Layer
{
    /// <summary>A layer for the given number of channels.</summary>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="momentum">How far the running statistics move each step, from 0 to 1.</param>
    /// <param name="affine">Whether to scale and shift.</param>
    public BatchNorm(int channels, double epsilon = 1e-5, double momentum = 0.1, bool affine = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        Channels = channels;
        Epsilon = epsilon;
        Momentum = momentum;
        if (affine)
        {
            Weight = Register("weight", Tensor.Ones([channels]));
            Bias = Register("bias", Tensor.Zeros([channels]));
        }
        RunningMean = RegisterBuffer("running_mean", Tensor.Zeros([channels]));
        RunningVariance = RegisterBuffer("running_var", Tensor.Ones([channels]));
    }

    /// <summary>How many channels, C.</summary>
    public int Channels { get; }

    /// <summary>The small number added to the variance, ε.</summary>
    public double Epsilon { get; }

    /// <summary>How far the running statistics move each step.</summary>
    public double Momentum { get; }

    /// <summary>The scale, γ, (C), or null.</summary>
    public Parameter? Weight { get; }

    /// <summary>The shift, β, (C), or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>The running mean, (C).</summary>
    public BufferTensor RunningMean { get; }

    /// <summary>The running variance, (C).</summary>
    public BufferTensor RunningVariance { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The second axis of <paramref name="x"/> is not <see cref="Channels"/>.</exception>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2 && x.Shape[1] == Channels, $"{this} got x {x.Shape}; its second axis must be {Channels}");
        return LayerTrace.Note(this, x, Normalised(x), multiplyAdds: 0);
    }

    private Tensor Normalised(Tensor x)
    {
        if (!IsTraining) return x.BatchNormEvaluation(RunningMean, RunningVariance, Weight, Bias, (float)Epsilon);

        BatchNormOutput batch = x.BatchNormTraining(Weight, Bias, (float)Epsilon);
        // A checkpointed layer runs a second time for its gradients; the statistics have moved already.
        if (!Checkpoint.IsRecomputing) batch.Update(RunningMean, RunningVariance, (float)Momentum);
        return batch.Output;
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"BatchNorm({Channels})";
}
