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
            Line(source[(row * size.Width)..], size.Width, 1, rented.AsSpan(row * width), width, 1);
        for (int channel = 0; channel < size.Channels; channel++)
        {
            for (int x = 0; x < width; x++)
                Line(rented.AsSpan(channel * size.Height * width + x), size.Height, width, destination[(channel * height * width + x)..], height, width);
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private void Line(ReadOnlySpan<float> source, int inputs, int inputStep, Span<float> destination, int outputs, int outputStep)
    {
        double scale = (double)inputs / outputs, reach = antialias ? Math.Max(scale, 1) : 1;
        for (int o = 0; o < outputs; o++)
        {
            double centre = (o + 0.5) * scale;
            int from = Math.Max(0, (int)Math.Floor(centre - reach + 0.5)), to = Math.Min(inputs, (int)Math.Floor(centre + reach + 0.5));
            double sum = 0, weights = 0;
            for (int i = from; i < to; i++)
            {
                double weight = Math.Max(0, 1 - Math.Abs(i + 0.5 - centre) / reach);
                sum += weight * source[i * inputStep];
                weights += weight;
            }
            destination[o * outputStep] = (float)(sum / weights);
        }
    }
}
