using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Transposed convolution along one axis: adds <c>w[c, o, k] · x[n, c, i]</c> to <c>y[n, o, i · stride + k · dilation − padding]</c>.</summary>
    /// <param name="x">(N, In, L).</param>
    /// <param name="weight">w, (In, Out / groups, K).</param>
    /// <param name="bias">(Out), or null for none.</param>
    /// <param name="stride">1 if not given.</param>
    /// <param name="padding">Results cut off at either side; 0 if not given.</param>
    /// <param name="outputPadding">Results added at the end, less than the stride or the dilation; 0 if not given.</param>
    /// <param name="dilation">From one tap to the next; 1 if not given.</param>
    /// <param name="groups">Into how many separate operations the channels are cut, in order.</param>
    /// <returns>(N, Out, (L − 1) stride − 2 padding + dilation (K − 1) + outputPadding + 1).</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    /// <remarks>As PyTorch's conv_transpose1d; it is the input gradient of <see cref="Conv1d"/> with the same settings.</remarks>
    public static Tensor ConvTranspose1d(this Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default,
        PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1) =>
        ConvolveTransposed("ConvTranspose1d", 1, x, weight, bias, stride, padding, outputPadding, dilation, groups);

    /// <summary>Transposed convolution along two axes, as <see cref="ConvTranspose1d"/> is along one.</summary>
    /// <param name="x">(N, In, H, W).</param>
    /// <param name="weight">(In, Out / groups, KH, KW).</param>
    /// <param name="bias">(Out), or null for none.</param>
    /// <param name="stride">1 if not given.</param>
    /// <param name="padding">Results cut off at every side; 0 if not given.</param>
    /// <param name="outputPadding">Results added at the end of each axis; 0 if not given.</param>
    /// <param name="dilation">From one tap to the next; 1 if not given.</param>
    /// <param name="groups">Into how many separate operations the channels are cut, in order.</param>
    /// <returns>(N, Out, H', W'), each size as for <see cref="ConvTranspose1d"/>.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    public static Tensor ConvTranspose2d(this Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default,
        PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1) =>
        ConvolveTransposed("ConvTranspose2d", 2, x, weight, bias, stride, padding, outputPadding, dilation, groups);

    /// <summary>Transposed convolution along three axes, as <see cref="ConvTranspose1d"/> is along one.</summary>
    /// <param name="x">(N, In, D, H, W).</param>
    /// <param name="weight">(In, Out / groups, KD, KH, KW).</param>
    /// <param name="bias">(Out), or null for none.</param>
    /// <param name="stride">1 if not given.</param>
    /// <param name="padding">Results cut off at every side; 0 if not given.</param>
    /// <param name="outputPadding">Results added at the end of each axis; 0 if not given.</param>
    /// <param name="dilation">From one tap to the next; 1 if not given.</param>
    /// <param name="groups">Into how many separate operations the channels are cut, in order.</param>
    /// <returns>(N, Out, D', H', W'), each size as for <see cref="ConvTranspose1d"/>.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    public static Tensor ConvTranspose3d(this Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default,
        PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1) =>
        ConvolveTransposed("ConvTranspose3d", 3, x, weight, bias, stride, padding, outputPadding, dilation, groups);

    private static Tensor ConvolveTransposed(string name, int rank, Tensor x, Tensor weight, Tensor? bias, PerAxis stride, PerAxis padding,
        PerAxis outputPadding, PerAxis dilation, int groups)
    {
        RequireConvolution(name, rank, x, weight, groups);
        (int inputs, int outputs) = (weight.Shape[0], weight.Shape[1] * groups);
        ShapeException.Require(x.Shape[1] == inputs, $"{name}: x {x.Shape} with weight {weight.Shape}: x has {x.Shape[1]} channels, needs {inputs}");
        ShapeException.Require(inputs % groups == 0, $"{name}: weight {weight.Shape}: {inputs} input channels do not divide into {groups} groups");
        RequireBias(name, weight, bias, outputs);

        Triple s = stride.Resolve(rank, 1, 1, 1, name, "stride"), p = padding.Resolve(rank, 0, 0, 0, name, "padding");
        Triple d = dilation.Resolve(rank, 1, 1, 1, name, "dilation"), extra = outputPadding.Resolve(rank, 0, 0, 0, name, "outputPadding");
        ShapeException.Require(extra.D < Math.Max(s.D, d.D) && extra.H < Math.Max(s.H, d.H) && extra.W < Math.Max(s.W, d.W),
            $"{name}: outputPadding {outputPadding} must be less than stride {stride} or dilation {dilation}");
        Triple input = ConvolutionOps.Sizes(x.Shape, rank), kernel = ConvolutionOps.Sizes(weight.Shape, rank);
        Triple output = new(Outputs(input.D, kernel.D, s.D, p.D, d.D, extra.D), Outputs(input.H, kernel.H, s.H, p.H, d.H, extra.H),
            Outputs(input.W, kernel.W, s.W, p.W, d.W, extra.W));
        ShapeException.Require(input.Product > 0 && Math.Min(output.D, Math.Min(output.H, output.W)) > 0,
            $"{name}: x {x.Shape} with weight {weight.Shape} and padding {padding} leaves no results");
        ConvGeometry geometry = new(x.Shape[0], groups, outputs, inputs, output, input, kernel, s, p, d);
        return ConvolutionOps.InputGradient(name, geometry, x, weight, bias, ConvolutionOps.ShapeOf(x.Shape[0], outputs, output, rank));

        static int Outputs(int i, int k, int s, int p, int d, int extra) => (i - 1) * s - 2 * p + d * (k - 1) + extra + 1;
    }
}
