namespace Rindoku.Lab.Reports;

/// <summary>Draws a grid of numbers, the larger the deeper in colour.</summary>
internal static class HeatmapDrawing
{
    private const double Left = 96, Top = 12, MostCell = 46, AreaWidth = 600;

    public static string Draw(Heatmap map)
    {
        int rows = map.Values.GetLength(0), columns = map.Values.GetLength(1);
        double cell = Math.Min(MostCell, AreaWidth / Math.Max(1, columns));
        double right = Left + cell * columns, bottom = Top + cell * rows;
        string description = $"{rows} rows ({map.Y.Label}) and {columns} columns ({map.X.Label}) of numbers; the table has them all.";
        return Svg.Image(Math.Max(320, right + 18), bottom + 56, map.Title, description, svg =>
        {
            for (int r = 0; r < rows; r++)
            {
                (double low, double high) = Range(map, r);
                for (int c = 0; c < columns; c++) Cell(svg, Left + c * cell, Top + r * cell, cell, map.Values[r, c], Share(map.Values[r, c], low, high));
                svg.Text(Left - 8, Top + (r + 0.5) * cell + 4, Shortened(map.Rows, r), "end");
            }
            for (int c = 0; c < columns; c++) svg.Text(Left + (c + 0.5) * cell, bottom + 18, Shortened(map.Columns, c), "middle");
            Plot.AxisTitles(svg, map.X, map.Y, Left, right, Top, bottom);
        });
    }

    private static void Cell(Svg svg, double x, double y, double size, double value, double share)
    {
        svg.Rectangle(x + 0.5, y + 0.5, size - 1, size - 1, "cell", radius: 2, opacity: 0.04 + 0.96 * share);
        if (size >= 26) svg.Text(x + size / 2, y + size / 2 + 4, FigureSvg.Number(value), share > 0.5 ? "middle inverse" : value == 0 ? "middle faint" : "middle");
    }

    // A row's shares start at zero, so that its cells can be read as parts of the whole.
    private static (double Low, double High) Range(Heatmap map, int row)
    {
        if (map.ByRow)
        {
            double sum = 0;
            for (int c = 0; c < map.Values.GetLength(1); c++) sum += map.Values[row, c];
            return (0, sum);
        }
        double[] finite = [.. map.Values.Cast<double>().Where(double.IsFinite)];
        return finite.Length == 0 ? (0, 1) : (finite.Min(), finite.Max());
    }

    private static double Share(double value, double low, double high) => high > low && double.IsFinite(value) ? Math.Clamp((value - low) / (high - low), 0, 1) : 0;

    private static string Shortened(IReadOnlyList<string> names, int i)
    {
        string name = i < names.Count ? names[i] : "";
        return name.Length <= 10 ? name : name[..9] + "…";
    }
}
