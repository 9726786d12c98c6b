using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.BinaryNet;

/// <summary>Batch normalisation whose products are shifts: each factor of a product is replaced by its nearest power of two.</summary>
/// <remarks>
/// <para>With AP2 for that power (paper, algorithm 3): <c>C(x) = x − μ; σ² = mean(C(x) · AP2(C(x))); x̂ = C(x) · AP2((σ² + ε)^−½);
/// y = AP2(γ) x̂ + β</c>, over all axes but the channels'. The running deviation is kept before it is rounded, as in the authors' code.</para>
/// <para>The gradient is the authors' too: AP2 passes it on as if it were the identity, and products are with powers of two:
/// <c>dx = AP2(γ) s (g − mean(g) − AP2(C) s² mean(AP2(C) g))</c>, <c>dγ = Σ g AP2(x̂)</c>, <c>dβ = Σ g</c>, for <c>s = AP2((σ² + ε)^−½)</c>.</para>
/// <para>Checkpoint keys: <c>weight</c>, <c>bias</c>, <c>running_mean</c>, <c>running_rate</c>.</para>
/// </remarks>
public sealed class ShiftBatchNorm : Layer
{
    private readonly float epsilon, momentum;

    /// <summary>A layer for the given number of channels.</summary>
    /// <param name="channels">How many channels.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="momentum">How far the running statistics move each step, from 0 to 1.</param>
    public ShiftBatchNorm(int channels, double epsilon = 1e-5, double momentum = 0.125)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        (this.epsilon, this.momentum) = ((float)epsilon, (float)momentum);
        Weight = Register("weight", Tensor.Ones([channels]));
        Bias = Register("bias", Tensor.Zeros([channels]));
        RunningMean = RegisterBuffer("running_mean", Tensor.Zeros([channels]));
        RunningRate = RegisterBuffer("running_rate", Tensor.Ones([channels]));
    }

    /// <summary>γ, (C).</summary>
    public Parameter Weight { get; }

    /// <summary>β, (C).</summary>
    public Parameter Bias { get; }

    /// <summary>The running mean, (C).</summary>
    public BufferTensor RunningMean { get; }

    /// <summary>The running one over the deviation, (C), not rounded.</summary>
    public BufferTensor RunningRate { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int channels = Weight.Length;
        ShapeException.Require(x.Rank >= 2 && x.Shape[1] == channels, $"{this} got x {x.Shape}; its second axis must be {channels}");
        Tensor view = x.Reshape(x.Shape[0], channels, x.Shape.Count(2..)); // (N, C, places)
        Tensor y = IsTraining ? Trained(view) : Evaluated(view);
        return y.Reshape(x.Shape);
    }

    private Tensor Evaluated(Tensor x)
    {
        Shape perChannel = [Weight.Length, 1];
        Tensor rate = Tensor.From(RunningRate.Span, perChannel).NearestPowerOfTwo(), mean = Tensor.From(RunningMean.Span, perChannel);
        return (x - mean) * rate * PowersOf(Weight).Reshape(perChannel) + Bias.Reshape(perChannel);
    }

    private Tensor Trained(Tensor x)
    {
        Shape perChannel = [Weight.Length, 1];
        Tensor scale = Weight.Detach().NearestPowerOfTwo().Reshape(perChannel);
        Tensor mean = Mean(x.Detach()), centred = x.Detach() - mean, rounded = centred.NearestPowerOfTwo();
        Tensor rate = (Mean(rounded * centred) + epsilon).Rsqrt(), s = rate.NearestPowerOfTwo(), normalised = centred * s;
        if (!Checkpoint.IsRecomputing)
        {
            Move(RunningMean.Values, mean.Span);
            Move(RunningRate.Values, rate.Span);
        }
        return Tape.Record("shift_batch_norm", normalised * scale + Bias.Detach().Reshape(perChannel),
            new Edge(x, g => (g - Mean(g) - rounded * (s * s) * Mean(rounded * g)) * (scale * s)),
            new Edge(Weight, g => (g * normalised.NearestPowerOfTwo()).Sum([0, 2])),
            new Edge(Bias, g => g.Sum([0, 2])));
    }

    private static Tensor PowersOf(Tensor weight) => Tensor.StraightThrough(weight.Detach().NearestPowerOfTwo(), weight);

    private static Tensor Mean(Tensor x) => x.Mean([0, 2]).Reshape(x.Shape[1], 1);

    private void Move(Span<float> running, ReadOnlySpan<float> batch)
    {
        for (int c = 0; c < running.Length; c++) running[c] += momentum * (batch[c] - running[c]);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"ShiftBatchNorm({Weight.Length})";
}
