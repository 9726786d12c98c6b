namespace Rindoku.Lab.Reports;

/// <summary>Draws figures as SVG.</summary>
public static class FigureSvg
{
    /// <summary>The figure as an SVG element, to stand in a page as it is.</summary>
    public static string Draw(Figure figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"><title>{System.Net.WebUtility.HtmlEncode(figure.Title)}</title></svg>";
    }
}
