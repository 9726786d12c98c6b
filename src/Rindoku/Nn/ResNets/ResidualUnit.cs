using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Nn.ResNets;

/// <summary>The two ways through a residual unit: past it, and through its layers (computed only when asked for).</summary>
/// <param name="Shortcut">What goes past the layers.</param>
/// <param name="Residual">Computes what the layers add.</param>
public readonly record struct Branches(Tensor Shortcut, Func<Tensor> Residual);

/// <summary>A unit of a residual network: layers whose output is added to their input.</summary>
public abstract class ResidualUnit : Module
{
    /// <summary>Both ways through the unit for an input.</summary>
    public abstract Branches Split(Tensor x);

    /// <summary>Whether ReLU follows the sum (post-activation units) or not (pre-activation units).</summary>
    public abstract bool ActivatesSum { get; }

    /// <summary>A convolution of the family: padded to keep the size, Kaiming's normal start, bias 0.</summary>
    /// <remarks>By fan-in, or by fan-out over all groups: <c>N(0, 2 / (k² · outputs))</c>, as the authors' code of bottleneck networks has it.</remarks>
    internal static Conv2d Conv(int inputs, int outputs, int kernel, int stride, Rng rng, bool bias, int groups = 1, bool byFanOut = false) =>
        new(inputs, outputs, kernel, rng, stride, padding: kernel / 2, groups: groups, bias: bias,
            start: (source, shape) => Initialise.KaimingNormal(source, shape, fanOut: byFanOut));
}

/// <summary>How the shortcut of a unit with more channels or a smaller output is made.</summary>
public enum Shortcut
{
    /// <summary>Every stride-th pixel, zero channels appended: option A of He et al. 2015 (arXiv:1512.03385, §4.2). No parameters.</summary>
    SubsampleAndPad,

    /// <summary>Average pooling of stride × stride pixels, zero channels appended: as stochastic depth's code has it. No parameters.</summary>
    PoolAndPad,

    /// <summary>A 1 × 1 convolution with batch normalisation: option B.</summary>
    Projection,
}

/// <summary>A shortcut that changes shape without parameters: down-sample, then append zero channels.</summary>
internal sealed class PaddedShortcut(Shortcut kind, int inputs, int outputs, int stride) : Layer
{
    public override Tensor Forward(Tensor x)
    {
        Tensor y = stride == 1 ? x : kind == Shortcut.PoolAndPad ? x.AveragePool2d(stride) : x.AveragePool2d(1, stride);
        if (outputs == inputs) return y;
        return Tensor.Concat([y, Tensor.Zeros(y.Shape.With(1, outputs - inputs))], axis: 1);
    }

    public override string ToString() => $"{kind}({inputs} → {outputs}, stride {stride})";
}

/// <summary>The basic unit: <c>conv3×3 – BN – ReLU – conv3×3 – BN</c>, then the sum, then ReLU.</summary>
/// <remarks>Source: He et al. 2015, arXiv:1512.03385, figure 2. Checkpoint keys: <c>conv1, bn1, conv2, bn2, downsample.0, downsample.1</c>.</remarks>
public sealed class BasicUnit : ResidualUnit
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm bn1, bn2;
    private readonly Layer relu1;
    private readonly Layer? shortcut;

    /// <summary>A unit from <paramref name="inputs"/> to <paramref name="outputs"/> channels.</summary>
    public BasicUnit(int inputs, int outputs, int stride, Shortcut kind, Rng rng, bool convBias = false)
    {
        conv1 = Register("conv1", Conv(inputs, outputs, 3, stride, rng, convBias));
        bn1 = Register("bn1", new BatchNorm(outputs));
        relu1 = Register("relu1", Activation.Relu);
        conv2 = Register("conv2", Conv(outputs, outputs, 3, 1, rng, convBias));
        bn2 = Register("bn2", new BatchNorm(outputs));
        if (stride != 1 || inputs != outputs)
            shortcut = Register<Layer>("downsample", kind == Shortcut.Projection
                ? new Sequential(Conv(inputs, outputs, 1, stride, rng, convBias), new BatchNorm(outputs))
                : new PaddedShortcut(kind, inputs, outputs, stride));
    }

    /// <inheritdoc/>
    public override bool ActivatesSum => true;

    /// <inheritdoc/>
    public override Branches Split(Tensor x) =>
        new(shortcut?.Forward(x) ?? x, () => bn2.Forward(conv2.Forward(relu1.Forward(bn1.Forward(conv1.Forward(x))))));
}

/// <summary>The pre-activation bottleneck unit: <c>BN – ReLU – conv1×1 – BN – ReLU – conv3×3 – BN – ReLU – conv1×1</c>, then the sum.</summary>
/// <remarks>
/// A unit that changes the channels shares its first <c>ReLU(BN(x))</c> with a 1 × 1 convolution past it. The stride is on the first 1 × 1
/// convolution. Source: He et al. 2016, arXiv:1603.05027, figure 1b, and the authors' code.
/// </remarks>
public sealed class PreActivationUnit : ResidualUnit
{
    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm bn1, bn2, bn3;
    private readonly Layer relu1, relu2, relu3;
    private readonly Conv2d? shortcut;

    /// <summary>A unit from <paramref name="inputs"/> to <paramref name="outputs"/> channels, a quarter of them inside.</summary>
    public PreActivationUnit(int inputs, int outputs, int stride, Rng rng)
    {
        int width = outputs / 4;
        bn1 = Register("bn1", new BatchNorm(inputs));
        relu1 = Register("relu1", Activation.Relu);
        conv1 = Register("conv1", Conv(inputs, width, 1, stride, rng, bias: false));
        bn2 = Register("bn2", new BatchNorm(width));
        relu2 = Register("relu2", Activation.Relu);
        conv2 = Register("conv2", Conv(width, width, 3, 1, rng, bias: false));
        bn3 = Register("bn3", new BatchNorm(width));
        relu3 = Register("relu3", Activation.Relu);
        conv3 = Register("conv3", Conv(width, outputs, 1, 1, rng, bias: false));
        if (stride != 1 || inputs != outputs) shortcut = Register("shortcut", Conv(inputs, outputs, 1, stride, rng, bias: false));
    }

    /// <inheritdoc/>
    public override bool ActivatesSum => false;

    /// <inheritdoc/>
    public override Branches Split(Tensor x)
    {
        if (shortcut is null) return new(x, () => Layers(relu1.Forward(bn1.Forward(x))));
        Tensor shared = relu1.Forward(bn1.Forward(x));
        return new(shortcut.Forward(shared), () => Layers(shared));
    }

    private Tensor Layers(Tensor y)
    {
        y = relu2.Forward(bn2.Forward(conv1.Forward(y)));
        y = relu3.Forward(bn3.Forward(conv2.Forward(y)));
        return conv3.Forward(y);
    }
}
