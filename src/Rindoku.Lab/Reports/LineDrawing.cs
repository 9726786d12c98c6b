using System.Globalization;
using System.Text;

namespace Rindoku.Lab.Reports;

/// <summary>Draws lines, with bands around them where they have one.</summary>
internal static class LineDrawing
{
    public static string Draw(LineChart chart)
    {
        string description = string.Join("; ", chart.Series.Select(Describe));
        return Svg.Image(Plot.Width, Plot.Height, chart.Title, $"Lines of {chart.Y.Label} over {chart.X.Label}. {description}", svg =>
        {
            Plot plot = new(svg, chart.X, chart.Y, chart.Series.SelectMany(s => s.X),
                chart.Series.SelectMany(s => s.Y.Concat(s.Low ?? []).Concat(s.High ?? [])), [.. chart.Series.Select(s => s.Name)]);
            for (int i = 0; i < chart.Series.Count; i++) Draw(svg, plot, chart.Series[i], i % FigureSvg.Colours);
        });
    }

    private static string Describe(LineSeries s)
    {
        double[] finite = [.. s.Y.Where(double.IsFinite)];
        return finite.Length == 0 ? $"{s.Name}: no values"
            : $"{s.Name}: from {FigureSvg.Number(finite[0])} to {FigureSvg.Number(finite[^1])}, lowest {FigureSvg.Number(finite.Min())}, highest {FigureSvg.Number(finite.Max())}";
    }

    private static void Draw(Svg svg, Plot plot, LineSeries series, int colour)
    {
        if (series is { Low: { } low, High: { } high }) Band(svg, plot, series.X, low, high, colour);
        StringBuilder path = new();
        int points = 0;
        bool open = false;
        for (int i = 0; i < Math.Min(series.X.Count, series.Y.Count); i++)
        {
            if (!plot.X.IsUsable(series.X[i]) || !plot.Y.IsUsable(series.Y[i]))
            {
                open = false;
                continue;
            }
            path.Append(open ? 'L' : 'M').Append(Point(plot, series.X[i], series.Y[i]));
            open = true;
            points++;
        }
        if (points > 0 && !series.DotsOnly) svg.Path(path.ToString(), $"line c{colour} d{colour}");
        if (series.DotsOnly || points is > 0 and <= 30) // few enough for each measurement to be seen
            for (int i = 0; i < Math.Min(series.X.Count, series.Y.Count); i++)
                if (plot.X.IsUsable(series.X[i]) && plot.Y.IsUsable(series.Y[i])) svg.Circle(plot.X[series.X[i]], plot.Y[series.Y[i]], 3, $"dot c{colour}");
    }

    private static void Band(Svg svg, Plot plot, IReadOnlyList<double> x, IReadOnlyList<double> low, IReadOnlyList<double> high, int colour)
    {
        int[] usable = [.. Enumerable.Range(0, new[] { x.Count, low.Count, high.Count }.Min())
            .Where(i => plot.X.IsUsable(x[i]) && plot.Y.IsUsable(low[i]) && plot.Y.IsUsable(high[i]))];
        if (usable.Length < 2) return;
        IEnumerable<string> edge = usable.Select(i => Point(plot, x[i], high[i])).Concat(usable.Reverse().Select(i => Point(plot, x[i], low[i])));
        svg.Path($"M{string.Join('L', edge)}Z", $"band c{colour}");
    }

    private static string Point(Plot plot, double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{Svg.Number(plot.X[x])} {Svg.Number(plot.Y[y])}");
}
