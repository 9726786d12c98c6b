using System.Globalization;
using System.Text;
using Rindoku.Lab.Runs;

namespace Rindoku.Lab.Reports;

/// <summary>The report of a verification: each claim with its verdict and the figures that it rests on, in one HTML file.</summary>
public static class VerificationReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="file">The file.</param>
    /// <param name="verification">The verification.</param>
    /// <param name="cards">The cards of its papers.</param>
    /// <exception cref="LabException">The file cannot be written.</exception>
    public static void Write(string file, Verification verification, IEnumerable<Card> cards)
    {
        ArgumentNullException.ThrowIfNull(verification);
        ArgumentNullException.ThrowIfNull(cards);
        Dictionary<string, Card> bySlug = cards.ToDictionary(c => c.Slug);
        ClaimResult[] all = [.. verification.Papers.SelectMany(p => p.Claims)];
        string title = verification.Papers.Count == 1 && bySlug.TryGetValue(verification.Papers[0].Paper, out Card? only) ? only.Title : "Papers verified";
        ReportPage page = new($"{title} - verification");
        page.Header(title, $"Verification, profile {verification.Profile.Name()}: " +
            string.Join(", ", Enum.GetValues<Verdict>().Select(v => $"{v.Name()} {all.Count(c => c.Verdict == v)}")), verification.Machine.ToString());
        foreach (PaperVerification paper in verification.Papers)
        {
            if (verification.Papers.Count > 1) page.Section(bySlug.TryGetValue(paper.Paper, out Card? card) ? card.Title : paper.Paper);
            foreach (ClaimResult claim in paper.Claims) page.Html(Claim(claim));
            foreach (Figure figure in paper.Figures) page.Figure(figure);
            if (paper.Runs.Count > 0) page.Table(["run", "arm", "seed", "started"], paper.Runs.Select(Row));
            page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"Measured in {paper.Seconds:0.#} seconds."));
        }
        page.Write(file);
    }

    private static IReadOnlyList<string> Row(RunRecord run) =>
        [run.Id.ToString(CultureInfo.InvariantCulture), run.Arm, run.Seed.ToString(CultureInfo.InvariantCulture), run.Started.ToString("u", CultureInfo.InvariantCulture)];

    /// <summary>A claim with its verdict, its interval against the bar, and the arms' values, as an HTML element.</summary>
    public static string Claim(ClaimResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string sign = result.Verdict switch { Verdict.Holds => "✓", Verdict.Fails => "✗", _ => "?" };
        StringBuilder html = new();
        html.Append("<section class=\"claim ").Append(result.Verdict.Name().Replace(' ', '-')).Append("\"><p class=\"verdict\">").Append(sign).Append(' ')
            .Append(result.Verdict.Name()).Append("</p><p class=\"statement\">").Append(Svg.Encode(result.Claim.Statement)).Append("</p>");
        html.Append("<p>").Append(Svg.Encode(Figures(result))).Append("</p>");
        if (double.IsFinite(result.Interval.Low) && double.IsFinite(result.Interval.High) && result.Claim.Arms.Count > 0)
            html.Append(ClaimStrip.Draw(result));
        html.Append("<p class=\"method\">").Append(Svg.Encode($"{result.Claim.Metric} ({result.Claim.Better.Name()} is better); {result.Method}")).Append("</p>");
        if (result.Arms.Count > 0)
            FigureHtml.Table(html, ["", .. Enumerable.Range(0, result.Arms.Values.Max(v => v.Length)).Select(s => result.Claim.Arms.Count == 0 ? "value" : $"seed {s}")],
                result.Arms.Select(a => (IReadOnlyList<string>)[a.Key, .. a.Value.Select(FigureSvg.Number)]));
        return html.Append("</section>").ToString();
    }

    /// <summary>The quantity, its interval and the bar, in words: <c>a - b: 13.1, 95 % interval 6.7 to 19.5; needed above 5</c>.</summary>
    internal static string Figures(ClaimResult result)
    {
        string needed = result.Claim.Arms.Count == 0 ? $"needed within {FigureSvg.Number(result.Claim.Margin)}"
            : $"needed {(result.Claim.Better == Better.Higher ? "above" : "below")} {FigureSvg.Number(result.Claim.Bar)}";
        string interval = !double.IsFinite(result.Interval.Low) ? ", no interval"
            : result.Claim.Arms.Count == 0 ? "" : $", 95 % interval {FigureSvg.Number(result.Interval.Low)} to {FigureSvg.Number(result.Interval.High)}";
        return $"{result.Claim.Quantity}: {FigureSvg.Number(result.Difference)}{interval}; {needed}";
    }
}

/// <summary>Draws an interval against the bar that it must clear; the claimed side is shaded.</summary>
internal static class ClaimStrip
{
    private const double Width = 720, Left = 24, Right = 696, Middle = 26, Height = 66;

    public static string Draw(ClaimResult result)
    {
        double bar = result.Claim.Bar;
        return Svg.Image(Width, Height, $"{result.Claim.Quantity} against {FigureSvg.Number(bar)}", VerificationReport.Figures(result), svg =>
        {
            double[] values = [result.Interval.Low, result.Interval.High, bar, result.Difference];
            double room = Math.Max(1e-9, (values.Max() - values.Min()) * 0.15);
            Scale x = new("", [.. values, values.Min() - room, values.Max() + room], Left, Right, tight: true);
            bool higher = result.Claim.Better == Better.Higher;
            svg.Rectangle(higher ? x[bar] : Left, 8, higher ? Right - x[bar] : x[bar] - Left, 2 * (Middle - 8), "side", radius: 3);
            svg.Line(Left, Middle + 18, Right, Middle + 18, "axis");
            foreach ((double value, string label) in x.Marks())
            {
                svg.Line(x[value], Middle + 18, x[value], Middle + 23, "axis");
                svg.Text(x[value], Middle + 36, label, "middle");
            }
            svg.Line(x[bar], 6, x[bar], Middle + 18, "reference");
            svg.Line(x[result.Interval.Low], Middle, x[result.Interval.High], Middle, "estimate");
            svg.Circle(x[result.Difference], Middle, 6, "mean");
        });
    }
}
