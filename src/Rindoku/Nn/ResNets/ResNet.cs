using Rindoku.Ops;

namespace Rindoku.Nn.ResNets;

/// <summary>How a residual network joins shortcut and residual in each of its units.</summary>
public interface IResidualRule
{
    /// <summary>The sum of both ways through a unit.</summary>
    /// <param name="unit">The unit's place, from 0.</param>
    /// <param name="shortcut">What goes past the layers.</param>
    /// <param name="residual">Computes what the layers add; not calling it leaves them out.</param>
    /// <param name="training">Whether the network is training.</param>
    Tensor Join(int unit, Tensor shortcut, Func<Tensor> residual, bool training);
}

/// <summary>The plain rule: <c>shortcut + residual</c>.</summary>
public sealed class PlainSum : IResidualRule
{
    /// <summary>The rule; it has no state.</summary>
    public static PlainSum Instance { get; } = new();

    /// <inheritdoc/>
    public Tensor Join(int unit, Tensor shortcut, Func<Tensor> residual, bool training)
    {
        ArgumentNullException.ThrowIfNull(residual);
        return shortcut + residual();
    }
}

/// <summary>Residual networks for image classification: a stem, stages of residual units, an average over the image, a linear map.</summary>
/// <remarks>
/// <para>Shapes: images <c>(N, C, H, W)</c> → logits <c>(N, classes)</c>, or features <c>(N, F)</c> of a trunk.</para>
/// <para>Sources: He et al. 2015, arXiv:1512.03385; He et al. 2016, arXiv:1603.05027; Xie et al. 2016, arXiv:1611.05431. Checkpoint keys as PyTorch's ResNets:
/// <c>conv1, bn1, layer1.0.conv1, ..., fc</c>.</para>
/// </remarks>
public sealed partial class ResNet : Layer
{
    private readonly Conv2d conv1;
    private readonly BatchNorm? bn1, last;
    private readonly Layer relu;
    private readonly Linear? fc;
    private readonly bool poolsStem;
    private readonly List<ResidualUnit> units = [];

    private ResNet(Conv2d stem, bool normalisesStem, bool poolsStem, IReadOnlyList<IReadOnlyList<ResidualUnit>> stages, int features, bool normalisesEnd, int classes, Rng rng)
    {
        this.poolsStem = poolsStem;
        conv1 = Register("conv1", stem);
        if (normalisesStem) bn1 = Register("bn1", new BatchNorm(stem.Outputs));
        relu = Register("relu", Activation.Relu);
        for (int s = 0; s < stages.Count; s++)
        {
            Register($"layer{s + 1}", new Stage(stages[s]));
            units.AddRange(stages[s]);
        }
        if (normalisesEnd) last = Register("bn", new BatchNorm(features));
        FeatureCount = features;
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        if (classes > 0) fc = Register("fc", new Linear(features, classes, rng));
    }

    /// <summary>How many features the last stage gives.</summary>
    public int FeatureCount { get; }

    /// <summary>The residual units, first to last.</summary>
    public IReadOnlyList<ResidualUnit> Units => units;

    /// <summary>How shortcut and residual are joined; the plain sum at first.</summary>
    public IResidualRule Rule { get; set; } = PlainSum.Instance;

    /// <summary>The form for small images (CIFAR): three stages of n basic units, depth 6n + 2.</summary>
    /// <param name="depth">6n + 2: 20, 32, 44, 56, 110, 1202, ...</param>
    /// <param name="classes">How many classes; 0 for a trunk without its linear map, which gives the features.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="width">Channels of the first stage; the next have two and four times as many.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="shortcut">How shortcuts change shape.</param>
    /// <param name="convBias">Whether convolutions have a bias, as in stochastic depth's code.</param>
    /// <exception cref="ArgumentException">There is no such depth.</exception>
    public static ResNet Cifar(int depth, int classes, Rng rng, int width = 16, int channels = 3, Shortcut shortcut = Shortcut.SubsampleAndPad, bool convBias = false)
    {
        int perStage = UnitsPerStage(depth, 6, "6n + 2");
        Conv2d stem = ResidualUnit.Conv(channels, width, 3, 1, rng, convBias);
        return new ResNet(stem, true, false, Stages([perStage, perStage, perStage], width, width, (i, o, stride) => new BasicUnit(i, o, stride, shortcut, rng, convBias)),
            4 * width, false, classes, rng);
    }

    /// <summary>The pre-activation form for small images: three stages of n bottleneck units, depth 9n + 2.</summary>
    /// <param name="depth">9n + 2: 164, 1001, ...</param>
    /// <param name="classes">How many classes; 0 for a trunk without its linear map, which gives the features.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <exception cref="ArgumentException">There is no such depth.</exception>
    public static ResNet PreActivation(int depth, int classes, Rng rng, int channels = 3)
    {
        int perStage = UnitsPerStage(depth, 9, "9n + 2");
        Conv2d stem = ResidualUnit.Conv(channels, 16, 3, 1, rng, bias: false);
        return new ResNet(stem, false, false, Stages([perStage, perStage, perStage], 16, 64, (i, o, stride) => new PreActivationUnit(i, o, stride, rng)),
            256, true, classes, rng);
    }

    /// <summary>The wide form for small images: pre-activation basic units of k times the channels, depth 6n + 4.</summary>
    /// <remarks>Source: Zagoruyko and Komodakis 2016, arXiv:1605.07146, table 1: WRN-40-2, WRN-28-10, ...</remarks>
    /// <param name="depth">6n + 4: 16, 22, 28, 40, 58, ...</param>
    /// <param name="widening">k: the stages have 16 k, 32 k and 64 k channels.</param>
    /// <param name="classes">How many classes; 0 for a trunk without its linear map, which gives the features.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <exception cref="ArgumentException">There is no such depth.</exception>
    public static ResNet Wide(int depth, int widening, int classes, Rng rng, int channels = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(widening);
        int perStage = UnitsPerStage(depth, 6, "6n + 4", others: 4);
        Conv2d stem = ResidualUnit.Conv(channels, 16, 3, 1, rng, bias: false);
        return new ResNet(stem, false, false, Stages([perStage, perStage, perStage], 16, 16 * widening, (i, o, stride) => new PreActivationBasicUnit(i, o, stride, rng)),
            64 * widening, true, classes, rng);
    }

    /// <summary>The form for large images (ImageNet): depths 18, 34, 50, 101 and 152.</summary>
    /// <param name="depth">18 or 34 (basic units), 50, 101 or 152 (bottleneck units).</param>
    /// <param name="classes">How many classes; 0 for a trunk without its linear map, which gives the features.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="cardinality">Paths of the bottleneck units: 32 × 4d for ResNeXt-50; null for one path, the plain ResNet.</param>
    /// <param name="smallImages">Whether the stem is that for small images, a 3 × 3 convolution without pooling, and the rest as it is: the form in which
    /// these networks are usual on CIFAR.</param>
    /// <exception cref="ArgumentException">There is no such depth, or units of two layers were to have several paths.</exception>
    public static ResNet ImageNet(int depth, int classes, Rng rng, Cardinality? cardinality = null, bool smallImages = false)
    {
        (int[] counts, bool bottleneck) = depth switch
        {
            18 => ((int[])[2, 2, 2, 2], false),
            34 => ([3, 4, 6, 3], false),
            50 => ([3, 4, 6, 3], true),
            101 => ([3, 4, 23, 3], true),
            152 => ([3, 8, 36, 3], true),
            _ => throw new ArgumentException($"ResNet: no ImageNet form of depth {depth}; there are 18, 34, 50, 101 and 152", nameof(depth)),
        };
        if (!bottleneck && cardinality is { } several && several != Cardinality.One)
            throw new ArgumentException($"ResNet: depth {depth} has units of two layers, for which {several} is only a wider unit; bottleneck units begin at depth 50", nameof(cardinality));
        Conv2d stem = ResidualUnit.Conv(3, 64, smallImages ? 3 : 7, smallImages ? 1 : 2, rng, bias: false, byFanOut: bottleneck);
        int first = bottleneck ? 256 : 64;
        return new ResNet(stem, true, !smallImages, Stages(counts, 64, first, (i, o, stride) =>
            bottleneck ? new BottleneckUnit(i, o, stride, rng, cardinality) : new BasicUnit(i, o, stride, Shortcut.Projection, rng)), 8 * first, false, classes, rng);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => fc is null ? Features(x) : fc.Forward(Features(x));

    /// <summary>What the linear map sees: the last stage averaged over the image, (N, features).</summary>
    public Tensor Features(Tensor x)
    {
        x = conv1.Forward(x);
        if (bn1 is not null) x = relu.Forward(bn1.Forward(x));
        if (poolsStem) x = x.MaxPool2d(3, 2, 1);
        for (int unit = 0; unit < units.Count; unit++)
        {
            (Tensor shortcut, Func<Tensor> residual) = units[unit].Split(x);
            LayerTrace.NoteFeature(units[unit], x, shortcut, "shortcut");
            Tensor sum = Rule.Join(unit, shortcut, residual, IsTraining);
            // A left-out unit with an unchanged shortcut gives back its input, which is a ReLU's output already.
            x = LayerTrace.NoteFeature(units[unit], sum, units[unit].ActivatesSum && sum != x ? sum.Relu() : sum, "output");
        }
        if (last is not null) x = relu.Forward(last.Forward(x));
        return x.Mean([2, 3]);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"ResNet({units.Count} {units[0].GetType().Name}s, {ParameterCount:N0} parameters)";

    private static int UnitsPerStage(int depth, int layers, string formula, int others = 2)
    {
        int n = (depth - others) / layers;
        if (n < 1 || layers * n + others != depth)
            throw new ArgumentException($"ResNet: depth {depth} is not {formula}; the nearest are {layers * Math.Max(1, n) + others} and {layers * (Math.Max(1, n) + 1) + others}", nameof(depth));
        return n;
    }

    private static List<List<ResidualUnit>> Stages(int[] counts, int inputs, int outputs, Func<int, int, int, ResidualUnit> make)
    {
        List<List<ResidualUnit>> stages = [];
        for (int s = 0; s < counts.Length; s++, outputs *= 2)
        {
            List<ResidualUnit> stage = [];
            for (int i = 0; i < counts[s]; i++)
            {
                stage.Add(make(inputs, outputs, s > 0 && i == 0 ? 2 : 1));
                inputs = outputs;
            }
            stages.Add(stage);
        }
        return stages;
    }

    private sealed class Stage : Module
    {
        public Stage(IReadOnlyList<ResidualUnit> units)
        {
            for (int i = 0; i < units.Count; i++) Register(i.ToString(System.Globalization.CultureInfo.InvariantCulture), units[i]);
        }

        public override string ToString() => $"{Children.Count} {Children[0].Module.GetType().Name}s";
    }
}
