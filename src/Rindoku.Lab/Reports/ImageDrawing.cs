using Rindoku.Data;

namespace Rindoku.Lab.Reports;

/// <summary>Draws small pictures in rows.</summary>
internal static class ImageDrawing
{
    private const double Gap = 8, LabelHeight = 18;

    public static string Draw(ImageGrid grid)
    {
        Shape shape = grid.Images.Shape;
        ShapeException.Require(shape.Rank == 4 && shape[1] is 1 or 3, $"ImageGrid: needs pictures (n, 1 or 3, h, w), got {shape}");
        (int count, int height, int width) = (shape[0], shape[2], shape[3]);
        int columns = Math.Max(1, grid.Columns > 0 ? grid.Columns : Math.Min(count, width <= 64 ? 10 : 5));
        int rows = (count + columns - 1) / columns;
        double size = (Plot.Width - Gap * (columns + 1)) / columns;
        size = Math.Min(size, 160);
        double pictureHeight = size * height / width, rowHeight = pictureHeight + Gap + (grid.Labels.Count > 0 ? LabelHeight : 0);
        return Svg.Image(Gap + columns * (size + Gap), Gap + rows * rowHeight, grid.Title, $"{count} pictures of {width} by {height} pixels.", svg =>
        {
            for (int i = 0; i < count; i++)
            {
                double x = Gap + i % columns * (size + Gap), y = Gap + i / columns * rowHeight;
                string label = i < grid.Labels.Count ? grid.Labels[i] : "";
                svg.Picture(x, y, size, pictureHeight, Encode(grid.Images, i), label.Length > 0 ? label : $"picture {i + 1}");
                if (label.Length > 0) svg.Text(x + size / 2, y + pictureHeight + 14, label, "middle");
            }
        });
    }

    /// <summary>One of the pictures as the bytes of a PNG file.</summary>
    private static byte[] Encode(Tensor pictures, int i)
    {
        Shape shape = pictures.Shape;
        int length = shape[1] * shape[2] * shape[3];
        Tensor picture = Tensor.From(pictures.Span.Slice(i * length, length), [shape[1], shape[2], shape[3]]);
        using MemoryStream png = new();
        Png.Write(png, Image.FromTensor(picture));
        return png.ToArray();
    }
}
