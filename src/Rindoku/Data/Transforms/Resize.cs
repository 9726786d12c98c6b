using System.Buffers;

namespace Rindoku.Data;

/// <summary>Resizes an image bilinearly, pixel centres lying at the half (PyTorch's <c>align_corners=False</c>).</summary>
/// <remarks>
/// Each output pixel is the mean of the input pixels around the same place, weighted by a triangle. When an image gets smaller
/// the triangle is as much wider, so that no pixel is skipped (anti-aliasing, as in Pillow); without it, fine patterns alias.
/// </remarks>
public sealed class Resize : Transform
{
    private readonly int height, width;
    private readonly bool antialias;

    /// <summary>Images of the given size.</summary>
    /// <param name="height">Rows of the result; at least 1.</param>
    /// <param name="width">Columns of the result; at least 1.</param>
    /// <param name="antialias">Whether the triangle widens when an image gets smaller.</param>
    public Resize(int height, int width, bool antialias = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (this.height, this.width, this.antialias) = (height, width, antialias);
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        ShapeException.Require(input.Height > 0 && input.Width > 0, $"Resize: an image of {input} has no pixels");
        return input with { Height = height, Width = width };
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        // First along the rows into (C, H, width), then along the columns.
        float[] rented = ArrayPool<float>.Shared.Rent(size.Channels * size.Height * width);
        for (int row = 0; row < size.Channels * size.Height; row++)
            Resampling.Line(source[(row * size.Width)..], size.Width, 1, 0, size.Width, rented.AsSpan(row * width), width, 1, antialias);
        for (int channel = 0; channel < size.Channels; channel++)
        {
            for (int x = 0; x < width; x++)
                Resampling.Line(rented.AsSpan(channel * size.Height * width + x), size.Height, width, 0, size.Height,
                    destination[(channel * height * width + x)..], height, width, antialias);
        }
        ArrayPool<float>.Shared.Return(rented);
    }
}
