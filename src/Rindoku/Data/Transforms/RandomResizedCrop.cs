using System.Buffers;

namespace Rindoku.Data;

/// <summary>Cuts a window of random area and proportions out of an image, at a random place, and resizes it.</summary>
/// <remarks>
/// <para>The area is drawn evenly between <c>s</c> and 1 as a part of the image's, the proportions (width by height) evenly on a logarithmic
/// scale between <c>1/r</c> and <c>r</c>. A window that does not fit is drawn again, up to ten times; then the whole image is taken.</para>
/// <para>Edges need not fall on pixels. With <c>s = 1</c> and <c>r = 1</c> an image that keeps its size keeps its bits.
/// Source: Szegedy et al. 2014, arXiv:1409.4842, section 6; the defaults are torchvision's.</para>
/// </remarks>
public sealed class RandomResizedCrop : Transform
{
    private const int Draws = 10;

    private readonly int height, width;
    private readonly double leastArea, logRatio;

    /// <summary>Images of the given size.</summary>
    /// <param name="height">Rows of the result; at least 1.</param>
    /// <param name="width">Columns of the result; at least 1.</param>
    /// <param name="leastArea">s: the smallest area of a window as a part of the image's, above 0, up to 1.</param>
    /// <param name="ratio">r: the greatest width by height of a window that has them turned about as often; 1 keeps the image's proportions.</param>
    public RandomResizedCrop(int height, int width, double leastArea = 0.08, double ratio = 4.0 / 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (!(leastArea is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(leastArea), leastArea, "RandomResizedCrop: the least area must lie above 0 and up to 1");
        if (!(ratio is >= 1 and < double.PositiveInfinity)) throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "RandomResizedCrop: the ratio must be 1 or more");
        (this.height, this.width, this.leastArea, logRatio) = (height, width, leastArea, Math.Log(ratio));
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        ShapeException.Require(input.Height > 0 && input.Width > 0, $"RandomResizedCrop: an image of {input} has no pixels");
        return input with { Height = height, Width = width };
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        (double top, double left, double rows, double columns) = Window(size, rng);
        // First along the rows into (C, H, width), then along the columns.
        float[] rented = ArrayPool<float>.Shared.Rent(size.Channels * size.Height * width);
        for (int row = 0; row < size.Channels * size.Height; row++)
            Resampling.Line(source[(row * size.Width)..], size.Width, 1, left, columns, rented.AsSpan(row * width), width, 1);
        for (int channel = 0; channel < size.Channels; channel++)
        {
            for (int x = 0; x < width; x++)
                Resampling.Line(rented.AsSpan(channel * size.Height * width + x), size.Height, width, top, rows, destination[(channel * height * width + x)..], height, width);
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private (double Top, double Left, double Rows, double Columns) Window(ImageSize size, Rng rng)
    {
        for (int draw = 0; draw < Draws; draw++)
        {
            double side = Math.Sqrt(leastArea + (1 - leastArea) * rng.NextDouble()), stretch = Math.Exp((rng.NextDouble() - 0.5) * logRatio);
            double rows = side / stretch, columns = side * stretch;
            if (rows > 1 || columns > 1) continue;
            return ((1 - rows) * rng.NextDouble() * size.Height, (1 - columns) * rng.NextDouble() * size.Width, rows * size.Height, columns * size.Width);
        }
        return (0, 0, size.Height, size.Width);
    }
}
