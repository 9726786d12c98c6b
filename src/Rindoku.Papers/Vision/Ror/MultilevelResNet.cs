using System.Globalization;
using Rindoku.Nn;
using Rindoku.Nn.Initialisers;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.Ror;

/// <summary>The order of convolution, normalisation and ReLU in the residual units.</summary>
public enum UnitOrder
{
    /// <summary>conv – BN – ReLU, as in the first ResNets: RoR-3 (the paper's figure 2).</summary>
    PostActivation,

    /// <summary>BN – ReLU – conv: Pre-RoR-3 and RoR-3-WRN (the paper's figure 3).</summary>
    PreActivation,
}

/// <summary>All that a multilevel residual network is made from.</summary>
public sealed record MultilevelShape
{
    /// <summary>n: units in each of the three groups.</summary>
    public required int UnitsPerGroup { get; init; }

    /// <summary>Channels of the stem, which every group doubles but the first.</summary>
    public int Width { get; init; } = 16;

    /// <summary>k: how many times as many channels the groups have; for the pre-activation order only.</summary>
    public int Widening { get; init; } = 1;

    /// <summary>m: 1 for the units' own shortcuts only, 2 with one over the whole network, 3 with one over each group as well.</summary>
    public int Levels { get; init; } = 3;

    /// <summary>The order within the units.</summary>
    public UnitOrder Order { get; init; }

    /// <summary>How the shortcuts of units change their shape; for the post-activation order only.</summary>
    public Shortcut UnitShortcut { get; init; } = Shortcut.SubsampleAndPad;

    /// <summary>Whether the upper shortcuts' convolutions are followed by batch normalisation.</summary>
    public bool NormalisesLevels { get; init; }

    /// <summary>RoR-m of the ResNet type: depth 6n + 2.</summary>
    /// <exception cref="ArgumentException">There is no such depth.</exception>
    public static MultilevelShape OfDepth(int depth) => new() { UnitsPerGroup = Units(depth, 2) };

    /// <summary>RoR-m of the wide pre-activation type: depth 6n + 4, widening k. With k = 1 it is Pre-RoR.</summary>
    /// <exception cref="ArgumentException">There is no such depth.</exception>
    public static MultilevelShape Wide(int depth, int widening) =>
        new() { UnitsPerGroup = Units(depth, 4), Widening = widening, Order = UnitOrder.PreActivation };

    private static int Units(int depth, int others)
    {
        int n = (depth - others) / 6;
        if (n < 1 || 6 * n + others != depth)
            throw new ArgumentException($"RoR: depth {depth} is not 6n + {others}; the nearest are {6 * Math.Max(1, n) + others} and {6 * (Math.Max(1, n) + 1) + others}", nameof(depth));
        return n;
    }
}

/// <summary>Residual networks of residual networks: shortcuts over groups of units and over the whole, above those of the units.</summary>
/// <remarks>
/// <para>With g_k the input of group k, s the stem's output, P_k and P_0 convolutions of 1 × 1 with strides 1, 2, 2 and 4: middle level
/// <c>t_k = units_k(g_k) + P_k(g_k)</c>, root level <c>t_3 + P_0(s)</c>. In the post-activation order the last unit of a group leaves its
/// ReLU to the sum that follows it: <c>g_{k+1} = ReLU(t_k)</c>, and the root sum has the only one after group 3.</para>
/// <para>Shapes: images <c>(N, C, H, W)</c> → logits <c>(N, classes)</c>. Source: Zhang et al. 2016, arXiv:1608.02908, §3, figures 2 and 3.</para>
/// </remarks>
public sealed class MultilevelResNet : Layer
{
    private const int GroupCount = 3;

    private readonly MultilevelShape shape;
    private readonly Conv2d stem;
    private readonly BatchNorm? stemNorm, lastNorm;
    private readonly ResidualUnit[][] groups;
    private readonly Layer?[] middle = new Layer?[GroupCount];
    private readonly Layer? root;
    private readonly Linear fc;

    /// <summary>A network of a shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are 1 to 3 levels.</exception>
    public MultilevelResNet(MultilevelShape shape, int classes, Rng rng, int channels = 3)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Levels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.Levels, GroupCount);
        this.shape = shape;
        bool pre = shape.Order == UnitOrder.PreActivation;
        stem = Register("conv1", Conv(channels, shape.Width, 3, 1, rng));
        if (!pre) stemNorm = Register("bn1", new BatchNorm(shape.Width));
        groups = new ResidualUnit[GroupCount][];
        int inputs = shape.Width;
        for (int k = 0; k < GroupCount; k++) inputs = AddGroup(k, inputs, rng);
        if (pre) lastNorm = Register("bn", new BatchNorm(inputs));
        fc = Register("fc", new Linear(inputs, classes, rng));
        // Drawn last, so that networks of fewer levels start from the same numbers.
        for (int k = 0, from = shape.Width; shape.Levels >= 3 && k < GroupCount; from = Width(k), k++)
            middle[k] = Register(string.Create(CultureInfo.InvariantCulture, $"middle{k + 1}"), Level(from, Width(k), Stride(k), rng));
        if (shape.Levels >= 2) root = Register("root", Level(shape.Width, inputs, stride: 4, rng));
    }

    /// <summary>How the units' shortcuts and residuals are joined: the plain sum, stochastic depth, or no shortcut at all.</summary>
    public IResidualRule Rule { get; set; } = PlainSum.Instance;

    /// <summary>How many units there are, 3 n.</summary>
    public int UnitCount => GroupCount * shape.UnitsPerGroup;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        Tensor s = stem.Forward(x);
        if (stemNorm is not null) s = stemNorm.Forward(s).Relu();
        Tensor g = s;
        for (int k = 0; k < GroupCount; k++)
        {
            Tensor t = Units(k, g);
            if (middle[k] is { } level) t += level.Forward(g);
            // The ReLU after group 3 waits for the root's sum.
            g = shape.Order == UnitOrder.PreActivation || k == GroupCount - 1 ? t : t.Relu();
        }
        if (root is not null) g += root.Forward(s);
        Tensor y = lastNorm is null ? g.Relu() : lastNorm.Forward(g).Relu();
        return fc.Forward(y.Mean([2, 3]));
    }

    private Tensor Units(int k, Tensor x)
    {
        for (int i = 0; i < groups[k].Length; i++)
        {
            (Tensor shortcut, Func<Tensor> residual) = groups[k][i].Split(x);
            x = Rule.Join(k * shape.UnitsPerGroup + i, shortcut, residual, IsTraining);
            if (groups[k][i].ActivatesSum && i < groups[k].Length - 1) x = x.Relu();
        }
        return x;
    }

    /// <summary>Makes the units of a group and tells its channels.</summary>
    private int AddGroup(int k, int inputs, Rng rng)
    {
        groups[k] = new ResidualUnit[shape.UnitsPerGroup];
        for (int i = 0; i < groups[k].Length; i++)
        {
            int stride = i == 0 ? Stride(k) : 1;
            ResidualUnit unit = shape.Order == UnitOrder.PreActivation
                ? new PreActivationBasicUnit(inputs, Width(k), stride, rng, rawShortcut: true)
                : new BasicUnit(inputs, Width(k), stride, shape.UnitShortcut, rng);
            groups[k][i] = Register(string.Create(CultureInfo.InvariantCulture, $"layer{k + 1}-{i}"), unit);
            inputs = Width(k);
        }
        return inputs;
    }

    private int Width(int k) => (shape.Width << k) * (shape.Order == UnitOrder.PreActivation ? shape.Widening : 1);

    private static int Stride(int k) => k == 0 ? 1 : 2;

    private Layer Level(int inputs, int outputs, int stride, Rng rng)
    {
        Conv2d conv = Conv(inputs, outputs, 1, stride, rng);
        return shape.NormalisesLevels ? new Sequential(conv, new BatchNorm(outputs)) : conv;
    }

    private static Conv2d Conv(int inputs, int outputs, int kernel, int stride, Rng rng) =>
        new(inputs, outputs, kernel, rng, stride, padding: kernel / 2, bias: false, start: (source, size) => Initialise.KaimingNormal(source, size));
}

/// <summary>Units without their own shortcuts: what is left is a plain stack of layers.</summary>
public sealed class NoShortcut : IResidualRule
{
    /// <summary>The rule; it has no state.</summary>
    public static NoShortcut Instance { get; } = new();

    /// <inheritdoc/>
    public Tensor Join(int unit, Tensor shortcut, Func<Tensor> residual, bool training)
    {
        ArgumentNullException.ThrowIfNull(residual);
        return residual();
    }
}
