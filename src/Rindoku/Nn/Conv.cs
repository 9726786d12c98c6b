using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>What convolutional layers of one, two and three dimensions share: weight, bias, stride, padding, dilation and groups.</summary>
/// <remarks>
/// Start: weight and bias from U(−k, k), k = 1/√fan-in, the rule of PyTorch's layers; with a start of one's own the bias starts from 0.
/// Checkpoint keys: <c>weight</c> (Out, In / groups, kernel...), <c>bias</c> (Out), in PyTorch's layout.
/// </remarks>
public abstract class ConvLayer : Layer, IWeighted
{
    private protected ConvLayer(int inputs, int outputs, ReadOnlySpan<int> kernel, Rng rng, PerAxis stride, PerAxis padding, PerAxis dilation,
        int groups, bool bias, Func<Rng, Shape, Tensor>? start)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        ShapeException.Require(inputs % groups == 0 && outputs % groups == 0,
            $"{GetType().Name}: {inputs} input and {outputs} output channels cannot be cut into {groups} groups");
        (Stride, Padding, Dilation, Groups) = (stride, padding, dilation, groups);
        Shape shape = [outputs, inputs / groups, .. kernel];
        int fanIn = shape.Count(1..);
        Weight = Register("weight", start is null ? Initialise.UniformByFanIn(rng, shape, fanIn) : start(rng, shape));
        if (bias) Bias = Register("bias", start is null ? Initialise.UniformByFanIn(rng, [outputs], fanIn) : Tensor.Zeros([outputs]));
    }

    /// <summary>The filters, (Out, In / groups, kernel...).</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, (Out), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public int OutputAxis => 0;

    /// <summary>Channels of the input.</summary>
    public int Inputs => Weight.Shape[1] * Groups;

    /// <summary>Channels of the output.</summary>
    public int Outputs => Weight.Shape[0];

    /// <summary>From one output to the next.</summary>
    public PerAxis Stride { get; }

    /// <summary>Zeros on every side.</summary>
    public PerAxis Padding { get; }

    /// <summary>From one tap of the kernel to the next.</summary>
    public PerAxis Dilation { get; }

    /// <summary>Into how many separate convolutions the channels are cut.</summary>
    public int Groups { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, Weight);

    /// <inheritdoc/>
    public abstract Tensor Forward(Tensor x, Tensor weight);

    private protected Tensor Noted(Tensor x, Tensor y) => LayerTrace.Note(this, x, y, multiplyAdds: (long)y.Length * Weight.Shape.Count(1..));

    /// <summary>Sizes.</summary>
    public override string ToString() =>
        $"{GetType().Name}({Inputs} → {Outputs}, kernel {Weight.Shape[2..]}{(Groups > 1 ? $", {Groups} groups" : "")}{(Bias is null ? ", no bias" : "")})";
}

/// <summary>Convolution along one axis: (N, In, L) → (N, Out, L'). See <see cref="ConvLayer"/> for start values and keys.</summary>
public sealed class Conv1d : ConvLayer
{
    /// <summary>A layer with random start values; the weight is drawn before the bias.</summary>
    public Conv1d(int inputs, int outputs, int kernel, Rng rng, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default,
        int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : base(inputs, outputs, [kernel], rng, stride, padding, dilation, groups, bias, start) { }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor weight) => Noted(x, x.Conv1d(weight, Bias, Stride, Padding, Dilation, Groups));
}

/// <summary>Convolution along two axes: (N, In, H, W) → (N, Out, H', W'). See <see cref="ConvLayer"/> for start values and keys.</summary>
public sealed class Conv2d : ConvLayer
{
    /// <summary>A layer with a square kernel and random start values; the weight is drawn before the bias.</summary>
    public Conv2d(int inputs, int outputs, int kernel, Rng rng, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default,
        int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : this(inputs, outputs, (kernel, kernel), rng, stride, padding, dilation, groups, bias, start) { }

    /// <summary>A layer with a kernel of (height, width).</summary>
    public Conv2d(int inputs, int outputs, (int Height, int Width) kernel, Rng rng, PerAxis stride = default, PerAxis padding = default,
        PerAxis dilation = default, int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : base(inputs, outputs, [kernel.Height, kernel.Width], rng, stride, padding, dilation, groups, bias, start) { }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor weight) => Noted(x, x.Conv2d(weight, Bias, Stride, Padding, Dilation, Groups));
}

/// <summary>Convolution along three axes: (N, In, D, H, W) → (N, Out, D', H', W'). See <see cref="ConvLayer"/> for start values and keys.</summary>
public sealed class Conv3d : ConvLayer
{
    /// <summary>A layer with a cubic kernel and random start values; the weight is drawn before the bias.</summary>
    public Conv3d(int inputs, int outputs, int kernel, Rng rng, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default,
        int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : this(inputs, outputs, (kernel, kernel, kernel), rng, stride, padding, dilation, groups, bias, start) { }

    /// <summary>A layer with a kernel of (depth, height, width).</summary>
    public Conv3d(int inputs, int outputs, (int Depth, int Height, int Width) kernel, Rng rng, PerAxis stride = default, PerAxis padding = default,
        PerAxis dilation = default, int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : base(inputs, outputs, [kernel.Depth, kernel.Height, kernel.Width], rng, stride, padding, dilation, groups, bias, start) { }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor weight) => Noted(x, x.Conv3d(weight, Bias, Stride, Padding, Dilation, Groups));
}
