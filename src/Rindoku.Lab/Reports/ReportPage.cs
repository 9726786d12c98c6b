using System.Text;

namespace Rindoku.Lab.Reports;

/// <summary>Builds one HTML page that needs nothing else: no script, no other file, no network.</summary>
internal sealed class ReportPage
{
    private readonly StringBuilder body = new();
    private readonly string title;

    public ReportPage(string title) => this.title = title;

    public ReportPage Header(string heading, params IEnumerable<string> lines)
    {
        body.Append("<header><h1>").Append(Svg.Encode(heading)).Append("</h1>");
        foreach (string line in lines.Where(l => l.Length > 0)) body.Append("<p>").Append(Svg.Encode(line)).Append("</p>");
        body.Append("</header>");
        return this;
    }

    public ReportPage Section(string heading)
    {
        body.Append("<h2>").Append(Svg.Encode(heading)).Append("</h2>");
        return this;
    }

    public ReportPage Paragraph(string text)
    {
        body.Append("<p>").Append(Svg.Encode(text)).Append("</p>");
        return this;
    }

    /// <summary>The figures that matter, large.</summary>
    public ReportPage Tiles(IEnumerable<KeyValuePair<string, double>> values)
    {
        body.Append("<div class=\"tiles\">");
        foreach ((string name, double value) in values)
            body.Append("<div class=\"tile\"><b>").Append(Svg.Encode(FigureSvg.Number(value))).Append("</b><span>").Append(Svg.Encode(name)).Append("</span></div>");
        body.Append("</div>");
        return this;
    }

    /// <summary>Names and values.</summary>
    public ReportPage Facts(IEnumerable<(string Name, string Value)> facts)
    {
        body.Append("<dl>");
        foreach ((string name, string value) in facts.Where(f => f.Value.Length > 0))
            body.Append("<dt>").Append(Svg.Encode(name)).Append("</dt><dd>").Append(Svg.Encode(value)).Append("</dd>");
        body.Append("</dl>");
        return this;
    }

    public ReportPage Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        FigureHtml.Table(body, header, rows);
        return this;
    }

    public ReportPage Figure(Figure figure) => Html(FigureHtml.Draw(figure));

    /// <summary>HTML whose text has been encoded already.</summary>
    public ReportPage Html(string html)
    {
        body.Append(html);
        return this;
    }

    /// <exception cref="LabException">The file cannot be written.</exception>
    public void Write(string file) => ReportFile.Write(file, ToString());

    public override string ToString() => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Svg.Encode(title)}</title>
        <style>
        {ReportStyle.ColourCss}
        {ReportStyle.PageCss}
        {ReportStyle.FigureCss}
        </style>
        </head>
        <body><main>
        {body}
        <footer>Rindoku. Every figure on this page was measured by the run or runs it names.</footer>
        </main></body>
        </html>

        """;
}
