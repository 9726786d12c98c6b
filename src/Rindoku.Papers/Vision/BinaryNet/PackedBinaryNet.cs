using Rindoku.Autograd;
using Rindoku.Nn.Binary;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.BinaryNet;

/// <summary>A trained binary network at one bit a weight and activation: products are XNOR and a count of bits, all between them is a comparison.</summary>
/// <remarks>
/// <para>A layer's bias and normalisation (with running statistics) are monotone in its sum s, so <c>sign(BN(s + b))</c> is one threshold for each unit
/// (<see cref="SignThresholds"/>). Pooling takes the largest sum first, as in training.</para>
/// <para>Flat inputs go bit by bit (paper, equation 8): with bytes around zero, <c>256 x = Σₙ 2ⁿ signₙ</c>, so <c>s = Σₙ 2ⁿ (signₙ · w) / 256</c>. A
/// first layer that convolves works on real numbers, as do the scores after the last product.</para>
/// <para>The outputs are those of the network itself to the last bit.</para>
/// </remarks>
public sealed class PackedBinaryNet
{
    private readonly List<Func<SignTensor, SignTensor>> hidden = [];
    private readonly Func<Tensor, SignTensor> first;
    private readonly Func<SignTensor, Tensor> last;

    /// <summary>Packs a network, which is switched to evaluation.</summary>
    /// <param name="net">A network of binary weights; pack it again after it has learned more.</param>
    /// <param name="inputShape">The shape of one input, (pixels) or (channels, height, width).</param>
    public PackedBinaryNet(BinaryNet net, Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(net);
        if (net.BinaryLayers.Count() != net.Blocks.Count) throw new ArgumentException("PackedBinaryNet: the network has real weights; needed is a binary one", nameof(net));
        net.Eval();
        using NoGrad noGrad = NoGrad.Enter();
        (first, Shape shape) = First(net.Blocks[0], inputShape);
        for (int k = 1; k < net.Blocks.Count - 1; k++) hidden.Add(Hidden(net.Blocks[k], ref shape));
        last = Last(net.Blocks[^1], shape);
    }

    /// <summary>The memory of all packed weights and thresholds.</summary>
    public long Bytes { get; private set; }

    /// <summary>The scores of a batch.</summary>
    /// <param name="x">(N, ...), made by <see cref="BinaryNet.FromPixels"/>.</param>
    public Tensor Forward(Tensor x)
    {
        using NoGrad noGrad = NoGrad.Enter();
        return last(hidden.Aggregate(first(x), (signs, layer) => layer(signs)));
    }

    private (Func<Tensor, SignTensor> Layer, Shape Output) First(BinaryBlock block, Shape input)
    {
        if (block.Product is BinaryConv2d conv)
        {
            Tensor signs = conv.Weight.Detach().BinarySign();
            Bytes += 4L * signs.Length;
            int pooled = block.Pools ? 2 : 1;
            return (x => SignTensor.Pack(block.Forward(x)), [conv.Weight.Shape[0], input[1] / pooled, input[2] / pooled]);
        }
        BinaryLinear linear = (BinaryLinear)block.Product;
        int outputs = linear.Weight.Shape[0];
        SignWeights weights = linear.Pack();
        SignThresholds thresholds = Thresholds(block, linear, 255 * linear.FanIn, step: 1 / 256f);
        Bytes += weights.Bytes + thresholds.Bytes;
        Tensor powers = Tensor.Generate([8, 1], n => (1 << n) / 256f).Keep();
        return (x =>
        {
            Tensor planes = SignTensor.PackBytes(x.Reshape(x.Shape[0], x.Shape.Count(1..))).Linear(weights).Reshape(x.Shape[0], 8, outputs);
            return SignTensor.PackChannelsLast((planes * powers).Sum([1]), thresholds);
        }, [outputs]);
    }

    private Func<SignTensor, SignTensor> Hidden(BinaryBlock block, ref Shape shape)
    {
        BinaryLayer product = (BinaryLayer)block.Product;
        Func<SignTensor, Tensor> sums = Sums(product, shape);
        SignThresholds thresholds = Thresholds(block, product, product.FanIn, step: 1);
        Bytes += thresholds.Bytes;
        shape = product is BinaryLinear ? [product.Weight.Shape[0]]
            : block.Pools ? [product.Weight.Shape[0], shape[1] / 2, shape[2] / 2] : [product.Weight.Shape[0], shape[1], shape[2]];
        if (!block.Pools) return signs => SignTensor.PackChannelsLast(sums(signs), thresholds);
        return signs => SignTensor.PackChannelsLast(sums(signs).Permute(0, 3, 1, 2).MaxPool2d(2).Permute(0, 2, 3, 1), thresholds);
    }

    private Func<SignTensor, Tensor> Last(BinaryBlock block, Shape shape)
    {
        BinaryLinear product = (BinaryLinear)block.Product;
        Func<SignTensor, Tensor> sums = Sums(product, shape);
        Tensor bias = Tensor.From(product.Bias!.Span, product.Bias.Shape).Keep();
        return signs => block.Norm.Forward(sums(signs) + bias);
    }

    // The sums of a layer, channels innermost. A dense layer of maps is a convolution with a kernel as large as they are.
    private Func<SignTensor, Tensor> Sums(BinaryLayer product, Shape input)
    {
        Tensor w = product.Weight;
        SignWeights weights = new(product is BinaryLinear && input.Rank == 3 ? w.Reshape(input.Insert(0, w.Shape[0])) : w);
        Bytes += weights.Bytes;
        return product switch
        {
            BinaryConv2d conv => signs => signs.Conv2d(weights, conv.Stride, conv.Padding),
            _ when input.Rank == 3 => signs => signs.Conv2d(weights).Reshape(signs.Shape[0], w.Shape[0]),
            _ => signs => signs.Linear(weights),
        };
    }

    private static SignThresholds Thresholds(BinaryBlock block, BinaryLayer product, int largest, float step) =>
        SignThresholds.Of(sums => block.Norm.Forward(product.Bias is null ? sums : sums + product.Bias), product.Weight.Shape[0], largest, step);
}
