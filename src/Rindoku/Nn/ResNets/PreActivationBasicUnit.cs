namespace Rindoku.Nn.ResNets;

/// <summary>The pre-activation basic unit: <c>BN – ReLU – conv3×3 – BN – ReLU – conv3×3</c>, then the sum.</summary>
/// <remarks>
/// A unit that changes the channels has a 1 × 1 convolution past its layers, which sees the first <c>ReLU(BN(x))</c> as in wide residual
/// networks, or x itself. Sources: He et al. 2016, arXiv:1603.05027; Zagoruyko and Komodakis 2016, arXiv:1605.07146, figure 1.
/// Checkpoint keys: <c>bn1, conv1, bn2, conv2, shortcut</c>.
/// </remarks>
public sealed class PreActivationBasicUnit : ResidualUnit
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm bn1, bn2;
    private readonly Layer relu1, relu2;
    private readonly Conv2d? shortcut;
    private readonly bool rawShortcut;

    /// <summary>A unit from <paramref name="inputs"/> to <paramref name="outputs"/> channels.</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of the sum.</param>
    /// <param name="stride">The stride of the first convolution.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="rawShortcut">Whether a convolution past the layers sees x itself.</param>
    public PreActivationBasicUnit(int inputs, int outputs, int stride, Rng rng, bool rawShortcut = false)
    {
        this.rawShortcut = rawShortcut;
        bn1 = Register("bn1", new BatchNorm(inputs));
        relu1 = Register("relu1", Activation.Relu);
        conv1 = Register("conv1", Conv(inputs, outputs, 3, stride, rng, bias: false));
        bn2 = Register("bn2", new BatchNorm(outputs));
        relu2 = Register("relu2", Activation.Relu);
        conv2 = Register("conv2", Conv(outputs, outputs, 3, 1, rng, bias: false));
        if (stride != 1 || inputs != outputs) shortcut = Register("shortcut", Conv(inputs, outputs, 1, stride, rng, bias: false));
    }

    /// <inheritdoc/>
    public override bool ActivatesSum => false;

    /// <inheritdoc/>
    public override Branches Split(Tensor x)
    {
        if (shortcut is null) return new(x, () => Layers(relu1.Forward(bn1.Forward(x))));
        if (rawShortcut) return new(shortcut.Forward(x), () => Layers(relu1.Forward(bn1.Forward(x))));
        Tensor shared = relu1.Forward(bn1.Forward(x));
        return new(shortcut.Forward(shared), () => Layers(shared));
    }

    private Tensor Layers(Tensor y) => conv2.Forward(relu2.Forward(bn2.Forward(conv1.Forward(y))));
}
