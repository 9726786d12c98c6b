using System.Text;

namespace Rindoku.Lab.Reports;

/// <summary>A figure with its title, caption and, folded up below it, its numbers as a table.</summary>
public static class FigureHtml
{
    /// <summary>More rows than this help nobody; long lines are thinned out to it.</summary>
    private const int MostRows = 100;

    /// <summary>The figure as an HTML element.</summary>
    public static string Draw(Figure figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        StringBuilder html = new("<figure>");
        html.Append("<h3>").Append(Svg.Encode(figure.Title)).Append("</h3>");
        if (figure.Caption.Length > 0) html.Append("<figcaption>").Append(Svg.Encode(figure.Caption)).Append("</figcaption>");
        html.Append("<div class=\"scroll\">").Append(FigureSvg.Draw(figure)).Append("</div>");
        if (Rows(figure) is { } table)
        {
            html.Append("<details><summary>The numbers</summary>");
            Table(html, table.Header, table.Rows);
            html.Append("</details>");
        }
        return html.Append("</figure>").ToString();
    }

    /// <summary>A table; all text is encoded.</summary>
    internal static void Table(StringBuilder html, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        html.Append("<div class=\"scroll\"><table><thead><tr>");
        foreach (string cell in header) html.Append("<th scope=\"col\">").Append(Svg.Encode(cell)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (IReadOnlyList<string> row in rows)
        {
            html.Append("<tr>");
            for (int c = 0; c < row.Count; c++)
                html.Append(c == 0 ? "<th scope=\"row\">" : "<td>").Append(Svg.Encode(row[c])).Append(c == 0 ? "</th>" : "</td>");
            html.Append("</tr>");
        }
        html.Append("</tbody></table></div>");
    }

    private static (IReadOnlyList<string> Header, IEnumerable<IReadOnlyList<string>> Rows)? Rows(Figure figure) => figure switch
    {
        LineChart chart => ([chart.X.Label, .. chart.Series.Select(s => s.Name)], LineRows(chart)),
        BarChart chart => (["", chart.Y.Label, "95 % interval", "measurements"], chart.Bars.Select(b => (IReadOnlyList<string>)
            [b.Name, FigureSvg.Number(b.Value), b is { Low: { } l, High: { } h } ? $"{FigureSvg.Number(l)} to {FigureSvg.Number(h)}" : "", string.Join(", ", b.Points.Select(FigureSvg.Number))])),
        Heatmap map => ([$"{map.Y.Title} \\ {map.X.Title}", .. map.Columns], Enumerable.Range(0, map.Values.GetLength(0)).Select(r => (IReadOnlyList<string>)
            [map.Rows[r], .. Enumerable.Range(0, map.Values.GetLength(1)).Select(c => FigureSvg.Number(map.Values[r, c]))])),
        Scatter scatter => (["", scatter.X.Label, scatter.Y.Label], scatter.Series.SelectMany(s => Thinned(s.X.Count).Select(i => (IReadOnlyList<string>)
            [s.Name, FigureSvg.Number(s.X[i]), FigureSvg.Number(s.Y[i])]))),
        _ => null,
    };

    private static IEnumerable<IReadOnlyList<string>> LineRows(LineChart chart)
    {
        double[] places = [.. chart.Series.SelectMany(s => s.X).Where(double.IsFinite).Distinct().Order()];
        Dictionary<double, double>[] values = [.. chart.Series.Select(s => s.X.Zip(s.Y).GroupBy(p => p.First).ToDictionary(g => g.Key, g => g.Last().Second))];
        return Thinned(places.Length).Select(i => (IReadOnlyList<string>)
            [FigureSvg.Number(places[i]), .. values.Select(v => v.TryGetValue(places[i], out double y) ? FigureSvg.Number(y) : "")]);
    }

    // The first and the last are always there.
    private static IEnumerable<int> Thinned(int count) => count <= MostRows ? Enumerable.Range(0, count)
        : Enumerable.Range(0, MostRows).Select(i => (int)((long)i * (count - 1) / (MostRows - 1)));
}
