namespace Rindoku.Data;

/// <summary>The shape of an image held plane by plane, (C, H, W).</summary>
/// <param name="Channels">Planes, C.</param>
/// <param name="Height">Rows, H.</param>
/// <param name="Width">Columns, W.</param>
public readonly record struct ImageSize(int Channels, int Height, int Width)
{
    /// <summary>How many numbers the image has.</summary>
    public int Length => checked(Channels * Height * Width);

    /// <summary>How many numbers one plane has.</summary>
    public int Plane => checked(Height * Width);

    /// <summary>The same as a tensor's shape.</summary>
    public Shape Shape => [Channels, Height, Width];

    /// <summary>The size of an image of the given shape.</summary>
    /// <exception cref="ShapeException">The shape has not three axes.</exception>
    public static ImageSize Of(Shape shape)
    {
        ShapeException.Require(shape.Rank == 3, $"ImageSize: an image has the shape (C, H, W), this is {shape}");
        return new ImageSize(shape[0], shape[1], shape[2]);
    }

    /// <summary>The sizes in round brackets.</summary>
    public override string ToString() => Shape.ToString();
}
