using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Convolution along one axis: <c>y[n, o, i] = b[o] + Σ w[o, c, k] · x[n, c, i · stride + k · dilation − padding]</c>, x being 0 outside.</summary>
    /// <param name="x">(N, In, L).</param>
    /// <param name="weight">w, (Out, In / groups, K).</param>
    /// <param name="bias">b, (Out), or null for none.</param>
    /// <param name="stride">1 if not given.</param>
    /// <param name="padding">Zeros on either side; 0 if not given.</param>
    /// <param name="dilation">From one tap to the next; 1 if not given.</param>
    /// <param name="groups">Into how many separate convolutions the channels are cut, in order.</param>
    /// <returns>(N, Out, ⌊(L + 2 padding − dilation (K − 1) − 1) / stride⌋ + 1).</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    /// <remarks>As PyTorch's conv1d: a cross-correlation, the kernel is not flipped.</remarks>
    public static Tensor Conv1d(this Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default,
        PerAxis dilation = default, int groups = 1) => Convolve("Conv1d", 1, x, weight, bias, stride, padding, dilation, groups);

    /// <summary>Convolution along two axes, as <see cref="Conv1d"/> is along one.</summary>
    /// <param name="x">(N, In, H, W).</param>
    /// <param name="weight">(Out, In / groups, KH, KW).</param>
    /// <param name="bias">(Out), or null for none.</param>
    /// <param name="stride">1 if not given.</param>
    /// <param name="padding">Zeros on every side; 0 if not given.</param>
    /// <param name="dilation">From one tap to the next; 1 if not given.</param>
    /// <param name="groups">Into how many separate convolutions the channels are cut, in order.</param>
    /// <returns>(N, Out, H', W'), each size as for <see cref="Conv1d"/>.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    public static Tensor Conv2d(this Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default,
        PerAxis dilation = default, int groups = 1) => Convolve("Conv2d", 2, x, weight, bias, stride, padding, dilation, groups);

    /// <summary>Convolution along three axes, as <see cref="Conv1d"/> is along one.</summary>
    /// <param name="x">(N, In, D, H, W).</param>
    /// <param name="weight">(Out, In / groups, KD, KH, KW).</param>
    /// <param name="bias">(Out), or null for none.</param>
    /// <param name="stride">1 if not given.</param>
    /// <param name="padding">Zeros on every side; 0 if not given.</param>
    /// <param name="dilation">From one tap to the next; 1 if not given.</param>
    /// <param name="groups">Into how many separate convolutions the channels are cut, in order.</param>
    /// <returns>(N, Out, D', H', W'), each size as for <see cref="Conv1d"/>.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    public static Tensor Conv3d(this Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default,
        PerAxis dilation = default, int groups = 1) => Convolve("Conv3d", 3, x, weight, bias, stride, padding, dilation, groups);

    private static Tensor Convolve(string name, int rank, Tensor x, Tensor weight, Tensor? bias, PerAxis stride, PerAxis padding, PerAxis dilation, int groups)
    {
        RequireConvolution(name, rank, x, weight, groups);
        (int outputs, int inputs) = (weight.Shape[0], weight.Shape[1] * groups);
        ShapeException.Require(outputs % groups == 0, $"{name}: weight {weight.Shape}: {outputs} output channels do not divide into {groups} groups");
        ShapeException.Require(x.Shape[1] == inputs,
            $"{name}: x {x.Shape} with weight {weight.Shape} and {groups} groups: x has {x.Shape[1]} channels, needs {inputs}");
        RequireBias(name, weight, bias, outputs);

        Triple s = stride.Resolve(rank, 1, 1, 1, name, "stride"), p = padding.Resolve(rank, 0, 0, 0, name, "padding");
        Triple d = dilation.Resolve(rank, 1, 1, 1, name, "dilation");
        Triple input = ConvolutionOps.Sizes(x.Shape, rank), kernel = ConvolutionOps.Sizes(weight.Shape, rank);
        Triple output = new(Outputs(input.D, kernel.D, s.D, p.D, d.D), Outputs(input.H, kernel.H, s.H, p.H, d.H), Outputs(input.W, kernel.W, s.W, p.W, d.W));
        ShapeException.Require(Math.Min(output.D, Math.Min(output.H, output.W)) > 0,
            $"{name}: x {x.Shape} with padding {padding} is smaller than the weight {weight.Shape} with dilation {dilation}");
        ConvGeometry geometry = new(x.Shape[0], groups, inputs, outputs, input, output, kernel, s, p, d);
        return ConvolutionOps.Output(name, geometry, x, weight, bias, ConvolutionOps.ShapeOf(x.Shape[0], outputs, output, rank));
    }

    /// <summary>How many places along an axis a kernel finds room for.</summary>
    internal static int Outputs(int input, int kernel, int stride, int padding, int dilation) =>
        input + 2 * padding - dilation * (kernel - 1) - 1 is >= 0 and int last ? last / stride + 1 : 0;

    private static void RequireConvolution(string name, int rank, Tensor x, Tensor weight, int groups)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        ShapeException.Require(x.Rank == rank + 2, $"{name}: x must be (batch, channels, {rank} sizes), got {x.Shape}");
        ShapeException.Require(weight.Rank == rank + 2, $"{name}: the weight must be (channels, channels, {rank} sizes), got {weight.Shape}");
        ShapeException.Require(groups > 0, $"{name}: {groups} groups; there must be at least 1");
        ShapeException.Require(weight.Shape.Count(2..) > 0, $"{name}: the weight {weight.Shape} has an axis of size 0");
    }

    private static void RequireBias(string name, Tensor weight, Tensor? bias, int outputs) => ShapeException.Require(
        bias is null || (bias.Rank == 1 && bias.Length == outputs), $"{name}: weight {weight.Shape} needs a bias of ({outputs}), got {bias?.Shape}");
}
