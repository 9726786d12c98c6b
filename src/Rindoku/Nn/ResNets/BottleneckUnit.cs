namespace Rindoku.Nn.ResNets;

/// <summary>The bottleneck unit: <c>conv1×1 – BN – ReLU – conv3×3 – BN – ReLU – conv1×1 – BN</c>, then the sum, then ReLU.</summary>
/// <remarks>
/// <para>With a cardinality of C the 3 × 3 convolution has C groups, which makes the unit the sum of C paths (form (c) of ResNeXt's figure 3);
/// with C = 1 and d = 64 it is ResNet's.</para>
/// <para>The stride is on the 3 × 3 convolution, as in PyTorch's ResNet (He et al. have it on the first 1 × 1).</para>
/// <para>Sources: He et al. 2015, arXiv:1512.03385, figure 5; Xie et al. 2016, arXiv:1611.05431. Checkpoint keys as PyTorch's.</para>
/// </remarks>
public sealed class BottleneckUnit : ResidualUnit
{
    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm bn1, bn2, bn3;
    private readonly Layer relu1, relu2;
    private readonly Sequential? projection;
    private readonly bool hasShortcut;

    /// <summary>A unit from <paramref name="inputs"/> to <paramref name="outputs"/> channels.</summary>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="stride">Stride of the 3 × 3 convolution.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="cardinality">Paths inside; null for one path of a quarter of the outputs.</param>
    /// <param name="shortcut">False for a unit of which only the layers are left: its shortcut is the number 0.</param>
    public BottleneckUnit(int inputs, int outputs, int stride, Rng rng, Cardinality? cardinality = null, bool shortcut = true)
    {
        Cardinality paths = cardinality ?? Cardinality.One;
        int width = paths.InnerWidth(outputs);
        conv1 = Register("conv1", Conv(inputs, width, 1, 1, rng, bias: false, byFanOut: true));
        bn1 = Register("bn1", new BatchNorm(width));
        conv2 = Register("conv2", Conv(width, width, 3, stride, rng, bias: false, paths.Paths, byFanOut: true));
        bn2 = Register("bn2", new BatchNorm(width));
        conv3 = Register("conv3", Conv(width, outputs, 1, 1, rng, bias: false, byFanOut: true));
        bn3 = Register("bn3", new BatchNorm(outputs));
        relu1 = Register("relu1", Activation.Relu);
        relu2 = Register("relu2", Activation.Relu);
        hasShortcut = shortcut;
        if (shortcut && (stride != 1 || inputs != outputs)) projection = Register("downsample", Projection(inputs, outputs, stride, rng));
    }

    /// <inheritdoc/>
    public override bool ActivatesSum => true;

    /// <summary>The shortcut of a unit that changes shape: a 1 × 1 convolution with batch normalisation (option B).</summary>
    public static Sequential Projection(int inputs, int outputs, int stride, Rng rng) =>
        new(Conv(inputs, outputs, 1, stride, rng, bias: false, byFanOut: true), new BatchNorm(outputs));

    /// <inheritdoc/>
    public override Branches Split(Tensor x) => new(hasShortcut ? projection?.Forward(x) ?? x : Tensor.Scalar(0), () =>
    {
        Tensor y = relu1.Forward(bn1.Forward(conv1.Forward(x)));
        y = relu2.Forward(bn2.Forward(conv2.Forward(y)));
        return bn3.Forward(conv3.Forward(y));
    });

    /// <summary>Sizes.</summary>
    public override string ToString() =>
        $"BottleneckUnit({conv1.Inputs} → {conv1.Outputs}{(conv2.Groups > 1 ? $", {conv2.Groups} paths" : "")} → {conv3.Outputs})";
}
