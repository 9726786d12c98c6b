using Rindoku.Autograd;
using Rindoku.Data;

namespace Rindoku.Lab.Reports;

/// <summary>A rectangle of the plane.</summary>
/// <param name="Left">The least x.</param>
/// <param name="Right">The greatest x.</param>
/// <param name="Bottom">The least y.</param>
/// <param name="Top">The greatest y.</param>
public readonly record struct PlaneArea(double Left, double Right, double Bottom, double Top)
{
    /// <summary>The middles of the cells of a grid over the rectangle, (rows · columns, 2), row by row from the top.</summary>
    /// <param name="columns">Cells across; the rows are as many as keep the cells square.</param>
    public Tensor Grid(int columns)
    {
        int rows = Rows(columns);
        float[] points = new float[2 * rows * columns];
        for (int r = 0, at = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
            {
                points[at++] = (float)(Left + (c + 0.5) / columns * (Right - Left));
                points[at++] = (float)(Top - (r + 0.5) / rows * (Top - Bottom));
            }
        return Tensor.Own(points, [rows * columns, 2]);
    }

    internal int Rows(int columns) => Math.Max(1, (int)Math.Round(columns * (Top - Bottom) / (Right - Left)));
}

/// <summary>A quantity over a rectangle of the plane - an uncertainty, a density, a decision - with clouds of points over it.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="Y">The vertical axis.</param>
/// <param name="Area">The rectangle.</param>
/// <param name="Values">The quantity, (rows, columns), the first row at the top.</param>
/// <param name="Series">The clouds.</param>
public sealed record PlaneMap(string Title, Axis X, Axis Y, PlaneArea Area, double[,] Values, IReadOnlyList<PointSeries> Series) : Figure(Title)
{
    private const int PointsAtOnce = 4096;

    // From light to dark, so that the clouds, in strong colours, stand out from both.
    private static readonly (double R, double G, double B)[] Shades = [(250, 251, 253), (198, 216, 236), (122, 165, 206), (58, 104, 158), (24, 48, 92)];

    // The colours that reports give the first clouds, see ReportStyle.
    private static readonly (byte R, byte G, byte B)[] Clouds = [(0xd9, 0x73, 0x0d), (0x0f, 0x8f, 0x6b), (0xa4, 0x3b, 0xb8), (0xc2, 0x3b, 0x4b), (0x5b, 0x64, 0x74)];

    /// <summary>What the values are, in words: <c>uncertainty</c>.</summary>
    public string Quantity { get; init; } = "value";

    /// <summary>The value that is lightest; null for the least there is.</summary>
    public double? Low { get; init; }

    /// <summary>The value that is darkest; null for the greatest there is.</summary>
    public double? High { get; init; }

    /// <summary>The values of a function on a grid, computed in parts and without gradients.</summary>
    /// <param name="area">The rectangle.</param>
    /// <param name="function">From points (n, 2) to n values.</param>
    /// <param name="columns">Cells across.</param>
    /// <returns>(rows, columns), the first row at the top.</returns>
    public static double[,] Evaluate(PlaneArea area, Func<Tensor, float[]> function, int columns = 120)
    {
        ArgumentNullException.ThrowIfNull(function);
        using NoGrad noGrad = NoGrad.Enter();
        Tensor points = area.Grid(columns);
        double[,] values = new double[area.Rows(columns), columns];
        int count = points.Shape[0];
        for (int from = 0; from < count; from += PointsAtOnce)
        {
            using MemoryScope scope = MemoryScope.Open();
            int here = Math.Min(PointsAtOnce, count - from);
            float[] part = function(Tensor.From(points.Span.Slice(2 * from, 2 * here), [here, 2]));
            if (part.Length != here) throw new ArgumentException($"PlaneMap.Evaluate: the function gave {part.Length} values for {here} points", nameof(function));
            for (int i = 0; i < here; i++) values[(from + i) / columns, (from + i) % columns] = part[i];
        }
        return values;
    }

    /// <summary>The field as a picture, one pixel a cell.</summary>
    public Image ToImage()
    {
        int rows = Values.GetLength(0), columns = Values.GetLength(1);
        (double low, double high) = Range();
        byte[] pixels = new byte[3 * Math.Max(1, rows * columns)];
        for (int r = 0, at = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                foreach (byte channel in Shade(high > low ? (Values[r, c] - low) / (high - low) : 0)) pixels[at++] = channel;
        return new Image(Math.Max(1, columns), Math.Max(1, rows), 3, pixels);
    }

    /// <summary>The field as a picture with its clouds, each cell a square of pixels: for a file of its own.</summary>
    /// <param name="cell">Pixels along a side of a cell; at least 1.</param>
    public Image ToPicture(int cell = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cell);
        Image field = ToImage();
        int width = field.Width * cell, height = field.Height * cell;
        byte[] pixels = new byte[3 * width * height];
        for (int y = 0, at = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int channel = 0; channel < 3; channel++) pixels[at++] = field[y / cell, x / cell, channel];
        for (int s = 0; s < Series.Count; s++)
            for (int i = 0; i < Math.Min(Series[s].X.Count, Series[s].Y.Count); i++)
                Dot((Series[s].X[i] - Area.Left) / (Area.Right - Area.Left) * width, (Area.Top - Series[s].Y[i]) / (Area.Top - Area.Bottom) * height, Clouds[s % Clouds.Length]);
        return new Image(width, height, 3, pixels);

        // What of a disc lies on the picture.
        void Dot(double x, double y, (byte R, byte G, byte B) colour)
        {
            double radius = Math.Max(0.5, 0.6 * cell);
            for (int row = (int)Math.Max(0, y - radius); row <= Math.Min(height - 1, y + radius); row++)
                for (int column = (int)Math.Max(0, x - radius); column <= Math.Min(width - 1, x + radius); column++)
                    if (Math.Pow(row + 0.5 - y, 2) + Math.Pow(column + 0.5 - x, 2) <= radius * radius)
                        (pixels[3 * (row * width + column)], pixels[3 * (row * width + column) + 1], pixels[3 * (row * width + column) + 2]) = colour;
        }
    }

    /// <summary>The least and the greatest value that the shades tell apart.</summary>
    internal (double Low, double High) Range()
    {
        double[] finite = [.. Values.Cast<double>().Where(double.IsFinite)];
        return finite.Length == 0 ? (Low ?? 0, High ?? 1) : (Low ?? finite.Min(), High ?? finite.Max());
    }

    private static byte[] Shade(double share)
    {
        double place = (double.IsNaN(share) ? 0 : Math.Clamp(share, 0, 1)) * (Shades.Length - 1);
        int below = Math.Min((int)place, Shades.Length - 2);
        double part = place - below;
        (double R, double G, double B) a = Shades[below], b = Shades[below + 1];
        return [Mix(a.R, b.R), Mix(a.G, b.G), Mix(a.B, b.B)];

        byte Mix(double from, double to) => (byte)Math.Round(from + part * (to - from));
    }
}
