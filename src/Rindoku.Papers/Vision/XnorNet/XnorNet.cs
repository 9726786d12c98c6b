using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Nn.Binary;
using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.XnorNet;

/// <summary>What of a network is binary.</summary>
public enum NetworkKind
{
    /// <summary>Weights and inputs of all layers but the first and the last (XNOR-Net).</summary>
    Xnor,

    /// <summary>Weights of all layers but the first and the last (Binary-Weight-Network).</summary>
    Weights,

    /// <summary>Nothing.</summary>
    Real,

    /// <summary>Weights and activations of all layers, without scales (BinaryNet).</summary>
    Everything,
}

/// <summary>In which order the parts of an XNOR block come.</summary>
public enum BlockOrder
{
    /// <summary>Normalisation, sign, convolution, pooling: the paper's.</summary>
    NormSignConvPool,

    /// <summary>Convolution, normalisation, sign, pooling: the usual one, in which pooling takes the largest of signs.</summary>
    ConvNormSignPool,
}

/// <summary>How a network is built.</summary>
public sealed record XnorNetOptions
{
    /// <summary>What is binary.</summary>
    public NetworkKind Kind { get; init; }

    /// <summary>The order of an XNOR block's parts.</summary>
    public BlockOrder Order { get; init; }

    /// <summary>Whether binary weights are scaled by α, the mean magnitude of each filter's weights.</summary>
    public bool Scaled { get; init; } = true;

    /// <summary>Whether sums are scaled by K, the mean magnitude of the inputs they come from; the authors' code leaves it out.</summary>
    public bool InputScale { get; init; }
}

/// <summary>One block's convolution and pooling.</summary>
/// <param name="Outputs">Filters.</param>
/// <param name="Kernel">Height and width of a filter.</param>
/// <param name="Padding">Zeros on every side.</param>
/// <param name="Pool">The window of the pooling, which steps by 2; 0 for none.</param>
public sealed record BlockShape(int Outputs, int Kernel, int Padding, int Pool);

/// <summary>A block of the network: normalisation, sign, binary convolution and pooling, or its real or partly binary counterparts.</summary>
/// <remarks>
/// With <c>I</c> the normalised input, W the filters and n = c·k·k: <c>I * W ≈ (sign(I) ⊛ sign(W)) ⊙ K α</c>, <c>α = ‖W‖₁ / n</c> for each filter and
/// <c>K = mean_c|I| * box</c> for each place (paper, equation 11).
/// </remarks>
public sealed class XnorBlock : Layer
{
    private readonly XnorNetOptions options;
    private readonly Parameter? bias;

    internal XnorBlock(XnorNetOptions options, int inputs, BlockShape shape, Rng rng)
    {
        this.options = options;
        Shape = shape;
        bool normFirst = options is { Kind: NetworkKind.Xnor, Order: BlockOrder.NormSignConvPool };
        Norm = Register("norm", new BatchNorm(normFirst ? inputs : shape.Outputs, epsilon: 1e-4));
        Product = Register("conv", Convolution(options, inputs, shape, rng));
        // K scales the sums before the bias is added.
        if (options.InputScale) bias = Register("bias", Tensor.Zeros([shape.Outputs]));
    }

    /// <summary>Its convolution and pooling.</summary>
    public BlockShape Shape { get; }

    /// <summary>The normalisation, before the signs or after the convolution.</summary>
    public BatchNorm Norm { get; }

    /// <summary>The convolution, binary or real.</summary>
    public Layer Product { get; }

    private static Layer Convolution(XnorNetOptions options, int inputs, BlockShape s, Rng rng)
    {
        if (options.Kind == NetworkKind.Real)
            return new Conv2d(inputs, s.Outputs, s.Kernel, rng, padding: s.Padding, start: (r, shape) => Initialise.KaimingNormal(r, shape));
        bool everything = options.Kind == NetworkKind.Everything;
        return new BinaryConv2d(inputs, s.Outputs, s.Kernel, rng, padding: s.Padding, ofSigns: options.Kind != NetworkKind.Weights,
            scaled: options.Scaled && !everything, bias: !options.InputScale, start: everything ? null : (r, shape) => Initialise.KaimingNormal(r, shape));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => (options.Kind, options.Order) switch
    {
        (NetworkKind.Xnor, BlockOrder.NormSignConvPool) => Pooled(Scaled(Norm.Forward(x))),
        (NetworkKind.Xnor, _) => Pooled(Norm.Forward(Product.Forward(x)).BinarySign()),
        (NetworkKind.Everything, _) => Norm.Forward(Pooled(Product.Forward(x))).BinarySign(),
        _ => Pooled(Norm.Forward(Product.Forward(x)).Relu()),
    };

    private Tensor Scaled(Tensor input)
    {
        Tensor y = Product.Forward(input.BinarySign());
        return bias is null ? y : y * ScaleMap(input, Shape.Kernel, Shape.Padding) + bias.Reshape(bias.Length, 1, 1);
    }

    /// <summary>K: the mean magnitude over the channels, averaged over each window; zeros outside count, so borders get smaller scales.</summary>
    /// <param name="input">I, (N, C, H, W).</param>
    /// <param name="kernel">Height and width of the window.</param>
    /// <param name="padding">Zeros on every side.</param>
    /// <returns>(N, 1, H', W').</returns>
    public static Tensor ScaleMap(Tensor input, int kernel, int padding)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Abs().Mean([1], keep: true).Conv2d(Tensor.Full([1, 1, kernel, kernel], 1f / (kernel * kernel)), padding: padding);
    }

    internal Tensor Pooled(Tensor x) => Shape.Pool == 0 ? x : x.MaxPool2d(Shape.Pool, 2);
}

/// <summary>A network of XNOR blocks between a first and a last layer, which stay real (except where everything is binary).</summary>
/// <remarks>Source: Rastegari et al. 2016, arXiv:1603.05279, §3; networks as in the authors' code.</remarks>
public sealed class XnorNet : Layer
{
    private readonly XnorNetOptions options;
    private readonly int firstPool;
    private readonly BatchNorm firstNorm;
    private readonly BatchNorm? lastNorm;

    private XnorNet(XnorNetOptions options, Layer first, int firstOutputs, int firstPool, IReadOnlyList<BlockShape> blocks, Func<int, Layer> last, Rng rng)
    {
        (this.options, this.firstPool) = (options, firstPool);
        First = Register("first", first);
        firstNorm = Register("first_norm", new BatchNorm(firstOutputs));
        int inputs = firstOutputs;
        List<XnorBlock> made = [];
        foreach (BlockShape shape in blocks)
        {
            made.Add(new XnorBlock(options, inputs, shape, rng.Split($"block {made.Count}")));
            inputs = shape.Outputs;
        }
        Blocks = made;
        Register("blocks", new ModuleList(made));
        Last = Register("last", last(inputs));
        // XNOR blocks end with sums that nothing has normalised yet, a binary last layer with scores that are whole numbers.
        if (options is { Kind: NetworkKind.Xnor, Order: BlockOrder.NormSignConvPool }) lastNorm = Register("last_norm", new BatchNorm(inputs, epsilon: 1e-3));
        else if (Last is BinaryLayer binary) lastNorm = Register("last_norm", new BatchNorm(binary.Weight.Shape[0], epsilon: 1e-3));
        Constrain();
    }

    /// <summary>The first convolution.</summary>
    public Layer First { get; }

    /// <summary>The blocks between the first and the last layer.</summary>
    public IReadOnlyList<XnorBlock> Blocks { get; }

    /// <summary>The last layer, which gives the scores.</summary>
    public Layer Last { get; }

    /// <summary>How it is built.</summary>
    public XnorNetOptions Options => options;

    /// <summary>The layers with binary weights.</summary>
    public IEnumerable<BinaryLayer> BinaryLayers => NamedModules.Select(m => m.Module).OfType<BinaryLayer>();

    /// <summary>A small network: 3 x 3 convolutions of w (real), w, 2w and 4w filters, pooling after the first two blocks.</summary>
    /// <param name="options">What is binary.</param>
    /// <param name="channels">Channels of an image.</param>
    /// <param name="size">Its height and width, a multiple of 4.</param>
    /// <param name="width">w.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="rng">Where start values come from.</param>
    public static XnorNet Small(XnorNetOptions options, int channels, int size, int width, int classes, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rng);
        if (size % 4 != 0) throw new ArgumentException($"XnorNet: images of {size} pixels cannot be halved twice; needed is a multiple of 4", nameof(size));
        bool everything = options.Kind == NetworkKind.Everything;
        Rng first = rng.Split("first"), last = rng.Split("last");
        Layer stem = everything ? new BinaryConv2d(channels, width, 3, first, padding: 1, ofSigns: false)
            : new Conv2d(channels, width, 3, first, padding: 1, start: (r, shape) => Initialise.KaimingNormal(r, shape));
        int places = size / 4 * (size / 4);
        return new XnorNet(options, stem, width, 0, [new(width, 3, 1, 2), new(2 * width, 3, 1, 2), new(4 * width, 3, 1, 0)],
            inputs => everything ? new BinaryLinear(inputs * places, classes, last) : new Linear(inputs * places, classes, last), rng);
    }

    /// <summary>AlexNet as in the authors' code: eight convolutions, of which the last three stand for dense layers.</summary>
    /// <param name="options">What is binary; not everything.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="rng">Where start values come from.</param>
    public static XnorNet AlexNet(XnorNetOptions options, int classes, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rng);
        if (options.Kind == NetworkKind.Everything)
            throw new ArgumentException("XnorNet: there is no AlexNet here in which everything is binary; choose xnor, weights or real", nameof(options));
        Conv2d first = new(3, 96, 11, rng.Split("first"), stride: 4, padding: 2, start: (r, shape) => Initialise.KaimingNormal(r, shape));
        return new XnorNet(options, first, 96, 3,
            [new(256, 5, 2, 3), new(384, 3, 1, 0), new(384, 3, 1, 0), new(256, 3, 1, 3), new(4096, 6, 0, 0), new(4096, 1, 0, 0)],
            inputs => new Conv2d(inputs, classes, 1, rng.Split("last"), start: (r, shape) => Initialise.KaimingNormal(r, shape)), rng);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        x = Begin(x);
        foreach (XnorBlock block in Blocks) x = block.Forward(x);
        return End(x);
    }

    /// <summary>The real first layer up to the blocks; signs where the blocks begin with a binary convolution.</summary>
    internal Tensor Begin(Tensor x)
    {
        Tensor y = firstNorm.Forward(First.Forward(x));
        y = options.Kind == NetworkKind.Everything || options is { Kind: NetworkKind.Xnor, Order: BlockOrder.ConvNormSignPool } ? y.BinarySign() : y.Relu();
        return firstPool == 0 ? y : y.MaxPool2d(firstPool, 2);
    }

    /// <summary>What comes after the blocks.</summary>
    internal Tensor End(Tensor x)
    {
        if (options.Kind == NetworkKind.Everything) return lastNorm!.Forward(Last.Forward(Flat(x)));
        if (lastNorm is not null) x = lastNorm.Forward(x).Relu();
        return Last is Conv2d ? Flat(Last.Forward(x)) : Last.Forward(Flat(x));

        static Tensor Flat(Tensor t) => t.Reshape(t.Shape[0], t.Shape.Count(1..));
    }

    /// <summary>
    /// After a step: from each binary weight the mean over the input channels at its tap is subtracted (not where everything is binary, as in BinaryNet),
    /// then it is brought between −1 and 1. So the weights that are made signs in testing are those of training.
    /// </summary>
    public void Constrain()
    {
        foreach (BinaryLayer layer in BinaryLayers)
        {
            if (options.Kind != NetworkKind.Everything) layer.Centre();
            layer.Clip();
        }
    }

    /// <summary>The scores of a batch without a record for gradients.</summary>
    public Tensor Infer(Tensor x)
    {
        using NoGrad noGrad = NoGrad.Enter();
        return Forward(x);
    }

    /// <summary>How many times fewer operations a binary convolution takes: <c>64 c N_W / (c N_W + 64)</c> (paper, §4.1).</summary>
    /// <param name="channels">c.</param>
    /// <param name="taps">N_W = w h.</param>
    public static double ExpectedSpeedUp(int channels, int taps) => 64.0 * channels * taps / ((double)channels * taps + 64);
}
