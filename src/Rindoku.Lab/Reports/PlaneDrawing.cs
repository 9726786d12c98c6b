using Rindoku.Data;

namespace Rindoku.Lab.Reports;

/// <summary>Draws a quantity over the plane with points over it; both axes have the same scale.</summary>
internal static class PlaneDrawing
{
    private const double Left = 70, Top = 40, MostWidth = 560, MostHeight = 460;

    public static string Draw(PlaneMap map)
    {
        PlaneArea area = map.Area;
        double scale = Math.Min(MostWidth / (area.Right - area.Left), MostHeight / (area.Top - area.Bottom));
        double right = Left + scale * (area.Right - area.Left), bottom = Top + scale * (area.Top - area.Bottom);
        (double low, double high) = map.Range();
        string clouds = map.Series.Count == 0 ? "" : $", with {string.Join(", ", map.Series.Select(s => $"{s.X.Count} points of {s.Name}"))}";
        string description = $"{map.Quantity} from {FigureSvg.Number(low)} (light) to {FigureSvg.Number(high)} (dark) over {map.X.Label} and {map.Y.Label}{clouds}.";
        return Svg.Image(Math.Max(360, right + 18), bottom + 80, map.Title, description, svg =>
        {
            svg.Picture(Left, Top, right - Left, bottom - Top, Encode(map.ToImage()), map.Quantity);
            Scale x = new(map.X, [area.Left, area.Right], Left, right, tight: true), y = new(map.Y, [area.Bottom, area.Top], bottom, Top, tight: true);
            Frame(svg, map, x, y, right, bottom);
            for (int s = 0; s < map.Series.Count; s++) Points(svg, map.Series[s], $"point c{(s + 1) % FigureSvg.Colours}", x, y, area);
            Legend(svg, map);
            svg.Text(Left, bottom + 66, $"light: {map.Quantity} {FigureSvg.Number(low)}, dark: {FigureSvg.Number(high)}");
        });
    }

    private static void Frame(Svg svg, PlaneMap map, Scale x, Scale y, double right, double bottom)
    {
        foreach ((double value, string label) in x.Marks())
        {
            svg.Line(x[value], bottom, x[value], bottom + 5, "axis");
            svg.Text(x[value], bottom + 20, label, "middle");
        }
        foreach ((double value, string label) in y.Marks())
        {
            svg.Line(Left - 5, y[value], Left, y[value], "axis");
            svg.Text(Left - 9, y[value] + 4, label, "end");
        }
        Plot.AxisTitles(svg, map.X, map.Y, Left, right, Top, bottom);
    }

    private static void Points(Svg svg, PointSeries series, string style, Scale x, Scale y, PlaneArea area)
    {
        double radius = series.X.Count > 500 ? 1.5 : series.X.Count > 100 ? 2.2 : 3.5;
        for (int i = 0; i < Math.Min(series.X.Count, series.Y.Count); i++)
            if (series.X[i] >= area.Left && series.X[i] <= area.Right && series.Y[i] >= area.Bottom && series.Y[i] <= area.Top)
                svg.Circle(x[series.X[i]], y[series.Y[i]], radius, style);
    }

    private static void Legend(Svg svg, PlaneMap map)
    {
        double x = Left;
        for (int s = 0; s < map.Series.Count; s++)
        {
            svg.Circle(x + 5, 20, 4.5, $"point c{(s + 1) % FigureSvg.Colours}");
            svg.Text(x + 15, 24, map.Series[s].Name);
            x += 34 + 7 * map.Series[s].Name.Length;
        }
    }

    private static byte[] Encode(Image picture)
    {
        using MemoryStream png = new();
        Png.Write(png, picture);
        return png.ToArray();
    }
}
