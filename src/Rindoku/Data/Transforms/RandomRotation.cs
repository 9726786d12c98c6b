namespace Rindoku.Data;

/// <summary>Turns an image about its centre by an angle drawn evenly from a range, bilinearly.</summary>
public sealed class RandomRotation : Transform
{
    private readonly double degrees;
    private readonly float fill;

    /// <summary>Turns by up to the given angle either way.</summary>
    /// <param name="degrees">The greatest angle; 0 or more.</param>
    /// <param name="fill">The value of what comes in from outside the image.</param>
    public RandomRotation(double degrees, float fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(degrees);
        (this.degrees, this.fill) = (degrees, fill);
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        Warp.Rotate(source, size, destination, (2 * rng.NextDouble() - 1) * degrees, fill);
    }
}

/// <summary>Moves the pixels of an image by an affine map about its centre, bilinearly.</summary>
internal static class Warp
{
    /// <summary>Turns anticlockwise, as seen with row 0 at the top.</summary>
    public static void Rotate(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, double degrees, float fill)
    {
        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        Affine(source, size, destination, (cos, -sin, 0), (sin, cos, 0), fill);
    }

    /// <summary>
    /// <c>destination(x, y) = source(xx x + xy y + x0, yx x + yy y + y0)</c>, with x and y counted from the centre of the image.
    /// </summary>
    public static void Affine(
        ReadOnlySpan<float> source, ImageSize size, Span<float> destination,
        (double X, double Y, double Shift) toX, (double X, double Y, double Shift) toY, float fill)
    {
        double centreX = (size.Width - 1) / 2.0, centreY = (size.Height - 1) / 2.0;
        for (int row = 0; row < size.Height; row++)
        {
            for (int column = 0; column < size.Width; column++)
            {
                double x = column - centreX, y = row - centreY;
                double fromX = Snap(toX.X * x + toX.Y * y + toX.Shift + centreX), fromY = Snap(toY.X * x + toY.Y * y + toY.Shift + centreY);
                for (int channel = 0; channel < size.Channels; channel++)
                {
                    int plane = channel * size.Plane;
                    destination[plane + row * size.Width + column] = Sample(source.Slice(plane, size.Plane), size, fromX, fromY, fill);
                }
            }
        }
    }

    // Rounding of sine and cosine must not blur a turn by 90 degrees.
    private static double Snap(double place) => Math.Abs(place - Math.Round(place)) < 1e-9 ? Math.Round(place) : place;

    private static float Sample(ReadOnlySpan<float> plane, ImageSize size, double x, double y, float fill)
    {
        int left = (int)Math.Floor(x), top = (int)Math.Floor(y);
        double right = x - left, bottom = y - top;
        return (float)((1 - bottom) * ((1 - right) * At(plane, size, left, top, fill) + right * At(plane, size, left + 1, top, fill))
            + bottom * ((1 - right) * At(plane, size, left, top + 1, fill) + right * At(plane, size, left + 1, top + 1, fill)));
    }

    private static float At(ReadOnlySpan<float> plane, ImageSize size, int x, int y, float fill) =>
        (uint)x < (uint)size.Width && (uint)y < (uint)size.Height ? plane[y * size.Width + x] : fill;
}
