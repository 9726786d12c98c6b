using Rindoku.Autograd;
using Rindoku.Ops;

namespace Rindoku.Nn.Binary;

/// <summary>What layers with weights of one bit share: real weights W that are learned, and their signs B, which the layer computes with.</summary>
/// <remarks>
/// <para>Plain (BinaryConnect, BinaryNet): <c>B = sign(W)</c>, and the gradient of B is applied to W unchanged.</para>
/// <para>Scaled (XNOR-Net): <c>W ≈ α B</c> with one <c>α = mean |W|</c> for each output, which is the nearest of all α B to W. The gradient is the
/// paper's, <c>∂C/∂Wᵢ = ∂C/∂W̃ᵢ (1/n + α [|Wᵢ| ≤ 1])</c> with <c>W̃ = α B</c> and n weights to an output (it leaves out how α couples them).</para>
/// <para>sign(0) is +1. Checkpoint keys: <c>weight</c>, <c>bias</c>. Sources: Courbariaux et al. 2016, arXiv:1602.02830, algorithm 1; Rastegari et al.
/// 2016, arXiv:1603.05279, §3.1.</para>
/// </remarks>
public abstract class BinaryLayer : Layer, IWeighted
{
    private protected BinaryLayer(Shape shape, Rng rng, bool scaled, bool bias, Func<Rng, Shape, Tensor>? start)
    {
        ArgumentNullException.ThrowIfNull(rng);
        foreach (int size in shape.Sizes) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(shape));
        IsScaled = scaled;
        Weight = Register("weight", start is null ? rng.Uniform(shape, -1, 1) : start(rng, shape));
        if (bias) Bias = Register("bias", Tensor.Zeros([shape[0]]));
    }

    /// <summary>W, (Out, In, ...): real numbers, of which the layer uses the signs.</summary>
    public Parameter Weight { get; }

    /// <summary>A real bias, (Out), or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>Whether the signs are scaled by α, the mean magnitude of each output's weights.</summary>
    public bool IsScaled { get; }

    /// <inheritdoc/>
    public int OutputAxis => 0;

    /// <summary>How many weights an output has, n.</summary>
    public int FanIn => Weight.Shape.Count(1..);

    /// <summary>How many weights an input has.</summary>
    public int FanOut => Weight.Shape[0] * Weight.Shape.Count(2..);

    /// <summary>
    /// The factor of the learning rate after Glorot, <c>1 / √(1.5 / (fan-in + fan-out))</c>: weights between −1 and 1 would hardly ever change their sign
    /// with steps of the usual size.
    /// </summary>
    public double LearningRateFactor => 1 / Math.Sqrt(1.5 / (FanIn + FanOut));

    /// <summary>α of each output, (Out); ones where the layer is not scaled. No gradient flows through it.</summary>
    public Tensor Scales => IsScaled ? Weight.Detach().Abs().Reshape(Weight.Shape[0], FanIn).Mean([1]) : Tensor.Ones([Weight.Shape[0]]);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, Weight);

    /// <inheritdoc/>
    public abstract Tensor Forward(Tensor x, Tensor weight);

    /// <summary>Brings the weights back between −1 and 1; called after each step.</summary>
    public void Clip()
    {
        foreach (ref float w in Weight.Values) w = Math.Clamp(w, -1, 1);
    }

    /// <summary>Subtracts from each weight the mean over the inputs at its place of the kernel; called after each step, before <see cref="Clip"/>.</summary>
    /// <remarks>Source: the authors' code of XNOR-Net.</remarks>
    public void Centre()
    {
        Span<float> values = Weight.Values;
        int inputs = Weight.Shape[1], taps = Weight.Shape.Count(2..);
        for (int first = 0; first < values.Length; first += inputs * taps)
            for (int tap = first; tap < first + taps; tap++)
            {
                double sum = 0;
                for (int i = 0; i < inputs; i++) sum += values[tap + i * taps];
                float mean = (float)(sum / inputs);
                for (int i = 0; i < inputs; i++) values[tap + i * taps] -= mean;
            }
    }

    /// <summary>The signs of the weights at one bit each.</summary>
    public SignWeights Pack() => new(Weight);

    // B and, where the layer is scaled, α; the whole gradient of W̃ = α B flows through B.
    private protected (Tensor Signs, Tensor? Scales) Binarise(Tensor weight)
    {
        Tensor fixedWeight = weight.Detach(), signs = fixedWeight.BinarySign();
        if (!IsScaled) return (Tensor.StraightThrough(signs, weight), null);
        int outputs = weight.Shape[0], n = weight.Shape.Count(1..);
        Tensor scales = fixedWeight.Abs().Reshape(outputs, n).Mean([1]);
        // What arrives is ∂C/∂B = α ∂C/∂W̃.
        return (Tape.Record("binary_weight", signs, new Edge(weight, dy =>
        {
            Tensor inside = fixedWeight.Abs().LessOrEqual(1), shrunk = 1 / (scales.Clamp(low: 1e-30f) * n);
            return dy * (inside + shrunk.Reshape([outputs, .. Enumerable.Repeat(1, weight.Rank - 1)]));
        })), scales);
    }

    // The affine rest, each step rounded by itself: sums of signs are whole numbers and stay so until here.
    private protected Tensor Finish(Tensor sums, Tensor? scales, int places)
    {
        Shape perOutput = places == 0 ? [Weight.Shape[0]] : [Weight.Shape[0], 1, 1];
        if (scales is not null) sums *= scales.Reshape(perOutput);
        return Bias is null ? sums : sums + Bias.Reshape(perOutput);
    }
}
