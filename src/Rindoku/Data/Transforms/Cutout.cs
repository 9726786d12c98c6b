namespace Rindoku.Data;

/// <summary>Blanks a square whose centre is drawn evenly over the image; the square may reach over the edges.</summary>
/// <remarks>Source: DeVries and Taylor 2017, arXiv:1708.04552, section 3.2. Use it after <see cref="Normalise"/>, so that 0 is the mean.</remarks>
public sealed class Cutout : Transform
{
    private readonly int side;
    private readonly float fill;

    /// <summary>A square of the given side, at least 1.</summary>
    /// <param name="side">Rows and columns of the square.</param>
    /// <param name="fill">The value of blank pixels.</param>
    public Cutout(int side, float fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side);
        (this.side, this.fill) = (side, fill);
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        source.CopyTo(destination);
        Box box = Box.Around(rng.NextInt(size.Height), rng.NextInt(size.Width), side, side, size);
        for (int channel = 0; channel < size.Channels; channel++)
        {
            for (int y = box.Top; y < box.Bottom; y++)
                destination.Slice(channel * size.Plane + y * size.Width + box.Left, box.Width).Fill(fill);
        }
    }
}

/// <summary>A rectangle of pixels; bottom and right are the first ones outside.</summary>
internal readonly record struct Box(int Top, int Left, int Bottom, int Right)
{
    public int Width => Right - Left;

    public int Area => (Bottom - Top) * Width;

    /// <summary>The part of a rectangle about a centre that lies in the image.</summary>
    public static Box Around(int y, int x, int height, int width, ImageSize size)
    {
        int top = y - height / 2, left = x - width / 2;
        return new Box(Math.Max(top, 0), Math.Max(left, 0), Math.Min(top + height, size.Height), Math.Min(left + width, size.Width));
    }
}
