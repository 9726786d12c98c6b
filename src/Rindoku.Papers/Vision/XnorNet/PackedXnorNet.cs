using Rindoku.Autograd;
using Rindoku.Nn.Binary;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.XnorNet;

/// <summary>A trained XNOR-Net whose blocks work on signs of one bit: XNOR, a count of bits, the largest of a window, a comparison.</summary>
/// <remarks>
/// Between two convolutions stand scale α (not negative), bias, pooling and the next block's normalisation with its sign. Pooling commutes with α and bias,
/// and all the rest is monotone in the sum, so it is one threshold for each channel. First and last layer stay real. The scores are those of the
/// network itself to the last bit.
/// </remarks>
public sealed class PackedXnorNet
{
    private readonly XnorNet net;
    private readonly SignWeights[] weights;
    private readonly SignThresholds[] thresholds;
    private readonly (Tensor Scale, Tensor Bias) last;

    /// <summary>Packs a network, which is switched to evaluation.</summary>
    /// <param name="net">A network of the paper's blocks without the scale K of the inputs; pack it again after it has learned more.</param>
    public PackedXnorNet(XnorNet net)
    {
        ArgumentNullException.ThrowIfNull(net);
        if (net.Options is not { Kind: NetworkKind.Xnor, Order: BlockOrder.NormSignConvPool, InputScale: false })
            throw new ArgumentException("PackedXnorNet: needed is an XNOR network with normalisation first and without the scale of the inputs", nameof(net));
        this.net = net;
        net.Eval();
        using NoGrad noGrad = NoGrad.Enter();
        BinaryConv2d[] convolutions = [.. net.Blocks.Select(block => (BinaryConv2d)block.Product)];
        weights = [.. convolutions.Select(conv => conv.Pack())];
        thresholds = [.. net.Blocks.Skip(1).Select((next, k) => Between(convolutions[k], next))];
        last = Affine(convolutions[^1]);
    }

    /// <summary>The memory of the blocks' packed weights and thresholds.</summary>
    public long Bytes => weights.Sum(w => w.Bytes) + thresholds.Sum(t => t.Bytes);

    private static (Tensor Scale, Tensor Bias) Affine(BinaryConv2d conv) => (Tensor.From(conv.Scales.Span, [conv.Scales.Length]).Keep(), Tensor.From(conv.Bias!.Span, conv.Bias.Shape).Keep());

    private static SignThresholds Between(BinaryConv2d conv, XnorBlock next)
    {
        (Tensor scale, Tensor bias) = Affine(conv);
        return SignThresholds.Of(sums => next.Norm.Forward(sums * scale + bias), conv.Weight.Shape[0], conv.FanIn);
    }

    /// <summary>The scores of a batch.</summary>
    /// <param name="x">(N, C, H, W).</param>
    public Tensor Forward(Tensor x)
    {
        using NoGrad noGrad = NoGrad.Enter();
        SignTensor signs = SignTensor.Pack(net.Blocks[0].Norm.Forward(net.Begin(x)));
        for (int k = 0; ; k++)
        {
            BinaryConv2d conv = (BinaryConv2d)net.Blocks[k].Product;
            Tensor sums = signs.Conv2d(weights[k], conv.Stride, conv.Padding);
            if (k == net.Blocks.Count - 1)
                return net.End(net.Blocks[k].Pooled((sums * last.Scale + last.Bias).Permute(0, 3, 1, 2)));
            if (net.Blocks[k].Shape.Pool > 0) sums = net.Blocks[k].Pooled(sums.Permute(0, 3, 1, 2)).Permute(0, 2, 3, 1);
            signs = SignTensor.PackChannelsLast(sums, thresholds[k]);
        }
    }
}
