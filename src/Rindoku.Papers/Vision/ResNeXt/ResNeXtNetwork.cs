using Rindoku.Nn.ResNets;

namespace Rindoku.Papers.Vision.ResNeXt;

/// <summary>Which of the paper's two templates a network follows.</summary>
public enum ResNeXtTemplate
{
    /// <summary>For small images, §5.3: three stages, depth 9n + 2.</summary>
    Cifar,

    /// <summary>For images of 224 × 224 pixels, table 1: four stages, depths 50, 101 and 152.</summary>
    ImageNet,
}

/// <summary>A network of the paper, with its size as published or as its code counts it.</summary>
/// <param name="Template">The template.</param>
/// <param name="Depth">Layers with weights.</param>
/// <param name="Cardinality">C × d; 1 × 64d is ResNet.</param>
/// <param name="Parameters">Learned numbers, with 1000 classes (ImageNet) or 10 (CIFAR).</param>
/// <param name="MultiplyAdds">In thousand millions for one image of 224 × 224 pixels; null where none is published.</param>
public sealed record PublishedNetwork(ResNeXtTemplate Template, int Depth, Cardinality Cardinality, long Parameters, double? MultiplyAdds = null)
{
    /// <summary>How many classes the published network tells apart.</summary>
    public int Classes => Template == ResNeXtTemplate.ImageNet ? 1000 : 10;

    /// <summary>The network with random start values.</summary>
    public ResNet Build(Rng rng) => ResNeXtNetwork.Build(Template, Depth, Classes, rng, Cardinality);

    /// <summary>The paper's name: <c>ResNeXt-50 (32x4d)</c>.</summary>
    public override string ToString() => Cardinality == Cardinality.One ? $"ResNet-{Depth}" : $"ResNeXt-{Depth} ({Cardinality})";
}

/// <summary>ResNeXt: residual networks whose blocks are sums of C paths of one topology, <c>y = x + Σ_{i=1..C} T_i(x)</c> (paper, equation 3).</summary>
/// <remarks>
/// <para>Every block of a stage is the same, and where the image is halved the width doubles, so that all blocks cost about the same (§3.1).
/// Cardinality C is a third size beside depth and width: it grows while d shrinks, at equal cost.</para>
/// <para>The networks are the house's <see cref="ResNet"/> with grouped bottleneck units: form (c) of figure 3. The other two forms are
/// <see cref="AggregatedUnit"/>, and <see cref="FormWeights"/> takes weights from one to another.</para>
/// <para>Source: Xie et al. 2016, arXiv:1611.05431, and facebookresearch/ResNeXt.</para>
/// </remarks>
public static class ResNeXtNetwork
{
    private const int BlockInputs = 256; // the block of figure 3 and table 2: 256 channels in and out

    /// <summary>Tables 1, 3, 4 and 7: each with the parameters and multiply-adds of the authors' code.</summary>
    public static IReadOnlyList<PublishedNetwork> Published { get; } =
    [
        new(ResNeXtTemplate.ImageNet, 50, Cardinality.One, 25_557_032, 4.089),
        new(ResNeXtTemplate.ImageNet, 50, new(2, 40), 25_425_000, 4.125),
        new(ResNeXtTemplate.ImageNet, 50, new(4, 24), 25_292_968, 4.160),
        new(ResNeXtTemplate.ImageNet, 50, new(8, 14), 25_603_016, 4.267),
        new(ResNeXtTemplate.ImageNet, 50, new(32, 4), 25_028_904, 4.230),
        new(ResNeXtTemplate.ImageNet, 101, Cardinality.One, 44_549_160, 7.801),
        new(ResNeXtTemplate.ImageNet, 101, new(32, 4), 44_177_704, 7.970),
        new(ResNeXtTemplate.ImageNet, 101, new(64, 4), 83_455_272, 15.460),
        new(ResNeXtTemplate.ImageNet, 101, new(2, 64), 84_198_184, 15.123),
        new(ResNeXtTemplate.Cifar, 29, Cardinality.One, 4_914_250),
        new(ResNeXtTemplate.Cifar, 29, new(32, 4), 4_775_754),
        new(ResNeXtTemplate.Cifar, 29, new(8, 64), 34_426_698),
        new(ResNeXtTemplate.Cifar, 29, new(16, 64), 68_155_210),
    ];

    /// <summary>A network with random start values.</summary>
    /// <param name="template">For small images or for large ones.</param>
    /// <param name="depth">Layers with weights.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="cardinality">C × d.</param>
    /// <param name="form">The form of the blocks; the paper's is (c). Others are for small images only.</param>
    /// <param name="shortcuts">Whether blocks have shortcuts; without, they are their residual alone (paper, §5.1).</param>
    /// <param name="width">Channels of the stem of a network for small images.</param>
    /// <param name="channels">Channels of small images; large ones have three.</param>
    /// <exception cref="ArgumentException">The template has no such depth, or does not allow the form.</exception>
    public static ResNet Build(ResNeXtTemplate template, int depth, int classes, Rng rng, Cardinality cardinality,
        AggregationForm form = AggregationForm.Grouped, bool shortcuts = true, int width = 64, int channels = 3)
    {
        if (template == ResNeXtTemplate.Cifar)
        {
            return ResNet.CifarBottleneck(depth, classes, rng, cardinality, width, channels, (inputs, outputs, stride) => form == AggregationForm.Grouped
                ? new BottleneckUnit(inputs, outputs, stride, rng, cardinality, shortcuts)
                : new AggregatedUnit(form, inputs, outputs, stride, rng, cardinality));
        }
        if (form != AggregationForm.Grouped || !shortcuts)
            throw new ArgumentException($"ResNeXt: the template for large images is built of form (c) with shortcuts only, got {form}, shortcuts {shortcuts}", nameof(form));
        return ResNet.ImageNet(depth, classes, rng, cardinality);
    }

    /// <summary>Weights of the convolutions of a block with 256 channels in and out: <c>C (256 d + 9 d² + 256 d)</c> (paper, equation 4).</summary>
    public static long BlockCost(Cardinality cardinality) =>
        cardinality.Paths * (2L * BlockInputs * cardinality.BaseWidth + 9L * cardinality.BaseWidth * cardinality.BaseWidth);
}
