namespace Rindoku.Nn.ResNets;

public sealed partial class ResNet
{
    /// <summary>
    /// The pre-activation form with stages of one's own: a stem with batch normalisation, units of twice the channels from stage to stage, and
    /// the last sums averaged as they are, without the normalisation that <see cref="PreActivation"/> has there.
    /// </summary>
    /// <param name="units">How many units each stage has: 2, 2, 2, 2 for ResNet-18, 3, 4, 6, 3 for ResNet-34 and, with bottlenecks, ResNet-50.</param>
    /// <param name="width">Channels of the stem and of the first stage; with bottlenecks a stage gives four times as many.</param>
    /// <param name="classes">How many classes; 0 for a trunk without its linear map, which gives the features.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="bottleneck">Whether units are of three convolutions instead of two.</param>
    /// <remarks>Source: a form for CIFAR that is common in PyTorch code, such as that of Joo et al. 2020, arXiv:2002.07965.</remarks>
    /// <exception cref="ArgumentException">There are no stages, or one has no units.</exception>
    public static ResNet PreActivationStages(IReadOnlyList<int> units, int width, int classes, Rng rng, int channels = 3, bool bottleneck = false)
    {
        ArgumentNullException.ThrowIfNull(units);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (units.Count == 0 || units.Any(n => n < 1))
            throw new ArgumentException($"ResNet: every stage needs at least one unit, and there must be a stage; got {(units.Count == 0 ? "none" : string.Join(", ", units))}", nameof(units));
        int first = bottleneck ? 4 * width : width;
        Conv2d stem = ResidualUnit.Conv(channels, width, 3, 1, rng, bias: false);
        return new ResNet(stem, true, false, Stages([.. units], width, first, Unit), first << (units.Count - 1), false, classes, rng);

        ResidualUnit Unit(int inputs, int outputs, int stride) =>
            bottleneck ? new PreActivationUnit(inputs, outputs, stride, rng) : new PreActivationBasicUnit(inputs, outputs, stride, rng);
    }
}
