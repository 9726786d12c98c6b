using System.Globalization;

namespace Rindoku.Lab.Reports;

/// <summary>Draws figures as SVG. The colours come from <see cref="ReportStyle.FigureCss"/>, so that they follow the page's theme.</summary>
public static class FigureSvg
{
    /// <summary>How many colours and dashes there are for series; a series beyond shares with the first.</summary>
    internal const int Colours = 6;

    /// <summary>The figure as an SVG element, to stand in a page as it is.</summary>
    /// <exception cref="NotSupportedException">It is a figure of a kind of one's own.</exception>
    public static string Draw(Figure figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        return figure switch
        {
            LineChart chart => LineDrawing.Draw(chart),
            BarChart chart => BarDrawing.Draw(chart),
            Heatmap map => HeatmapDrawing.Draw(map),
            Scatter scatter => ScatterDrawing.Draw(scatter),
            ImageGrid grid => ImageDrawing.Draw(grid),
            PlaneMap map => PlaneDrawing.Draw(map),
            _ => throw new NotSupportedException($"FigureSvg: no drawing for {figure.GetType().Name}"),
        };
    }

    /// <summary>A number as tables and labels show it: four digits, no exponent unless it needs one.</summary>
    internal static string Number(double value) => !double.IsFinite(value) ? (double.IsNaN(value) ? "none" : value > 0 ? "∞" : "-∞")
        : Math.Abs(value) >= 1000 && Math.Abs(value) < 1e9 ? value.ToString("N0", CultureInfo.InvariantCulture)
        : value.ToString("G4", CultureInfo.InvariantCulture);
}
