using System.Globalization;
using Rindoku.Nn;
using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>The filters of a Fire module: s1x1, e1x1 and e3x3 of the paper.</summary>
/// <param name="Squeeze">1 x 1 filters that squeeze, s1x1.</param>
/// <param name="Expand1x1">1 x 1 filters that expand, e1x1.</param>
/// <param name="Expand3x3">3 x 3 filters that expand, e3x3.</param>
public readonly record struct FireSize(int Squeeze, int Expand1x1, int Expand3x3)
{
    /// <summary>Channels of the module's output.</summary>
    public int Outputs => Expand1x1 + Expand3x3;
}

/// <summary>Which Fire modules have a way around them (paper, figure 2).</summary>
public enum Bypass
{
    /// <summary>None.</summary>
    None,

    /// <summary>The input is added where it has as many channels as the output: around fire3, 5, 7 and 9.</summary>
    Simple,

    /// <summary>As well, a 1 x 1 convolution goes around the others: fire2, 4, 6 and 8.</summary>
    Complex,
}

/// <summary>The Fire module: few 1 x 1 filters squeeze the channels, then 1 x 1 and 3 x 3 filters expand them side by side.</summary>
/// <remarks>
/// <para>With s = ReLU(W_s x): <c>y = [ReLU(W_1 s), ReLU(W_3 s)]</c>, and with a bypass <c>x + y</c> or <c>W_b x + y</c>, with no ReLU after the sum.</para>
/// <para>x (N, C, H, W) → (N, e1x1 + e3x3, H, W). Source: Iandola et al. 2016, arXiv:1602.07360, §3.2 and §6.</para>
/// </remarks>
public sealed class Fire : Layer
{
    private readonly Conv2d squeeze, expand1x1, expand3x3;
    private readonly Conv2d? around;
    private readonly bool adds;

    /// <summary>A module with random start values.</summary>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="size">The filters.</param>
    /// <param name="bypass">What way around it there may be; <see cref="Bypass.Simple"/> makes one only where channels agree.</param>
    /// <param name="rng">The source of the start values.</param>
    /// <param name="gain">What the start values are multiplied by; 1 is the authors' choice.</param>
    public Fire(int inputs, FireSize size, Bypass bypass, Rng rng, double gain = 1)
    {
        ArgumentNullException.ThrowIfNull(rng);
        Func<Rng, Shape, Tensor> start = SqueezeNet.Start(gain);
        squeeze = Register("squeeze", new Conv2d(inputs, size.Squeeze, 1, rng.Split("squeeze"), start: start));
        expand1x1 = Register("expand1x1", new Conv2d(size.Squeeze, size.Expand1x1, 1, rng.Split("expand1x1"), start: start));
        expand3x3 = Register("expand3x3", new Conv2d(size.Squeeze, size.Expand3x3, 3, rng.Split("expand3x3"), padding: 1, start: start));
        adds = bypass != Bypass.None && inputs == size.Outputs;
        if (bypass == Bypass.Complex && !adds) around = Register("bypass", new Conv2d(inputs, size.Outputs, 1, rng.Split("bypass"), start: start));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        Tensor s = squeeze.Forward(x).Relu();
        Tensor y = Tensor.Concat([expand1x1.Forward(s).Relu(), expand3x3.Forward(s).Relu()], axis: 1);
        return around is not null ? around.Forward(x) + y : adds ? x + y : y;
    }

    /// <summary>Sizes.</summary>
    public override string ToString() =>
        $"Fire({squeeze.Inputs} → {squeeze.Outputs} → {expand1x1.Outputs} + {expand3x3.Outputs}{(around is not null ? ", 1 x 1 bypass" : adds ? ", bypass" : "")})";
}

/// <summary>The first convolution.</summary>
/// <param name="Filters">How many filters.</param>
/// <param name="Kernel">The side of a filter.</param>
/// <param name="Stride">From one place to the next.</param>
/// <param name="Padding">Zeros on every side.</param>
public readonly record struct StemSize(int Filters, int Kernel, int Stride = 1, int Padding = 0);

/// <summary>What a SqueezeNet is built from, as the paper's table 1 lists it.</summary>
/// <param name="Stem">conv1.</param>
/// <param name="Modules">fire2, fire3, ...</param>
/// <param name="PoolsAfter">The numbers of the layers that a 3 x 3 max pool of stride 2 follows; conv1 is 1, fire2 is 2.</param>
public sealed record SqueezeNetPlan(StemSize Stem, IReadOnlyList<FireSize> Modules, IReadOnlyList<int> PoolsAfter)
{
    /// <summary>Version 1.0, the paper's, for images of 227 x 227.</summary>
    /// <remarks>conv10, of 1 x 1 filters, has a padding of 1 as in the authors' prototxt: its map is 15 x 15 and not the 13 x 13 of table 1.</remarks>
    public static SqueezeNetPlan V10 { get; } = new(new StemSize(96, 7, Stride: 2), FromMetaparameters(), [1, 4, 8]) { HeadPadding = 1 };

    /// <summary>Version 1.1 of the authors' repository: the same modules, 2.4 times less computation.</summary>
    public static SqueezeNetPlan V11 { get; } = V10 with { Stem = new StemSize(64, 3, Stride: 2), PoolsAfter = [1, 3, 5], HeadPadding = 0 };

    /// <summary>A small form for images of 8 to 32 pixels a side, of some 32,000 parameters.</summary>
    /// <remarks>
    /// It starts from greater weights than the authors' network, those of He et al. 2015: from theirs, signals fade from layer to layer,
    /// and a short training never leaves the start. And it has no ReLU after conv10: where a class has a map of 2 x 2 and not of 15 x 15,
    /// that ReLU often closes for good, and the class is lost.
    /// </remarks>
    public static SqueezeNetPlan Mini { get; } = new(new StemSize(32, 3, Padding: 1), [new(8, 32, 32), new(8, 32, 32), new(16, 64, 64), new(16, 64, 64)], [1, 3])
    {
        StartGain = Gain.Relu,
        HeadDeviation = 0.1,
        HeadRelu = false,
    };

    /// <summary>Zeros around conv10's input.</summary>
    public int HeadPadding { get; init; }

    /// <summary>The ways around modules.</summary>
    public Bypass Bypass { get; init; }

    /// <summary>How likely dropout before conv10 drops a number; the paper has one half.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>What start values are multiplied by, conv10's aside; 1 is Caffe's "xavier", as the authors have it.</summary>
    public double StartGain { get; init; } = Gain.Linear;

    /// <summary>The standard deviation of conv10's start values.</summary>
    public double HeadDeviation { get; init; } = 0.01;

    /// <summary>Whether a ReLU follows conv10, as in the authors' networks.</summary>
    public bool HeadRelu { get; init; } = true;

    /// <summary>Whether each Fire module is replaced by the one 3 x 3 convolution of as many outputs that it stands for: the baseline.</summary>
    public bool PlainConvolutions { get; init; }

    /// <summary>The modules that the paper's metaparameters give: e_i = base + incr ⌊i / freq⌋, of which a part pct is 3 x 3; s_i = SR e_i (§5.1).</summary>
    /// <param name="baseExpand">Expand filters of the first module, base_e.</param>
    /// <param name="increment">Expand filters that are added every <paramref name="frequency"/> modules, incr_e.</param>
    /// <param name="part3x3">The part of expand filters that are 3 x 3, pct_3x3, from 0 to 1 without its ends.</param>
    /// <param name="frequency">freq.</param>
    /// <param name="squeezeRatio">SR, above 0 and at most 1.</param>
    /// <param name="count">How many modules.</param>
    /// <exception cref="ArgumentOutOfRangeException">A part of a module would be left without filters, or a number is out of its range.</exception>
    public static IReadOnlyList<FireSize> FromMetaparameters(int baseExpand = 128, int increment = 128, double part3x3 = 0.5, int frequency = 2,
        double squeezeRatio = 0.125, int count = 8)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(baseExpand);
        ArgumentOutOfRangeException.ThrowIfNegative(increment);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frequency);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (!(squeezeRatio is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(squeezeRatio), squeezeRatio, "SqueezeNet: the squeeze ratio must be above 0 and at most 1");
        FireSize[] sizes = new FireSize[count];
        for (int i = 0; i < count; i++)
        {
            int expand = baseExpand + increment * (i / frequency);
            int three = (int)Math.Round(part3x3 * expand), squeeze = (int)Math.Round(squeezeRatio * expand);
            if (three < 1 || three >= expand || squeeze < 1)
            {
                throw new ArgumentOutOfRangeException(nameof(part3x3), string.Create(CultureInfo.InvariantCulture,
                    $"SqueezeNet: of {expand} expand filters {part3x3:G3} are {three} of 3 x 3, with {squeeze} that squeeze; each kind needs at least 1"));
            }
            sizes[i] = new FireSize(squeeze, expand - three, three);
        }
        return sizes;
    }
}

/// <summary>SqueezeNet: a convolution, Fire modules with late pooling, a 1 x 1 convolution to one map for each class, and its mean.</summary>
/// <remarks>
/// <para>Shapes: images <c>(N, C, H, W)</c> → scores <c>(N, classes)</c>, which are not negative where a ReLU follows conv10 as well; softmax is left to the loss.</para>
/// <para>Max pools round up, as Caffe's do. Checkpoint keys: the authors' names, <c>conv1</c>, <c>fire2.squeeze</c>, <c>fire2.expand1x1</c>,
/// <c>fire2.expand3x3</c>, ..., <c>conv10</c>. Source: Iandola et al. 2016, arXiv:1602.07360, §3 and table 1.</para>
/// </remarks>
public sealed class SqueezeNet : Layer
{
    private readonly Conv2d conv1, conv10;
    private readonly Layer[] modules;
    private readonly Dropout dropout;
    private readonly SqueezeNetPlan plan;

    /// <summary>A network with random start values.</summary>
    /// <param name="plan">Its sizes.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="rng">The source of the start values and of dropout; forms with and without bypass start alike.</param>
    /// <param name="channels">Channels of an image.</param>
    public SqueezeNet(SqueezeNetPlan plan, int classes, Rng rng, int channels = 3)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(rng);
        this.plan = plan;
        StemSize stem = plan.Stem;
        Func<Rng, Shape, Tensor> start = Start(plan.StartGain);
        conv1 = Register("conv1", new Conv2d(channels, stem.Filters, stem.Kernel, rng.Split("conv1"), stem.Stride, stem.Padding, start: start));
        modules = new Layer[plan.Modules.Count];
        int width = stem.Filters;
        for (int i = 0; i < modules.Length; i++)
        {
            FireSize size = plan.Modules[i];
            string number = (i + 2).ToString(CultureInfo.InvariantCulture);
            modules[i] = plan.PlainConvolutions
                ? Register($"conv{number}", new Sequential(new Conv2d(width, size.Outputs, 3, rng.Split($"conv{number}"), padding: 1, start: start), Activation.Relu))
                : Register($"fire{number}", new Fire(width, size, plan.Bypass, rng.Split($"fire{number}"), plan.StartGain));
            width = size.Outputs;
        }
        dropout = Register("dropout", new Dropout(plan.Dropout, rng.Split("dropout")));
        conv10 = Register("conv10", new Conv2d(width, classes, 1, rng.Split("conv10"), padding: plan.HeadPadding, start: (r, shape) => r.Normal(shape, 0, (float)plan.HeadDeviation)));
    }

    /// <summary>Its convolutions by name, in the order in which they compute: conv1; squeeze, expand 1 x 1 and expand 3 x 3 of each module; conv10.</summary>
    public IReadOnlyList<(string Name, Conv2d Layer)> Convolutions =>
        [.. NamedModules.Where(part => part.Module is Conv2d).Select(part => (part.Name, (Conv2d)part.Module))];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Activations(x).Scores;

    /// <summary>The scores with what led to them.</summary>
    /// <param name="x">(N, C, H, W).</param>
    /// <returns>The output of conv1, of every module, and of conv10, each after its ReLU and before any pool; and the scores.</returns>
    public (IReadOnlyList<Tensor> Layers, Tensor Scores) Activations(Tensor x)
    {
        List<Tensor> layers = [];
        x = conv1.Forward(x).Relu();
        layers.Add(x);
        for (int i = 0; i < modules.Length; i++)
        {
            x = modules[i].Forward(PooledAfter(i + 1, x));
            layers.Add(x);
        }
        x = conv10.Forward(dropout.Forward(PooledAfter(modules.Length + 1, x)));
        if (plan.HeadRelu) x = x.Relu();
        layers.Add(x);
        return (layers, x.GlobalAveragePool());
    }

    // Caffe's "xavier", U(-b, b) with b = √(3 / fan-in), times a gain: for every convolution but conv10.
    internal static Func<Rng, Shape, Tensor> Start(double gain) => (rng, shape) => Initialise.KaimingUniform(rng, shape, gain);

    private Tensor PooledAfter(int number, Tensor x) => plan.PoolsAfter.Contains(number) ? x.MaxPool2d(3, stride: 2, ceilMode: true) : x;
}
