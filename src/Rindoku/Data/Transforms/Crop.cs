namespace Rindoku.Data;

/// <summary>Cuts a window out of an image that is first padded on all sides, at a place chosen at random.</summary>
/// <remarks>
/// The usual change for CIFAR: <c>new RandomCrop(32, 32, padding: 4)</c>, a shift by up to 4 pixels with zeros coming in.
/// Source: He et al. 2016, "Deep residual learning for image recognition", section 4.2, after Lee et al. 2015.
/// </remarks>
public sealed class RandomCrop : Transform
{
    private readonly int height, width, padding;
    private readonly float fill;

    /// <summary>Windows of the given size.</summary>
    /// <param name="height">Rows of the window; at least 1.</param>
    /// <param name="width">Columns of the window; at least 1.</param>
    /// <param name="padding">Pixels added on every side before cutting; 0 or more.</param>
    /// <param name="fill">The value of added pixels.</param>
    public RandomCrop(int height, int width, int padding = 0, float fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        (this.height, this.width, this.padding, this.fill) = (height, width, padding, fill);
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        ShapeException.Require(height <= input.Height + 2 * padding && width <= input.Width + 2 * padding,
            $"RandomCrop: a window of {height} x {width} does not fit in {input} with padding {padding}");
        return input with { Height = height, Width = width };
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        int top = rng.NextInt(size.Height + 2 * padding - height + 1) - padding;
        int left = rng.NextInt(size.Width + 2 * padding - width + 1) - padding;
        Window.Copy(source, size, top, left, destination, Output(size), fill);
    }
}

/// <summary>Cuts the window in the middle of an image; an odd pixel stays on the bottom and right.</summary>
public sealed class CentreCrop : Transform
{
    private readonly int height, width;

    /// <summary>Windows of the given size, each at least 1.</summary>
    public CentreCrop(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (this.height, this.width) = (height, width);
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        ShapeException.Require(height <= input.Height && width <= input.Width, $"CentreCrop: a window of {height} x {width} does not fit in {input}");
        return input with { Height = height, Width = width };
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng) =>
        Window.Copy(source, size, (size.Height - height) / 2, (size.Width - width) / 2, destination, Output(size), 0);
}

/// <summary>Copies a window of an image, which may reach over its edges.</summary>
internal static class Window
{
    public static void Copy(ReadOnlySpan<float> source, ImageSize size, int top, int left, Span<float> destination, ImageSize window, float fill)
    {
        int before = Math.Clamp(-left, 0, window.Width), end = Math.Clamp(size.Width - left, before, window.Width);
        for (int channel = 0; channel < size.Channels; channel++)
        {
            for (int y = 0; y < window.Height; y++)
            {
                Span<float> row = destination.Slice((channel * window.Height + y) * window.Width, window.Width);
                int from = top + y;
                if ((uint)from >= (uint)size.Height || end == before)
                {
                    row.Fill(fill);
                    continue;
                }
                row[..before].Fill(fill);
                source.Slice((channel * size.Height + from) * size.Width + left + before, end - before).CopyTo(row[before..]);
                row[end..].Fill(fill);
            }
        }
    }
}
