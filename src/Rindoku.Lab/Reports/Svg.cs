using System.Globalization;
using System.Net;
using System.Text;

namespace Rindoku.Lab.Reports;

/// <summary>Writes SVG elements. All text is encoded; numbers have two decimals, which is finer than any screen.</summary>
internal sealed class Svg
{
    private readonly StringBuilder text = new();

    /// <summary>An image with a name and description for those who cannot see it.</summary>
    public static string Image(double width, double height, string title, string description, Action<Svg> draw)
    {
        Svg svg = new();
        svg.text.Append("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" role=\"img\" viewBox=\"0 0 ")
            .Append(Number(width)).Append(' ').Append(Number(height)).Append("\">");
        svg.text.Append("<title>").Append(Encode(title)).Append("</title><desc>").Append(Encode(description)).Append("</desc>");
        draw(svg);
        return svg.text.Append("</svg>").ToString();
    }

    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    public static string Encode(string value) => WebUtility.HtmlEncode(value);

    public void Line(double x1, double y1, double x2, double y2, string style) => text.Append(CultureInfo.InvariantCulture,
        $"<line class=\"{style}\" x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\"/>");

    public void Rectangle(double x, double y, double width, double height, string style, double radius = 0, double? opacity = null)
    {
        text.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(Math.Max(0, width))}\" height=\"{Number(Math.Max(0, height))}\"");
        if (radius > 0) text.Append(CultureInfo.InvariantCulture, $" rx=\"{Number(radius)}\"");
        if (opacity is { } o) text.Append(CultureInfo.InvariantCulture, $" fill-opacity=\"{Number(o)}\"");
        text.Append("/>");
    }

    public void Circle(double x, double y, double radius, string style) => text.Append(CultureInfo.InvariantCulture,
        $"<circle class=\"{style}\" cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"{Number(radius)}\"/>");

    public void Path(string path, string style) => text.Append(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"{path}\"/>");

    public void Text(double x, double y, string value, string style = "", double rotate = 0)
    {
        text.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{Number(x)}\" y=\"{Number(y)}\"");
        if (rotate != 0) text.Append(CultureInfo.InvariantCulture, $" transform=\"rotate({Number(rotate)} {Number(x)} {Number(y)})\"");
        text.Append('>').Append(Encode(value)).Append("</text>");
    }

    public void Picture(double x, double y, double width, double height, byte[] png, string name)
    {
        text.Append(CultureInfo.InvariantCulture, $"<image class=\"pixels\" x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" height=\"{Number(height)}\"");
        text.Append(" aria-label=\"").Append(Encode(name)).Append("\" href=\"data:image/png;base64,").Append(Convert.ToBase64String(png)).Append("\"/>");
    }
}
