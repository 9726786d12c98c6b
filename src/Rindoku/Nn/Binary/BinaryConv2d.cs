using Rindoku.Ops;

namespace Rindoku.Nn.Binary;

/// <summary>Convolution along two axes whose weights are signs: <c>y = sign(W) * x + b</c>, or <c>α (sign(W) * x) + b</c> where it is scaled.</summary>
/// <remarks>
/// <para>Shapes: x <c>(N, In, H, W)</c>, W <c>(Out, In, K, K)</c>, b <c>(Out)</c> → y <c>(N, Out, H', W')</c>. Start: W from U(−1, 1), b = 0. See
/// <see cref="BinaryLayer"/> for the gradient.</para>
/// <para>Sums of signs are whole numbers, but fast convolutions (Winograd's) miss them by a few millionths: where the input is told to be of signs,
/// the sums are rounded to what they are, which is what <see cref="SignTensor.Conv2d"/> gives. Padding is zeros: a third value at the borders.</para>
/// </remarks>
public sealed class BinaryConv2d : BinaryLayer
{
    /// <summary>A layer with a square kernel and random start values.</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="kernel">Height and width of the kernel.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="stride">From one output to the next; 1 if not given.</param>
    /// <param name="padding">Zeros on every side; 0 if not given.</param>
    /// <param name="ofSigns">Whether x is of −1 and +1; false for a first layer, or where weights alone are binary.</param>
    /// <param name="scaled">Whether the signs are scaled by α.</param>
    /// <param name="bias">Whether to add b.</param>
    /// <param name="start">Start values of W; null for U(−1, 1).</param>
    public BinaryConv2d(int inputs, int outputs, int kernel, Rng rng, PerAxis stride = default, PerAxis padding = default, bool ofSigns = true,
        bool scaled = false, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : base([outputs, inputs, kernel, kernel], rng, scaled, bias, start) => (Stride, Padding, OfSigns) = (stride, padding, ofSigns);

    /// <summary>From one output to the next.</summary>
    public PerAxis Stride { get; }

    /// <summary>Zeros on every side.</summary>
    public PerAxis Padding { get; }

    /// <summary>Whether the input is of −1 and +1.</summary>
    public bool OfSigns { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">x is not (N, In, H, W), or smaller than the kernel.</exception>
    public override Tensor Forward(Tensor x, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        (Tensor signs, Tensor? scales) = Binarise(weight);
        Tensor sums = x.Conv2d(signs, null, Stride, Padding);
        if (OfSigns) sums = Tensor.StraightThrough(sums.Detach().Round(), sums);
        Tensor y = Finish(sums, scales, places: 2);
        return LayerTrace.Note(this, x, y, multiplyAdds: (long)y.Length * FanIn);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() =>
        $"BinaryConv2d({Weight.Shape[1]} → {Weight.Shape[0]}, kernel {Weight.Shape[2..]}{(IsScaled ? ", scaled" : "")}{(Bias is null ? ", no bias" : "")})";
}
