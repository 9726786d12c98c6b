using Rindoku.Nn;
using Rindoku.Nn.Initialisers;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.ResNeXt;

/// <summary>The three equivalent forms of a ResNeXt block (paper, figure 3).</summary>
public enum AggregationForm
{
    /// <summary>(a): the sum of C paths of three convolutions each, <c>Σ T_i(x)</c>.</summary>
    Summed,

    /// <summary>(b): the ends of C paths of two convolutions side by side, then one 1 × 1 convolution.</summary>
    Concatenated,

    /// <summary>(c): one convolution with C groups between two 1 × 1 convolutions; the one that is used, <see cref="BottleneckUnit"/>.</summary>
    Grouped,
}

/// <summary>A ResNeXt block with its C paths written out: forms (a) and (b) of figure 3.</summary>
/// <remarks>
/// <para><c>y = ReLU(BN(Σ_{i=1..C} T_i(x)) + shortcut(x))</c> (paper, equation 3), each T_i being
/// <c>conv1×1 – BN – ReLU – conv3×3 – BN – ReLU – conv1×1</c> of inner width d.</para>
/// <para>In form (a) the last batch normalisation stands behind the sum, once: only so are the forms the same function.</para>
/// <para>Source: Xie et al. 2016, arXiv:1611.05431, §3.3. Parameters: <c>paths.i.conv1, ..., conv3, bn3, downsample</c>.</para>
/// </remarks>
public sealed class AggregatedUnit : ResidualUnit
{
    private readonly Path[] paths;
    private readonly Conv2d? conv3; // form (b); in form (a) each path has its own
    private readonly BatchNorm bn3;
    private readonly Sequential? projection;

    /// <summary>A unit from <paramref name="inputs"/> to <paramref name="outputs"/> channels.</summary>
    /// <param name="form">(a) or (b).</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="stride">Stride of the 3 × 3 convolutions.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="cardinality">C and d.</param>
    /// <exception cref="ArgumentException">The form is (c), which is a <see cref="BottleneckUnit"/>, or a path has no channel.</exception>
    public AggregatedUnit(AggregationForm form, int inputs, int outputs, int stride, Rng rng, Cardinality cardinality)
    {
        if (form == AggregationForm.Grouped) throw new ArgumentException("AggregatedUnit: form (c) is a BottleneckUnit; this is for (a) and (b)", nameof(form));
        int d = cardinality.PathWidth(outputs);
        bool summed = form == AggregationForm.Summed;
        paths = [.. Enumerable.Range(0, cardinality.Paths).Select(_ => new Path(inputs, d, summed ? outputs : 0, stride, rng))];
        Register("paths", new ModuleList(paths));
        if (!summed) conv3 = Register("conv3", Convolution(cardinality.InnerWidth(outputs), outputs, 1, 1, rng));
        bn3 = Register("bn3", new BatchNorm(outputs));
        if (stride != 1 || inputs != outputs) projection = Register("downsample", BottleneckUnit.Projection(inputs, outputs, stride, rng));
    }

    /// <inheritdoc/>
    public override bool ActivatesSum => true;

    /// <inheritdoc/>
    public override Branches Split(Tensor x) => new(projection?.Forward(x) ?? x, () =>
    {
        Tensor[] ends = [.. paths.Select(path => path.Forward(x))];
        return bn3.Forward(conv3 is null ? ends.Aggregate((sum, end) => sum + end) : conv3.Forward(Tensor.Concat(ends, axis: 1)));
    });

    private static Conv2d Convolution(int inputs, int outputs, int kernel, int stride, Rng rng) =>
        new(inputs, outputs, kernel, rng, stride, padding: kernel / 2, bias: false, start: (source, shape) => Initialise.KaimingNormal(source, shape, fanOut: true));

    /// <summary>T_i, or what comes of it before the last convolution.</summary>
    private sealed class Path : Layer
    {
        private readonly Conv2d conv1, conv2;
        private readonly Conv2d? conv3;
        private readonly BatchNorm bn1, bn2;

        public Path(int inputs, int d, int outputs, int stride, Rng rng)
        {
            conv1 = Register("conv1", Convolution(inputs, d, 1, 1, rng));
            bn1 = Register("bn1", new BatchNorm(d));
            conv2 = Register("conv2", Convolution(d, d, 3, stride, rng));
            bn2 = Register("bn2", new BatchNorm(d));
            if (outputs > 0) conv3 = Register("conv3", Convolution(d, outputs, 1, 1, rng));
        }

        public override Tensor Forward(Tensor x)
        {
            Tensor t = bn1.Forward(conv1.Forward(x)).Relu();
            t = bn2.Forward(conv2.Forward(t)).Relu();
            return conv3 is null ? t : conv3.Forward(t);
        }
    }
}
