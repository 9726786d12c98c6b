using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>What transposed convolutions of one, two and three dimensions share.</summary>
/// <remarks>
/// Start: weight and bias from U(−k, k), k = 1/√fan-in with fan-in = Out / groups · kernel, the rule of PyTorch's layers; with a start
/// of one's own the bias starts from 0. Checkpoint keys: <c>weight</c> (In, Out / groups, kernel...), <c>bias</c> (Out), in PyTorch's layout.
/// </remarks>
public abstract class ConvTransposeLayer : Layer, IWeighted
{
    private protected ConvTransposeLayer(int inputs, int outputs, ReadOnlySpan<int> kernel, Rng rng, PerAxis stride, PerAxis padding,
        PerAxis outputPadding, PerAxis dilation, int groups, bool bias, Func<Rng, Shape, Tensor>? start)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        ShapeException.Require(inputs % groups == 0 && outputs % groups == 0,
            $"{GetType().Name}: {inputs} input and {outputs} output channels cannot be cut into {groups} groups");
        (Stride, Padding, OutputPadding, Dilation, Groups) = (stride, padding, outputPadding, dilation, groups);
        Shape shape = [inputs, outputs / groups, .. kernel];
        int fanIn = shape.Count(1..);
        Weight = Register("weight", start is null ? Initialise.UniformByFanIn(rng, shape, fanIn) : start(rng, shape));
        if (bias) Bias = Register("bias", start is null ? Initialise.UniformByFanIn(rng, [outputs], fanIn) : Tensor.Zeros([outputs]));
    }

    /// <summary>The filters, (In, Out / groups, kernel...).</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, (Out), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public int OutputAxis => 1;

    /// <summary>Channels of the input.</summary>
    public int Inputs => Weight.Shape[0];

    /// <summary>Channels of the output.</summary>
    public int Outputs => Weight.Shape[1] * Groups;

    /// <summary>From one input's results to the next one's.</summary>
    public PerAxis Stride { get; }

    /// <summary>Results cut off at every side.</summary>
    public PerAxis Padding { get; }

    /// <summary>Results added at the end of each axis.</summary>
    public PerAxis OutputPadding { get; }

    /// <summary>From one tap of the kernel to the next.</summary>
    public PerAxis Dilation { get; }

    /// <summary>Into how many separate operations the channels are cut.</summary>
    public int Groups { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, Weight);

    /// <inheritdoc/>
    public abstract Tensor Forward(Tensor x, Tensor weight);

    private protected Tensor Noted(Tensor x, Tensor y) => LayerTrace.Note(this, x, y, multiplyAdds: (long)x.Length * Weight.Shape.Count(1..));

    /// <summary>Sizes.</summary>
    public override string ToString() =>
        $"{GetType().Name}({Inputs} → {Outputs}, kernel {Weight.Shape[2..]}{(Groups > 1 ? $", {Groups} groups" : "")}{(Bias is null ? ", no bias" : "")})";
}

/// <summary>Transposed convolution along one axis: (N, In, L) → (N, Out, L'). See <see cref="ConvTransposeLayer"/> for start values and keys.</summary>
public sealed class ConvTranspose1d : ConvTransposeLayer
{
    /// <summary>A layer with random start values; the weight is drawn before the bias.</summary>
    public ConvTranspose1d(int inputs, int outputs, int kernel, Rng rng, PerAxis stride = default, PerAxis padding = default,
        PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : base(inputs, outputs, [kernel], rng, stride, padding, outputPadding, dilation, groups, bias, start) { }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor weight) =>
        Noted(x, x.ConvTranspose1d(weight, Bias, Stride, Padding, OutputPadding, Dilation, Groups));
}

/// <summary>Transposed convolution along two axes: (N, In, H, W) → (N, Out, H', W'). See <see cref="ConvTransposeLayer"/> for start values and keys.</summary>
public sealed class ConvTranspose2d : ConvTransposeLayer
{
    /// <summary>A layer with a square kernel and random start values; the weight is drawn before the bias.</summary>
    public ConvTranspose2d(int inputs, int outputs, int kernel, Rng rng, PerAxis stride = default, PerAxis padding = default,
        PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : this(inputs, outputs, (kernel, kernel), rng, stride, padding, outputPadding, dilation, groups, bias, start) { }

    /// <summary>A layer with a kernel of (height, width).</summary>
    public ConvTranspose2d(int inputs, int outputs, (int Height, int Width) kernel, Rng rng, PerAxis stride = default, PerAxis padding = default,
        PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : base(inputs, outputs, [kernel.Height, kernel.Width], rng, stride, padding, outputPadding, dilation, groups, bias, start) { }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor weight) =>
        Noted(x, x.ConvTranspose2d(weight, Bias, Stride, Padding, OutputPadding, Dilation, Groups));
}

/// <summary>Transposed convolution along three axes: (N, In, D, H, W) → (N, Out, D', H', W'). See <see cref="ConvTransposeLayer"/> for start values and keys.</summary>
public sealed class ConvTranspose3d : ConvTransposeLayer
{
    /// <summary>A layer with a cubic kernel and random start values; the weight is drawn before the bias.</summary>
    public ConvTranspose3d(int inputs, int outputs, int kernel, Rng rng, PerAxis stride = default, PerAxis padding = default,
        PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : this(inputs, outputs, (kernel, kernel, kernel), rng, stride, padding, outputPadding, dilation, groups, bias, start) { }

    /// <summary>A layer with a kernel of (depth, height, width).</summary>
    public ConvTranspose3d(int inputs, int outputs, (int Depth, int Height, int Width) kernel, Rng rng, PerAxis stride = default, PerAxis padding = default,
        PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : base(inputs, outputs, [kernel.Depth, kernel.Height, kernel.Width], rng, stride, padding, outputPadding, dilation, groups, bias, start) { }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, Tensor weight) =>
        Noted(x, x.ConvTranspose3d(weight, Bias, Stride, Padding, OutputPadding, Dilation, Groups));
}
