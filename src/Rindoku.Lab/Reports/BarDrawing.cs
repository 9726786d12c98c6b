namespace Rindoku.Lab.Reports;

/// <summary>Draws bars from zero, with intervals and single measurements.</summary>
internal static class BarDrawing
{
    private const double Left = 70, Right = Plot.Width - 18, Top = 24, Bottom = Plot.Height - 52;

    public static string Draw(BarChart chart)
    {
        string description = $"Bars of {chart.Y.Label}. {string.Join("; ", chart.Bars.Select(Describe))}" +
            (chart.Reference is { } r ? $". A line marks {FigureSvg.Number(r)}." : ".");
        return Svg.Image(Plot.Width, Plot.Height, chart.Title, description, svg =>
        {
            IEnumerable<double> values = chart.Bars.SelectMany(b => b.Points.Append(b.Value).Append(b.Low ?? b.Value).Append(b.High ?? b.Value));
            if (!chart.Y.Logarithmic) values = values.Append(0);
            Scale y = new(chart.Y, chart.Reference is { } reference ? values.Append(reference) : values, Bottom, Top);
            Grid(svg, chart, y);
            double slot = (Right - Left) / Math.Max(1, chart.Bars.Count), width = Math.Min(90, slot * 0.62);
            for (int i = 0; i < chart.Bars.Count; i++) Bar(svg, chart, y, chart.Bars[i], Left + slot * (i + 0.5), width, slot, i % FigureSvg.Colours);
            if (chart.Reference is { } line && y.IsUsable(line)) svg.Line(Left, y[line], Right, y[line], "reference");
        });
    }

    private static string Describe(Bar bar) => bar is { Low: { } low, High: { } high }
        ? $"{bar.Name}: {FigureSvg.Number(bar.Value)}, between {FigureSvg.Number(low)} and {FigureSvg.Number(high)}" : $"{bar.Name}: {FigureSvg.Number(bar.Value)}";

    private static void Grid(Svg svg, BarChart chart, Scale y)
    {
        foreach ((double value, string label) in y.Marks())
        {
            svg.Line(Left, y[value], Right, y[value], "grid");
            svg.Text(Left - 8, y[value] + 4, label, "end");
        }
        Plot.AxisTitles(svg, "", chart.Y, Left, Right, Top, Bottom);
    }

    private static void Bar(Svg svg, BarChart chart, Scale y, Bar bar, double x, double width, double slot, int colour)
    {
        svg.Text(x, Bottom + 20, Shortened(bar.Name, slot), "middle label");
        if (!y.IsUsable(bar.Value)) return;
        double zero = chart.Y.Logarithmic ? Bottom : y[0], end = y[bar.Value];
        svg.Rectangle(x - width / 2, Math.Min(zero, end), width, Math.Max(1, Math.Abs(zero - end)), $"bar c{colour}", radius: 2);
        if (bar is { Low: { } low, High: { } high } && y.IsUsable(low) && y.IsUsable(high))
        {
            svg.Line(x, y[low], x, y[high], "whisker");
            svg.Line(x - 7, y[low], x + 7, y[low], "whisker");
            svg.Line(x - 7, y[high], x + 7, y[high], "whisker");
        }
        // Spread out, so that equal measurements do not hide each other.
        for (int i = 0; i < bar.Points.Count; i++)
            if (y.IsUsable(bar.Points[i])) svg.Circle(x + (i - (bar.Points.Count - 1) / 2.0) * Math.Min(12, width / (bar.Points.Count + 1)), y[bar.Points[i]], 3.2, "seed");
        svg.Text(x, Bottom + 38, FigureSvg.Number(bar.Value), "middle");
    }

    private static string Shortened(string name, double slot)
    {
        int fits = Math.Max(4, (int)(slot / 6.6));
        return name.Length <= fits ? name : name[..(fits - 1)] + "…";
    }
}
