namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Channels become pixels: (..., C · r², H, W) to (..., C, H · r, W · r).</summary>
    /// <param name="x">At least three axes.</param>
    /// <param name="factor">The growth of each side, r.</param>
    /// <exception cref="ShapeException">x has fewer than three axes, or its channels are no multiple of r².</exception>
    /// <remarks><c>y[c, h · r + i, w · r + j] = x[c · r² + i · r + j, h, w]</c>. Source: Shi et al. 2016, arXiv:1609.05158.</remarks>
    public static Tensor PixelShuffle(this Tensor x, int factor)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        ShapeException.Require(x.Rank >= 3 && x.Shape[^3] % (factor * factor) == 0,
            $"PixelShuffle: {x.Shape} by {factor}: needs (..., channels, height, width) with channels a multiple of {factor * factor}");
        int channels = x.Shape[^3] / (factor * factor), height = x.Shape[^2], width = x.Shape[^1], outer = x.Shape.Count(..^3);
        return x.Reshape(Shape.Create([outer, channels, factor, factor, height, width]))
            .Permute(0, 1, 4, 2, 5, 3)
            .Reshape(Shape.Create([.. x.Shape.Sizes[..^3], channels, height * factor, width * factor]));
    }

    /// <summary>Pixels become channels: (..., C, H · r, W · r) to (..., C · r², H, W); the opposite of <see cref="PixelShuffle"/>.</summary>
    /// <param name="x">At least three axes.</param>
    /// <param name="factor">The shrinking of each side, r.</param>
    /// <exception cref="ShapeException">x has fewer than three axes, or a side is no multiple of r.</exception>
    public static Tensor PixelUnshuffle(this Tensor x, int factor)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        ShapeException.Require(x.Rank >= 3 && x.Shape[^2] % factor == 0 && x.Shape[^1] % factor == 0,
            $"PixelUnshuffle: {x.Shape} by {factor}: needs (..., channels, height, width) with both sides multiples of {factor}");
        int channels = x.Shape[^3], height = x.Shape[^2] / factor, width = x.Shape[^1] / factor, outer = x.Shape.Count(..^3);
        return x.Reshape(Shape.Create([outer, channels, height, factor, width, factor]))
            .Permute(0, 1, 3, 5, 2, 4)
            .Reshape(Shape.Create([.. x.Shape.Sizes[..^3], channels * factor * factor, height, width]));
    }
}
