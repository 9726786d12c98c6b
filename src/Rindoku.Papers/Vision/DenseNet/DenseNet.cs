using System.Globalization;
using Rindoku.Nn;
using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.DenseNet;

/// <summary>What the layers of a block see.</summary>
public enum Connectivity
{
    /// <summary>The outputs of all earlier layers and the block's input: the paper's.</summary>
    Dense,

    /// <summary>The output of the layer before only: the same layers with their connections cut, which is a plain chain.</summary>
    Chain,
}

/// <summary>All that a DenseNet is made from.</summary>
public sealed record DenseNetShape
{
    /// <summary>How many layers each block has.</summary>
    public required IReadOnlyList<int> BlockLayers { get; init; }

    /// <summary>k, the growth rate: how many maps each layer adds.</summary>
    public required int Growth { get; init; }

    /// <summary>k_0: how many maps the stem gives to the first block.</summary>
    public required int StemChannels { get; init; }

    /// <summary>Whether a layer first makes 4 k maps by a 1 × 1 convolution (DenseNet-B).</summary>
    public bool Bottleneck { get; init; }

    /// <summary>θ: which part of the maps a transition keeps (DenseNet-C).</summary>
    public double Compression { get; init; } = 1;

    /// <summary>What the layers see.</summary>
    public Connectivity Connectivity { get; init; }

    /// <summary>How likely dropout drops a number after each convolution but the first.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether the images are large: the stem then quarters their height and width (7 × 7 convolution, stride 2, and pooling).</summary>
    public bool LargeImages { get; init; }

    /// <summary>Whether concatenations and normalised maps are computed again on the way back instead of kept (arXiv:1707.06990).</summary>
    public bool SavesMemory { get; init; }

    /// <summary>The form for small images: three blocks, depth L = 3 n + 4, or 6 n + 4 with bottlenecks.</summary>
    /// <param name="depth">L.</param>
    /// <param name="growth">k.</param>
    /// <param name="bottleneckAndCompression">DenseNet-BC: bottlenecks, θ = 0.5 and a stem of 2 k maps; else a stem of 16 maps.</param>
    /// <exception cref="ArgumentException">There is no such depth.</exception>
    public static DenseNetShape Cifar(int depth, int growth, bool bottleneckAndCompression)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(growth);
        int step = bottleneckAndCompression ? 6 : 3, layers = (depth - 4) / step;
        if (layers < 1 || step * layers + 4 != depth)
        {
            int below = Math.Max(1, layers);
            throw new ArgumentException($"DenseNet: depth {depth} is not {step}n + 4; the nearest are {step * below + 4} and {step * (below + 1) + 4}", nameof(depth));
        }
        return new DenseNetShape
        {
            BlockLayers = [layers, layers, layers],
            Growth = growth,
            StemChannels = bottleneckAndCompression ? 2 * growth : 16,
            Bottleneck = bottleneckAndCompression,
            Compression = bottleneckAndCompression ? 0.5 : 1,
        };
    }

    /// <summary>The form for large images (ImageNet), DenseNet-BC with four blocks: depths 121, 169, 201 (k = 32) and 161 (k = 48).</summary>
    /// <exception cref="ArgumentException">There is no such depth.</exception>
    public static DenseNetShape ImageNet(int depth)
    {
        (int[] layers, int growth) = depth switch
        {
            121 => ((int[])[6, 12, 24, 16], 32),
            169 => ([6, 12, 32, 32], 32),
            201 => ([6, 12, 48, 32], 32),
            161 => ([6, 12, 36, 24], 48),
            _ => throw new ArgumentException($"DenseNet: no ImageNet form of depth {depth}; there are 121, 161, 169 and 201", nameof(depth)),
        };
        return new DenseNetShape { BlockLayers = layers, Growth = growth, StemChannels = 2 * growth, Bottleneck = true, Compression = 0.5, LargeImages = true };
    }
}

/// <summary>One layer of a block, H_l: <c>BN – ReLU – conv3×3</c>, or <c>BN – ReLU – conv1×1 – BN – ReLU – conv3×3</c> with a bottleneck.</summary>
/// <remarks>Checkpoint keys as PyTorch's: <c>norm1, conv1</c>, with a bottleneck also <c>norm2, conv2</c>.</remarks>
public sealed class DenseLayer : Module
{
    private readonly BatchNorm norm1;
    private readonly Layer relu1;
    private readonly Conv2d conv1;
    private readonly BatchNorm? norm2;
    private readonly Layer? relu2;
    private readonly Conv2d? conv2;
    private readonly double dropout;
    private readonly Rng? drops;
    private readonly bool savesMemory;

    /// <summary>A layer that sees <paramref name="inputs"/> maps.</summary>
    /// <param name="inputs">How many maps it sees.</param>
    /// <param name="shape">Growth, bottleneck, dropout.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="drops">Where dropout draws from; needed if there is dropout.</param>
    public DenseLayer(int inputs, DenseNetShape shape, Rng rng, Rng? drops)
    {
        ArgumentNullException.ThrowIfNull(shape);
        (dropout, savesMemory, this.drops) = (shape.Dropout, shape.SavesMemory, drops);
        norm1 = Register("norm1", new BatchNorm(inputs));
        relu1 = Register("relu1", Activation.Relu);
        int inner = shape.Bottleneck ? 4 * shape.Growth : shape.Growth;
        conv1 = Register("conv1", DenseNet.Conv(inputs, inner, shape.Bottleneck ? 1 : 3, 1, rng));
        if (!shape.Bottleneck) return;
        norm2 = Register("norm2", new BatchNorm(inner));
        relu2 = Register("relu2", Activation.Relu);
        conv2 = Register("conv2", DenseNet.Conv(inner, shape.Growth, 3, 1, rng));
    }

    /// <summary>The new maps, (N, k, H, W), from what the layer sees, which is laid one behind the other along the channels.</summary>
    public Tensor Forward(IReadOnlyList<Tensor> seen)
    {
        // The one place where memory grows with the square of the depth: every layer would keep all maps before it once more,
        // as they were and normalised. In the saving form they are made again on the way back, from the maps themselves.
        Tensor[] maps = [.. seen];
        Tensor y = savesMemory ? Checkpoint.Run(First, maps) : First(maps);
        y = Dropped(y);
        return conv2 is null ? y : Dropped(conv2.Forward(relu2!.Forward(norm2!.Forward(y))));
    }

    /// <summary>The mean size of the first convolution's weights on each source; the first source has all maps but those of the layers before.</summary>
    internal double[] SourceWeights(int sources, int growth)
    {
        Shape shape = conv1.Weight.Shape;
        int first = shape[1] - (sources - 1) * growth;
        double[] sums = new double[sources];
        int kernel = shape.Count(2..);
        for (int i = 0; i < conv1.Weight.Length; i++)
        {
            int map = i / kernel % shape[1];
            int source = map < first ? 0 : 1 + (map - first) / growth;
            sums[source] += Math.Abs(conv1.Weight.Span[i]) / ((source == 0 ? first : growth) * (double)shape[0] * kernel);
        }
        return sums;
    }

    private Tensor First(Tensor[] maps) => conv1.Forward(relu1.Forward(norm1.Forward(maps.Length == 1 ? maps[0] : Tensor.Concat(maps, axis: 1))));

    private Tensor Dropped(Tensor y) => dropout > 0 ? y.Dropout((float)dropout, drops!, IsTraining) : y;
}

/// <summary>A dense block: <c>x_l = H_l([x_0, x_1, ..., x_{l−1}])</c>, where [...] lays maps one behind the other; it gives all of them.</summary>
/// <remarks>Shapes: (N, C, H, W) → (N, C + n k, H, W); cut to a chain (N, k, H, W). Source: the paper, equation 2.</remarks>
public sealed class DenseBlock : Layer
{
    private readonly List<DenseLayer> layers = [];
    private readonly Connectivity connectivity;
    private readonly int growth;

    /// <summary>A block of so many layers.</summary>
    public DenseBlock(int inputs, int count, DenseNetShape shape, Rng rng, Rng? drops)
    {
        ArgumentNullException.ThrowIfNull(shape);
        (connectivity, growth) = (shape.Connectivity, shape.Growth);
        for (int l = 0; l < count; l++)
        {
            int seen = connectivity == Connectivity.Dense ? inputs + l * shape.Growth : l == 0 ? inputs : shape.Growth;
            layers.Add(Register(string.Create(CultureInfo.InvariantCulture, $"denselayer{l + 1}"), new DenseLayer(seen, shape, rng, drops)));
        }
        Outputs = connectivity == Connectivity.Dense ? inputs + count * shape.Growth : shape.Growth;
    }

    /// <summary>How many maps the block gives.</summary>
    public int Outputs { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        List<Tensor> maps = [x];
        foreach (DenseLayer layer in layers)
            maps.Add(layer.Forward(connectivity == Connectivity.Dense ? maps : [maps[^1]]));
        return connectivity == Connectivity.Dense ? Tensor.Concat([.. maps], axis: 1) : maps[^1];
    }

    /// <summary>How much each layer uses of each source: see <see cref="DenseNet.SourceWeights"/>.</summary>
    internal double[][] SourceWeights() => [.. layers.Select((layer, l) => layer.SourceWeights(l + 1, growth))];

    /// <summary>How many layers, and what they give.</summary>
    public override string ToString() => $"{layers.Count} dense layers → {Outputs}";
}

/// <summary>Between two blocks: <c>BN – ReLU – conv1×1 – average of 2 × 2 pixels</c>, keeping ⌊θ m⌋ of m maps.</summary>
public sealed class Transition : Layer
{
    private readonly BatchNorm norm;
    private readonly Layer relu;
    private readonly Conv2d conv;
    private readonly double dropout;
    private readonly Rng? drops;

    /// <summary>A transition from <paramref name="inputs"/> maps.</summary>
    public Transition(int inputs, DenseNetShape shape, Rng rng, Rng? drops)
    {
        ArgumentNullException.ThrowIfNull(shape);
        (dropout, this.drops) = (shape.Dropout, drops);
        Outputs = (int)(shape.Compression * inputs);
        norm = Register("norm", new BatchNorm(inputs));
        relu = Register("relu", Activation.Relu);
        conv = Register("conv", DenseNet.Conv(inputs, Outputs, 1, 1, rng));
    }

    /// <summary>How many maps it gives.</summary>
    public int Outputs { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        Tensor y = conv.Forward(relu.Forward(norm.Forward(x)));
        if (dropout > 0) y = y.Dropout((float)dropout, drops!, IsTraining);
        return y.AveragePool2d(2);
    }
}

/// <summary>Densely connected convolutional networks: a stem, dense blocks with transitions between them, an average over the image, a linear map.</summary>
/// <remarks>
/// <para>Shapes: images <c>(N, C, H, W)</c> → logits <c>(N, classes)</c>. No convolution has a bias.</para>
/// <para>Start: convolutions from N(0, 2 / (kernel² · out)), batch normalisation γ = 1, β = 0, the linear map's bias 0.</para>
/// <para>Source: Huang et al. 2016, arXiv:1608.06993, §3 and table 1. Checkpoint keys as PyTorch's DenseNets: <c>features.conv0,
/// features.denseblock1.denselayer1.norm1, ..., features.transition1.norm, ..., features.norm5, classifier</c>.</para>
/// </remarks>
public sealed class DenseNet : Layer
{
    /// <summary>How many blocks the forms for small images have.</summary>
    public const int CifarBlocks = 3;

    private readonly Features features;
    private readonly Linear classifier;

    /// <summary>A network of a shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="drops">Where dropout draws from; null splits <paramref name="rng"/>.</param>
    public DenseNet(DenseNetShape shape, int classes, Rng rng, int channels = 3, Rng? drops = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(rng);
        Connectivity = shape.Connectivity;
        Rng? source = shape.Dropout > 0 ? Register("drops", drops ?? rng.Split("drops")) : null;
        features = Register("features", new Features(shape, channels, rng, source));
        classifier = Register("classifier", new Linear(features.Outputs, classes, rng));
        classifier.Bias!.Values.Clear();
    }

    /// <summary>What the layers of a block see.</summary>
    public Connectivity Connectivity { get; }

    /// <summary>How many maps reach the classifier.</summary>
    public int FeatureCount => features.Outputs;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => classifier.Forward(features.Forward(x).Mean([2, 3]));

    /// <summary>The weights of each layer's first convolution on each of its sources, in their mean size: how much it uses of which layer.</summary>
    /// <remarks>Row l, column s: source s of layer l, the block's input first. Dense connectivity only. Of a bottleneck's two convolutions it is the 1 × 1. Paper, figure 5.</remarks>
    /// <param name="block">The block, from 0.</param>
    public double[][] SourceWeights(int block) => features.Blocks[block].SourceWeights();

    internal static Conv2d Conv(int inputs, int outputs, int kernel, int stride, Rng rng) =>
        new(inputs, outputs, kernel, rng, stride, padding: kernel / 2, bias: false, start: (source, shape) => Initialise.KaimingNormal(source, shape, fanOut: true));

    private sealed class Features : Layer
    {
        private readonly Conv2d stem;
        private readonly BatchNorm? stemNorm;
        private readonly List<Layer> body = [];
        private readonly BatchNorm last;
        private readonly Layer relu;

        public Features(DenseNetShape shape, int channels, Rng rng, Rng? drops)
        {
            stem = Register("conv0", Conv(channels, shape.StemChannels, shape.LargeImages ? 7 : 3, shape.LargeImages ? 2 : 1, rng));
            if (shape.LargeImages) stemNorm = Register("norm0", new BatchNorm(shape.StemChannels));
            relu = Register("relu", Activation.Relu);
            int maps = shape.StemChannels;
            for (int b = 1; b <= shape.BlockLayers.Count; b++)
            {
                DenseBlock block = Register(string.Create(CultureInfo.InvariantCulture, $"denseblock{b}"), new DenseBlock(maps, shape.BlockLayers[b - 1], shape, rng, drops));
                maps = block.Outputs;
                body.Add(block);
                if (b == shape.BlockLayers.Count) break;
                Transition transition = Register(string.Create(CultureInfo.InvariantCulture, $"transition{b}"), new Transition(maps, shape, rng, drops));
                maps = transition.Outputs;
                body.Add(transition);
            }
            last = Register(string.Create(CultureInfo.InvariantCulture, $"norm{shape.BlockLayers.Count + 1}"), new BatchNorm(maps));
            Outputs = maps;
        }

        public int Outputs { get; }

        public DenseBlock[] Blocks => [.. body.OfType<DenseBlock>()];

        public override Tensor Forward(Tensor x)
        {
            x = stem.Forward(x);
            if (stemNorm is not null) x = relu.Forward(stemNorm.Forward(x)).MaxPool2d(3, 2, 1);
            foreach (Layer layer in body) x = layer.Forward(x);
            return relu.Forward(last.Forward(x));
        }
    }
}
