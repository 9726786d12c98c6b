namespace Rindoku.Nn.ResNets;

public sealed partial class ResNet
{
    /// <summary>The form for small images with bottleneck units that end in ReLU: three stages of n units, depth 9n + 2, as ResNeXt-29 (8 × 64d).</summary>
    /// <param name="depth">9n + 2: 20, 29, 38, ...</param>
    /// <param name="classes">How many classes; 0 for a trunk without its linear map, which gives the features.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="cardinality">Paths of the units; null for one path, a plain ResNet.</param>
    /// <param name="width">Channels of the stem; the stages give 4, 8 and 16 times as many.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="unit">Makes the units, from (inputs, outputs, stride), where they are not to be <see cref="BottleneckUnit"/>s.</param>
    /// <remarks>Source: Xie et al. 2016, arXiv:1611.05431, §5.3, and the authors' code.</remarks>
    /// <exception cref="ArgumentException">There is no such depth, or a path has no channel.</exception>
    public static ResNet CifarBottleneck(int depth, int classes, Rng rng, Cardinality? cardinality = null, int width = 64, int channels = 3,
        Func<int, int, int, ResidualUnit>? unit = null)
    {
        int perStage = UnitsPerStage(depth, 9, "9n + 2");
        unit ??= (inputs, outputs, stride) => new BottleneckUnit(inputs, outputs, stride, rng, cardinality);
        Conv2d stem = ResidualUnit.Conv(channels, width, 3, 1, rng, bias: false, byFanOut: true);
        return new ResNet(stem, true, false, Stages([perStage, perStage, perStage], width, 4 * width, unit), 16 * width, false, classes, rng);
    }
}
