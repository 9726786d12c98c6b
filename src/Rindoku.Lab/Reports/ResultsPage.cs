using System.Globalization;
using System.Text;

namespace Rindoku.Lab.Reports;

/// <summary>All verdicts of a verification as a page of Markdown: one row a claim, with the command that makes the page again.</summary>
public static class ResultsPage
{
    /// <summary>Writes the page to a file.</summary>
    /// <inheritdoc cref="Markdown"/>
    /// <exception cref="LabException">The file cannot be written.</exception>
    public static void Write(string file, Verification verification, string command) => ReportFile.Write(file, Markdown(verification, command));

    /// <summary>The page.</summary>
    /// <param name="verification">What was measured.</param>
    /// <param name="command">The command that measures it again and writes the page.</param>
    public static string Markdown(Verification verification, string command)
    {
        ArgumentNullException.ThrowIfNull(verification);
        ClaimResult[] all = [.. verification.Papers.SelectMany(paper => paper.Claims)];
        StringBuilder page = new();
        page.Append(CultureInfo.InvariantCulture, $"# Results, profile {verification.Profile.Name()}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"Written by `{command}` on {verification.Machine}. Every verdict is computed; `docs/how-to-add-a-paper.md` says how to read them.\n\n");
        page.Append(string.Join(", ", Enum.GetValues<Verdict>().Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Name()}: {all.Count(c => c.Verdict == v)}"))));
        page.Append(CultureInfo.InvariantCulture, $"; {verification.Papers.Count} {(verification.Papers.Count == 1 ? "paper" : "papers")}, {verification.Papers.Sum(p => p.Seconds):0} seconds in all.\n\n");
        page.Append("| paper | claim | verdict | quantity | measured | 95 % interval | needed |\n|---|---|---|---|---|---|---|\n");
        foreach (PaperVerification paper in verification.Papers)
            foreach (ClaimResult claim in paper.Claims) page.Append(Row(paper, claim));
        page.Append("\n| paper | runs | seconds |\n|---|---|---|\n");
        foreach (PaperVerification paper in verification.Papers)
            page.Append(CultureInfo.InvariantCulture, $"| `{paper.Paper}` | {paper.Runs.Count} | {paper.Seconds:0.0} |\n");
        return page.ToString();
    }

    private static string Row(PaperVerification paper, ClaimResult result)
    {
        bool exact = result.Claim.Arms.Count == 0;
        string interval = exact ? "exact" : double.IsFinite(result.Interval.Low) ? $"{FigureSvg.Number(result.Interval.Low)} to {FigureSvg.Number(result.Interval.High)}" : "none";
        string needed = exact ? $"within {FigureSvg.Number(result.Claim.Margin)}" : $"{(result.Claim.Better == Better.Higher ? "above" : "below")} {FigureSvg.Number(result.Claim.Bar)}";
        string verdict = result.Verdict == Verdict.Holds ? "holds" : $"**{result.Verdict.Name()}**";
        string[] cells = [$"`{paper.Paper}`", Cell(result.Claim.Statement), verdict, Cell(result.Claim.Quantity), FigureSvg.Number(result.Difference), interval, needed];
        return $"| {string.Join(" | ", cells)} |\n";
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
