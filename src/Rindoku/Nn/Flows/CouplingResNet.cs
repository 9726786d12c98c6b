using Rindoku.Ops;

namespace Rindoku.Nn.Flows;

/// <summary>The network of an image coupling: residual blocks of weight-normalised convolutions, with a way from each block to the output.</summary>
/// <remarks>
/// <para>Stem: batch normalisation, x and −x side by side, ReLU, convolution 3 × 3. Each block adds [normalisation, ReLU, convolution 3 × 3]
/// twice. A convolution 1 × 1 of the stem's output and one of each block's are added up; normalisation, ReLU and a convolution 1 × 1 end it.</para>
/// <para>Checkpoint keys: <c>in_norm</c>, <c>in_conv</c>, <c>in_skip</c>, <c>blocks.i.*</c>, <c>skips.i.*</c>, <c>out_norm</c>, <c>out_conv</c>.</para>
/// <para>Source: the code of Izmailov et al. 2020, arXiv:1912.13025, after Dinh et al. 2017, arXiv:1605.08803, section 4.1.</para>
/// </remarks>
public sealed class CouplingResNet : Layer
{
    private readonly BatchNorm inNorm, outNorm;
    private readonly Layer inConv, inSkip, outConv;
    private readonly Residual[] blocks;
    private readonly Layer[] skips;
    private readonly bool doubled;

    /// <summary>A network with random start values.</summary>
    /// <param name="inputs">Channels that come in.</param>
    /// <param name="width">Channels in between.</param>
    /// <param name="outputs">Channels that go out.</param>
    /// <param name="blocks">How many residual blocks.</param>
    /// <param name="doubled">Whether what comes in is doubled after its normalisation: where half of it is 0, as under a checkerboard, its deviation is too small.</param>
    /// <param name="rng">Source of the start values.</param>
    public CouplingResNet(int inputs, int width, int outputs, int blocks, bool doubled, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blocks);
        ArgumentNullException.ThrowIfNull(rng);
        this.doubled = doubled;
        inNorm = Register("in_norm", new BatchNorm(inputs));
        inConv = Register("in_conv", Conv(2 * inputs, width, 3, rng));
        inSkip = Register("in_skip", Conv(width, width, 1, rng));
        this.blocks = [.. Enumerable.Range(0, blocks).Select(_ => Block(width, rng))];
        skips = [.. Enumerable.Range(0, blocks).Select(_ => Conv(width, width, 1, rng))];
        Register("blocks", new ModuleList(this.blocks));
        Register("skips", new ModuleList(skips));
        outNorm = Register("out_norm", new BatchNorm(width));
        outConv = Register("out_conv", Conv(width, outputs, 1, rng));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        x = inNorm.Forward(x);
        if (doubled) x *= 2;
        x = inConv.Forward(Tensor.Concat([x, -x], 1).Relu());
        Tensor sum = inSkip.Forward(x);
        for (int i = 0; i < blocks.Length; i++)
        {
            x = blocks[i].Forward(x);
            sum += skips[i].Forward(x);
        }
        return outConv.Forward(outNorm.Forward(sum).Relu());
    }

    private static Residual Block(int width, Rng rng) => new(new Sequential(
        new BatchNorm(width), Activation.Relu, Conv(width, width, 3, rng, bias: false), new BatchNorm(width), Activation.Relu, Conv(width, width, 3, rng)));

    private static WeightNorm Conv(int inputs, int outputs, int kernel, Rng rng, bool bias = true) =>
        new(new Conv2d(inputs, outputs, kernel, rng, padding: kernel / 2, bias: bias));

    /// <summary>The number of blocks.</summary>
    public override string ToString() => $"CouplingResNet({blocks.Length} blocks)";
}
