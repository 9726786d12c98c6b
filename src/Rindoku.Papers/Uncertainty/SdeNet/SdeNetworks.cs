using Rindoku.Nn;
using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.SdeNet;

/// <summary>How images become states.</summary>
public enum Layout
{
    /// <summary>For 8 × 8 images: a convolution of 3 × 3 and one of 4 × 4 with stride 2, to 4 × 4.</summary>
    Small,

    /// <summary>For 28 × 28 images: 3 × 3, then twice 4 × 4 with stride 2, to 6 × 6.</summary>
    Mnist,

    /// <summary>The same for 32 × 32 images, to 7 × 7; its diffusion has a convolution more.</summary>
    Svhn,
}

/// <summary>The networks of the paper's experiments, and those it compares itself with.</summary>
public static class SdeNetworks
{
    private const int MostGroups = 32;
    private const int TableWidth = 50, DetectorWidth = 100;

    /// <summary>The SDE-Net that classifies images.</summary>
    /// <param name="layout">How images become states.</param>
    /// <param name="inputs">Channels of an image.</param>
    /// <param name="channels">Channels of the state; 64 in the paper.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="time">T, and N, which is the same: steps of length 1.</param>
    /// <param name="headDeviation">Standard deviation of the last layers' start values; 0.001 in the authors' code.</param>
    /// <param name="rng">Source of the start values.</param>
    public static SdeNet Images(Layout layout, int inputs, int channels, int classes, int time, double headDeviation, Rng rng) => new(
        Start(layout, inputs, channels, rng),
        new ConvolutionalDrift(channels, rng),
        new ConvolutionalDiffusion(channels, layout == Layout.Svhn ? 3 : 2, headDeviation, rng),
        new Sequential(Norm(channels), Activation.Relu, Pool.GlobalAverage, Dense(channels, classes, headDeviation, rng)),
        time, time);

    /// <summary>The residual network of the same width that the paper compares it with: as many blocks as the SDE-Net has steps, each with weights of its own.</summary>
    /// <param name="layout">How images become states.</param>
    /// <param name="inputs">Channels of an image.</param>
    /// <param name="channels">Channels of the state.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="dropout">The probability of dropout before the last layer; 0 for none.</param>
    /// <param name="headDeviation">Standard deviation of the last layer's start values.</param>
    /// <param name="rng">Source of the start values.</param>
    public static Layer Residual(Layout layout, int inputs, int channels, int classes, int blocks, double dropout, double headDeviation, Rng rng) => new Sequential(
    [
        Start(layout, inputs, channels, rng),
        .. Enumerable.Range(0, blocks).Select(_ => new Residual(new Sequential(
            Norm(channels), Activation.Relu, Convolution(channels, channels, 3, 1, 1, rng, bias: false),
            Norm(channels), Activation.Relu, Convolution(channels, channels, 3, 1, 1, rng, bias: false)))),
        Norm(channels), Activation.Relu, Pool.GlobalAverage,
        .. Drop(dropout, rng),
        Dense(channels, classes, headDeviation, rng),
    ]);

    /// <summary>The SDE-Net that predicts a number: h₁ from the features to 50, f of 50, g with 100 hidden units, h₂ to mean and spread.</summary>
    /// <param name="features">How many inputs.</param>
    /// <param name="time">T and N.</param>
    /// <param name="rng">Source of the start values.</param>
    public static SdeNet Table(int features, int time, Rng rng) => new(
        new Linear(features, TableWidth, rng),
        new LinearDrift(TableWidth, rng),
        new Sequential(new Linear(TableWidth, DetectorWidth, rng), Activation.Relu, new Linear(DetectorWidth, 1, rng)),
        new Sequential(Activation.Relu, new Linear(TableWidth, 2, rng)),
        time, time);

    /// <summary>The network of five hidden layers of 50 that the paper compares it with, dropout after each.</summary>
    /// <param name="features">How many inputs.</param>
    /// <param name="dropout">The probability of dropout; 0 for none.</param>
    /// <param name="rng">Source of the start values.</param>
    public static Layer DenseTable(int features, double dropout, Rng rng) => new Sequential(
    [
        .. Enumerable.Range(0, 5).SelectMany(i => (Layer[])[new Linear(i == 0 ? features : TableWidth, TableWidth, rng), Activation.Relu, .. Drop(dropout, rng)]),
        new Linear(TableWidth, 2, rng),
    ]);

    private static Sequential Start(Layout layout, int inputs, int channels, Rng rng) => layout == Layout.Small
        ? new Sequential(Convolution(inputs, channels, 3, 1, 1, rng), Norm(channels), Activation.Relu, Convolution(channels, channels, 4, 2, 1, rng))
        : new Sequential(Convolution(inputs, channels, 3, 1, 0, rng), Norm(channels), Activation.Relu,
            Convolution(channels, channels, 4, 2, 1, rng), Norm(channels), Activation.Relu, Convolution(channels, channels, 4, 2, 1, rng));

    private static Layer[] Drop(double probability, Rng rng) => probability > 0 ? [new Dropout(probability, rng.Split("dropout"))] : [];

    internal static GroupNorm Norm(int channels) => new(Math.Min(MostGroups, channels), channels);

    internal static Conv2d Convolution(int inputs, int outputs, int kernel, int stride, int padding, Rng rng, bool bias = true) =>
        new(inputs, outputs, kernel, rng, stride, padding, bias: bias, start: (source, shape) => Initialise.KaimingNormal(source, shape, fanOut: true));

    internal static Linear Dense(int inputs, int outputs, double deviation, Rng rng)
    {
        Linear layer = new(inputs, outputs, rng);
        rng.FillNormal(layer.Weight.Values, 0, (float)deviation);
        layer.Bias!.Values.Clear();
        return layer;
    }
}

/// <summary>A convolution that is told the time: it sees the state with one more channel before the others, filled with t.</summary>
internal sealed class TimedConvolution : Module
{
    private readonly Conv2d convolution;

    public TimedConvolution(int channels, Rng rng) =>
        convolution = Register("convolution", SdeNetworks.Convolution(channels + 1, channels, 3, 1, 1, rng));

    public Tensor Forward(Tensor z, double t) =>
        convolution.Forward(Tensor.Concat([Tensor.Full(z.Shape.With(1, 1), (float)t), z], axis: 1));
}

/// <summary><c>GN – ReLU – conv – GN – ReLU – conv – GN</c>, the convolutions told the time.</summary>
internal sealed class ConvolutionalDrift : Drift
{
    private readonly GroupNorm norm1, norm2, norm3;
    private readonly TimedConvolution conv1, conv2;

    public ConvolutionalDrift(int channels, Rng rng)
    {
        norm1 = Register("norm1", SdeNetworks.Norm(channels));
        conv1 = Register("conv1", new TimedConvolution(channels, rng));
        norm2 = Register("norm2", SdeNetworks.Norm(channels));
        conv2 = Register("conv2", new TimedConvolution(channels, rng));
        norm3 = Register("norm3", SdeNetworks.Norm(channels));
    }

    public override Tensor Forward(Tensor z, double t) =>
        norm3.Forward(conv2.Forward(norm2.Forward(conv1.Forward(norm1.Forward(z).Relu(), t)).Relu(), t));
}

/// <summary>Convolutions as in the drift, at time 0, then averaged to one number an example.</summary>
internal sealed class ConvolutionalDiffusion : Layer
{
    private readonly GroupNorm norm;
    private readonly TimedConvolution[] convolutions;
    private readonly GroupNorm[] norms;
    private readonly Linear last;

    public ConvolutionalDiffusion(int channels, int depth, double headDeviation, Rng rng)
    {
        norm = Register("norm", SdeNetworks.Norm(channels));
        convolutions = [.. Enumerable.Range(1, depth).Select(i => Register($"conv{i}", new TimedConvolution(channels, rng)))];
        norms = [.. Enumerable.Range(1, depth).Select(i => Register($"norm{i}", SdeNetworks.Norm(channels)))];
        last = Register("last", SdeNetworks.Dense(channels, 1, headDeviation, rng));
    }

    public override Tensor Forward(Tensor x)
    {
        Tensor y = norm.Forward(x).Relu();
        for (int i = 0; i < convolutions.Length; i++) y = norms[i].Forward(convolutions[i].Forward(y, t: 0)).Relu();
        return last.Forward(y.GlobalAveragePool());
    }
}

/// <summary><c>ReLU(Wz + b)</c>, the same at all times.</summary>
internal sealed class LinearDrift : Drift
{
    private readonly Linear linear;

    public LinearDrift(int width, Rng rng) => linear = Register("linear", new Linear(width, width, rng));

    public override Tensor Forward(Tensor z, double t) => linear.Forward(z).Relu();
}
