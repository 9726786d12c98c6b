using System.Runtime.InteropServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>A tensor of signs, −1 and +1, at one bit each: what networks of binary weights and activations compute with when they are used.</summary>
/// <remarks>
/// <para>Signs of the channels, the second axis, lie together in words of 64 bits, one group of words for each place: (N, C, *) is stored as
/// (N, *, ⌈C / 64⌉). There are no gradients here; <see cref="TensorOps.BinarySign(Tensor)"/> is for training.</para>
/// <para>The words lie in a tensor's memory, so that they come from the step's pool (see <see cref="MemoryScope"/>).</para>
/// <para>Source: Courbariaux et al. 2016, arXiv:1602.02830, §4; Rastegari et al. 2016, arXiv:1603.05279, §3.3.</para>
/// </remarks>
public sealed class SignTensor
{
    private readonly Tensor memory;

    private SignTensor(Shape shape)
    {
        Shape = shape;
        memory = Tensor.Uninitialized([Places * WordsOfAPlace * 2]);
    }

    /// <summary>The shape that the signs have as numbers, (N, C, *).</summary>
    public Shape Shape { get; }

    /// <summary>How many signs there are.</summary>
    public int Length => Shape.Length;

    /// <summary>The memory that they take.</summary>
    public long Bytes => 8L * Words.Length;

    internal ReadOnlySpan<ulong> Words => MemoryMarshal.Cast<float, ulong>(memory.Span);

    private int Channels => Shape[1];

    private int Places => Shape[0] * Shape.Count(2..);

    private int WordsOfAPlace => SignPacking.Words(Channels);

    private Span<ulong> Writable => MemoryMarshal.Cast<float, ulong>(memory.Writable);

    /// <summary>The signs of numbers: +1 where <c>x ≥ 0</c>, else −1 (for NaN too).</summary>
    /// <param name="x">(N, C, *).</param>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static SignTensor Pack(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2, $"SignTensor.Pack: x must be (N, C, *), got {x.Shape}");
        SignTensor signs = new(x.Shape);
        SignPacking.PackPlanes(x.Span, signs.Channels, x.Shape.Count(2..), signs.Writable);
        return signs;
    }

    /// <summary>The signs that thresholds make of numbers whose channels are innermost.</summary>
    /// <param name="x">(N, C) or (N, *, C), as <see cref="Conv2d"/> gives it.</param>
    /// <param name="thresholds">One for each channel.</param>
    /// <returns>(N, C, *).</returns>
    /// <exception cref="ShapeException">There is not one threshold for each channel.</exception>
    public static SignTensor PackChannelsLast(Tensor x, SignThresholds thresholds)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(thresholds);
        ShapeException.Require(x.Rank >= 2 && x.Shape[^1] == thresholds.Channels,
            $"SignTensor.PackChannelsLast: x {x.Shape} with thresholds of {thresholds.Channels} channels; needed is (N, *, {thresholds.Channels})");
        SignTensor signs = new(x.Shape.Without(-1).Insert(1, thresholds.Channels));
        SignPacking.Pack(x.Span, thresholds.Channels, thresholds.Directions, thresholds.Bounds, signs.Writable);
        return signs;
    }

    /// <summary>The eight bits of each number of a batch, as signs; with them <c>256 x = Σₙ 2ⁿ signₙ</c>.</summary>
    /// <param name="x">(N, C): numbers <c>(2 b − 255) / 256</c> for bytes b from 0 to 255.</param>
    /// <returns>(8 N, C): for each example its lowest bits, then the next.</returns>
    /// <exception cref="ShapeException">x has not two axes.</exception>
    /// <exception cref="ArgumentException">A number is not one of the 256.</exception>
    public static SignTensor PackBytes(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 2, $"SignTensor.PackBytes: x must be (N, C), got {x.Shape}");
        foreach (float v in x.Span)
            if (!(Math.Abs(v) <= 255f / 256) || v * 256 != (int)(v * 256) || ((int)(v * 256) & 1) == 0)
                throw new ArgumentException($"SignTensor.PackBytes: {v} is not (2 b - 255) / 256 for a byte b", nameof(x));
        SignTensor signs = new([8 * x.Shape[0], x.Shape[1]]);
        SignPacking.PackBytes(x.Span, signs.Channels, signs.Writable);
        return signs;
    }

    /// <summary>The signs as numbers, in the shape that they were packed from.</summary>
    public Tensor Unpack()
    {
        Tensor y = Tensor.Uninitialized(Shape);
        SignPacking.UnpackPlanes(Words, Channels, Shape.Count(2..), y.Writable);
        return y;
    }

    /// <summary>Products of rows of signs, whole numbers: <c>y = x · Wᵀ</c>, by XNOR and a count of bits.</summary>
    /// <param name="weights">W, from (Out, C).</param>
    /// <returns>(N, Out).</returns>
    /// <exception cref="ShapeException">The inner sizes differ, or one of the two is not a matrix.</exception>
    public Tensor Linear(SignWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ShapeException.Require(Shape.Rank == 2 && weights.Shape.Rank == 2 && Channels == weights.Shape[1],
            $"SignTensor.Linear: signs {Shape} with weights {weights.Shape}; needed are (N, In) and (Out, In)");
        Tensor y = Tensor.Uninitialized([Shape[0], weights.Shape[0]]);
        Triple one = new(1, 1, 1);
        SignConvolution.Forward(new(Shape[0], 1, Channels, weights.Shape[0], one, one, one, one, default, one), Words, weights.Filters, y.Writable);
        return y;
    }

    /// <summary>Convolution of signs with signs, whole numbers; outside of the image is nothing, neither −1 nor +1.</summary>
    /// <param name="weights">From (Out, C, KH, KW).</param>
    /// <param name="stride">1 if not given.</param>
    /// <param name="padding">Places of nothing on every side; 0 if not given.</param>
    /// <returns>(N, H', W', Out): the channels are innermost.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    public Tensor Conv2d(SignWeights weights, PerAxis stride = default, PerAxis padding = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ShapeException.Require(Shape.Rank == 4 && weights.Shape.Rank == 4 && Channels == weights.Shape[1],
            $"SignTensor.Conv2d: signs {Shape} with weights {weights.Shape}; needed are (N, C, H, W) and (Out, C, KH, KW)");
        Triple s = stride.Resolve(2, 1, 1, 1, "SignTensor.Conv2d", "stride"), p = padding.Resolve(2, 0, 0, 0, "SignTensor.Conv2d", "padding");
        Triple one = new(1, 1, 1), input = new(1, Shape[2], Shape[3]), kernel = new(1, weights.Shape[2], weights.Shape[3]);
        Triple output = new(1, TensorOps.Outputs(input.H, kernel.H, s.H, p.H, 1), TensorOps.Outputs(input.W, kernel.W, s.W, p.W, 1));
        ShapeException.Require(output.Product > 0, $"SignTensor.Conv2d: signs {Shape} with padding {padding} are smaller than the weights {weights.Shape}");
        Tensor y = Tensor.Uninitialized([Shape[0], output.H, output.W, weights.Shape[0]]);
        SignConvolution.Forward(new(Shape[0], 1, Channels, weights.Shape[0], input, output, kernel, s, p, one), Words, weights.Filters, y.Writable);
        return y;
    }
}

/// <summary>Weights of signs at one bit each, in the order in which the kernels read them.</summary>
public sealed class SignWeights
{
    /// <summary>Packs the signs of weights: +1 where <c>w ≥ 0</c>, else −1.</summary>
    /// <param name="weight">(Out, In) or (Out, In, KH, KW).</param>
    /// <exception cref="ShapeException">The weight has neither two nor four axes.</exception>
    public SignWeights(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ShapeException.Require(weight.Rank is 2 or 4 && weight.Length > 0, $"SignWeights: needs (Out, In) or (Out, In, KH, KW), got {weight.Shape}");
        Shape = weight.Shape;
        Filters = new SignFilters(weight.Span, Shape[0], Shape[1], Shape.Count(2..));
    }

    /// <summary>The shape that the weights have as numbers.</summary>
    public Shape Shape { get; }

    /// <summary>The memory that the bits take, those that fill up words and panels of eight included.</summary>
    public long Bytes => Filters.Panels.Bytes;

    internal SignFilters Filters { get; }
}
