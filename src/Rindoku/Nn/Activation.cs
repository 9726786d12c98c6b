using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Activations as layers without parameters, to stand in a <see cref="Sequential"/>. A <see cref="LayerTrace"/> has what they give among its features.</summary>
public static class Activation
{
    /// <summary><c>max(0, x)</c>.</summary>
    public static Layer Relu => Noted("ReLU", x => x.Relu());

    /// <summary><c>min(max(0, x), 6)</c>.</summary>
    public static Layer Relu6 => Noted("ReLU6", x => x.Relu6());

    /// <summary>x times the normal distribution up to it; exact, with erf.</summary>
    public static Layer Gelu => Noted("GELU", x => x.Gelu());

    /// <summary><c>x σ(x)</c>, also called swish.</summary>
    public static Layer Silu => Noted("SiLU", x => x.Silu());

    /// <summary><c>x tanh(softplus(x))</c>.</summary>
    public static Layer Mish => Noted("Mish", x => x.Mish());

    /// <summary>The self-normalising exponential unit.</summary>
    public static Layer Selu => Noted("SELU", x => x.Selu());

    /// <summary>The hyperbolic tangent.</summary>
    public static Layer Tanh => Noted("Tanh", x => x.Tanh());

    /// <summary><c>1 / (1 + e^−x)</c>.</summary>
    public static Layer Sigmoid => Noted("Sigmoid", x => x.Sigmoid());

    /// <summary><c>log(1 + e^x)</c>.</summary>
    public static Layer Softplus => Noted("Softplus", x => x.Softplus());

    /// <summary><c>x / (1 + |x|)</c>.</summary>
    public static Layer Softsign => Noted("Softsign", x => x.Softsign());

    /// <summary>The piecewise linear stand-in for <see cref="Silu"/>.</summary>
    public static Layer HardSwish => Noted("HardSwish", x => x.HardSwish());

    /// <summary>The piecewise linear stand-in for <see cref="Sigmoid"/>.</summary>
    public static Layer HardSigmoid => Noted("HardSigmoid", x => x.HardSigmoid());

    /// <summary>x above 0, else <paramref name="slope"/> times x.</summary>
    public static Layer LeakyRelu(float slope = 0.01f) => Noted($"LeakyReLU({slope})", x => x.LeakyRelu(slope));

    /// <summary>x above 0, else <paramref name="alpha"/> times <c>e^x − 1</c>.</summary>
    public static Layer Elu(float alpha = 1) => Noted($"ELU({alpha})", x => x.Elu(alpha));

    /// <summary>Positive numbers that add up to 1 along an axis.</summary>
    public static Layer Softmax(int axis = -1) => new Lambda($"Softmax({axis})", x => x.Softmax(axis));

    private static Lambda Noted(string name, Func<Tensor, Tensor> function) => new(name, function, givesFeatures: true);
}

/// <summary>Pooling as layers without parameters, to stand in a <see cref="Sequential"/>. The operations of the same names say more.</summary>
public static class Pool
{
    /// <summary>(N, C, *) → (N, C): the mean of every channel.</summary>
    public static Layer GlobalAverage => new Lambda("GlobalAveragePool", x => x.GlobalAveragePool());

    /// <summary>The largest number of each window along one axis.</summary>
    public static Layer Max1d(PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) =>
        new Lambda($"MaxPool1d({kernel})", x => x.MaxPool1d(kernel, stride, padding, dilation, ceilMode));

    /// <summary>The largest number of each window along two axes.</summary>
    public static Layer Max2d(PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) =>
        new Lambda($"MaxPool2d({kernel})", x => x.MaxPool2d(kernel, stride, padding, dilation, ceilMode));

    /// <summary>The largest number of each window along three axes.</summary>
    public static Layer Max3d(PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) =>
        new Lambda($"MaxPool3d({kernel})", x => x.MaxPool3d(kernel, stride, padding, dilation, ceilMode));

    /// <summary>The mean of each window along one axis.</summary>
    public static Layer Average1d(PerAxis kernel, PerAxis stride = default, PerAxis padding = default) =>
        new Lambda($"AveragePool1d({kernel})", x => x.AveragePool1d(kernel, stride, padding));

    /// <summary>The mean of each window along two axes.</summary>
    public static Layer Average2d(PerAxis kernel, PerAxis stride = default, PerAxis padding = default) =>
        new Lambda($"AveragePool2d({kernel})", x => x.AveragePool2d(kernel, stride, padding));

    /// <summary>The mean of each window along three axes.</summary>
    public static Layer Average3d(PerAxis kernel, PerAxis stride = default, PerAxis padding = default) =>
        new Lambda($"AveragePool3d({kernel})", x => x.AveragePool3d(kernel, stride, padding));

    /// <summary>The mean of windows along two axes, as many as give an output of the size asked for.</summary>
    public static Layer AdaptiveAverage2d(PerAxis output) => new Lambda($"AdaptiveAveragePool2d({output})", x => x.AdaptiveAveragePool2d(output));

    /// <summary>The largest number of windows along two axes, as many as give an output of the size asked for.</summary>
    public static Layer AdaptiveMax2d(PerAxis output) => new Lambda($"AdaptiveMaxPool2d({output})", x => x.AdaptiveMaxPool2d(output));
}
