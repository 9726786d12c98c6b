namespace Rindoku.Lab.Reports;

/// <summary>Draws clouds of points.</summary>
internal static class ScatterDrawing
{
    public static string Draw(Scatter scatter)
    {
        string description = $"Points of {scatter.Y.Label} over {scatter.X.Label}: {string.Join(", ", scatter.Series.Select(s => $"{s.X.Count} of {s.Name}"))}.";
        return Svg.Image(Plot.Width, Plot.Height, scatter.Title, description, svg =>
        {
            Plot plot = new(svg, scatter.X, scatter.Y, scatter.Series.SelectMany(s => s.X), scatter.Series.SelectMany(s => s.Y), [.. scatter.Series.Select(s => s.Name)]);
            for (int s = 0; s < scatter.Series.Count; s++)
            {
                PointSeries series = scatter.Series[s];
                double radius = series.X.Count > 500 ? 1.5 : series.X.Count > 100 ? 2.5 : 3.5;
                for (int i = 0; i < Math.Min(series.X.Count, series.Y.Count); i++)
                    if (plot.X.IsUsable(series.X[i]) && plot.Y.IsUsable(series.Y[i]))
                        svg.Circle(plot.X[series.X[i]], plot.Y[series.Y[i]], radius, $"point c{s % FigureSvg.Colours}");
            }
        });
    }
}
