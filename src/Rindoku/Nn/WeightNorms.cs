using Rindoku.Autograd;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>A layer whose weight is learned as length and direction apart: <c>w = g · v / ‖v‖</c>, a length for each output.</summary>
/// <remarks>
/// <para>Start: v is the layer's weight and g its lengths, so that w is at first what it was.</para>
/// <para>Checkpoint keys, in the place of the layer's own: <c>bias</c>, <c>weight_g</c>, <c>weight_v</c>, as PyTorch's <c>weight_norm</c>.</para>
/// <para>Source: Salimans and Kingma 2016, arXiv:1602.07868.</para>
/// </remarks>
public sealed class WeightNorm : Layer
{
    private readonly IWeighted layer;

    /// <summary>Wraps a layer, which must not be used on its own any more.</summary>
    /// <param name="layer">The layer: <see cref="Linear"/>, a convolution, a transposed convolution.</param>
    /// <param name="axis">The axis of the weight along which each place has a length; 0, also for transposed convolutions, as in PyTorch.</param>
    /// <exception cref="ShapeException">The weight has no such axis.</exception>
    public WeightNorm(IWeighted layer, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(layer);
        this.layer = layer;
        Axis = layer.Weight.Shape.Axis(axis, nameof(WeightNorm));
        if (layer.Bias is { } bias) Register("bias", bias);
        int[] others = [.. Enumerable.Range(0, layer.Weight.Rank).Where(i => i != Axis)];
        using (NoGrad.Enter()) Magnitude = Register("weight_g", layer.Weight.Norm(2, others, keep: true));
        Direction = Register("weight_v", layer.Weight);
    }

    /// <summary>The axis of the weight along which each place has a length.</summary>
    public int Axis { get; }

    /// <summary>The lengths, g: 1 on every axis of the weight but <see cref="Axis"/>.</summary>
    public Parameter Magnitude { get; }

    /// <summary>The directions, v, of the weight's shape.</summary>
    public Parameter Direction { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => layer.Forward(x, Direction.WeightNorm(Magnitude, Axis));

    /// <summary>The wrapped layer.</summary>
    public override string ToString() => $"WeightNorm({layer})";
}

/// <summary>A layer whose weight is divided by an estimate of its largest singular value: <c>w / σ</c>, <c>σ = uᵀ W v</c>.</summary>
/// <remarks>
/// <para>W is the weight as a matrix with a row for each output. u and v are improved by power iterations at each call in training, and
/// left alone in evaluation.</para>
/// <para>Start: u and v random, of length 1.</para>
/// <para>Checkpoint keys, in the place of the layer's own: <c>bias</c>, <c>weight_orig</c>, and the buffers <c>weight_u</c> and
/// <c>weight_v</c>, as PyTorch's <c>spectral_norm</c>.</para>
/// <para>Source: Miyato et al. 2018, arXiv:1802.05957, algorithm 1.</para>
/// </remarks>
public sealed class SpectralNorm : Layer
{
    private readonly IWeighted layer;
    private readonly BufferTensor left, right;

    /// <summary>Wraps a layer, which must not be used on its own any more.</summary>
    /// <param name="layer">The layer: <see cref="Linear"/>, a convolution, a transposed convolution.</param>
    /// <param name="rng">Source of the first u and v.</param>
    /// <param name="iterations">Power iterations at each call in training; at least 1.</param>
    public SpectralNorm(IWeighted layer, Rng rng, int iterations = 1)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(iterations);
        (this.layer, Iterations) = (layer, iterations);
        if (layer.Bias is { } bias) Register("bias", bias);
        Weight = Register("weight_orig", layer.Weight);
        int rows = Weight.Shape[layer.OutputAxis];
        left = RegisterBuffer("weight_u", OfLengthOne(rng.Normal([rows])));
        right = RegisterBuffer("weight_v", OfLengthOne(rng.Normal([Weight.Length / rows])));
    }

    /// <summary>Power iterations at each call in training.</summary>
    public int Iterations { get; }

    /// <summary>The weight before it is divided.</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        int axis = layer.OutputAxis;
        Tensor weight = axis == 0 ? Weight : Weight.Transpose(0, axis);
        // A checkpointed layer runs a second time for its gradients; u and v have moved already.
        Tensor divided = weight.SpectralNorm(left, right, IsTraining && !Checkpoint.IsRecomputing ? Iterations : 0);
        return layer.Forward(x, axis == 0 ? divided : divided.Transpose(0, axis));
    }

    /// <summary>The wrapped layer.</summary>
    public override string ToString() => $"SpectralNorm({layer})";

    private static Tensor OfLengthOne(Tensor x) => x / x.Norm();
}
