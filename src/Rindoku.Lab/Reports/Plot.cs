namespace Rindoku.Lab.Reports;

/// <summary>The frame of a chart: its area, axes, grid lines and legend.</summary>
internal sealed class Plot
{
    public const double Width = 720, Height = 380;

    private const double CharacterWidth = 7;

    private readonly Svg svg;

    public Plot(Svg svg, Axis x, Axis y, IEnumerable<double> xs, IEnumerable<double> ys, IReadOnlyList<string> legend)
    {
        this.svg = svg;
        double top = legend.Count > 1 ? 18 + 20 * Legend(legend, draw: false) : 14;
        (Left, Top, Right, Bottom) = (70, top, Width - 18, Height - 52);
        X = new Scale(x, xs, Left, Right, tight: true);
        Y = new Scale(y, ys, Bottom, Top);
        Grid(x, y);
        if (legend.Count > 1) Legend(legend, draw: true);
    }

    public double Left { get; }

    public double Top { get; }

    public double Right { get; }

    public double Bottom { get; }

    public Scale X { get; }

    public Scale Y { get; }

    private void Grid(Axis x, Axis y)
    {
        foreach ((double value, string label) in Y.Marks())
        {
            svg.Line(Left, Y[value], Right, Y[value], "grid");
            svg.Text(Left - 8, Y[value] + 4, label, "end");
        }
        foreach ((double value, string label) in X.Marks())
        {
            svg.Line(X[value], Bottom, X[value], Bottom + 5, "axis");
            svg.Text(X[value], Bottom + 20, label, "middle");
        }
        svg.Line(Left, Bottom, Right, Bottom, "axis");
        AxisTitles(svg, x, y, Left, Right, Top, Bottom);
    }

    public static void AxisTitles(Svg svg, Axis x, Axis y, double left, double right, double top, double bottom)
    {
        svg.Text((left + right) / 2, bottom + 42, x.Label, "middle label");
        svg.Text(16, (top + bottom) / 2, y.Label, "middle label", -90);
    }

    /// <summary>Names beside samples of their lines, in as many rows as they need; returns how many.</summary>
    private int Legend(IReadOnlyList<string> names, bool draw)
    {
        double x = 70;
        int rows = 1;
        for (int i = 0; i < names.Count; i++)
        {
            double width = 34 + CharacterWidth * names[i].Length + 16;
            if (x + width > Width && x > 70) (x, rows) = (70, rows + 1);
            if (draw)
            {
                double y = 20 * rows - 6;
                svg.Line(x, y, x + 26, y, $"line c{i % FigureSvg.Colours} d{i % FigureSvg.Colours}");
                svg.Text(x + 33, y + 4, names[i]);
            }
            x += width;
        }
        return rows;
    }
}
