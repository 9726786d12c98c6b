using System.Globalization;
using Rindoku.Lab.Runs;

namespace Rindoku.Lab.Reports;

/// <summary>The report of a run: one HTML file that needs nothing else.</summary>
public static class RunReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="file">The file.</param>
    /// <param name="card">The paper.</param>
    /// <param name="run">The run.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="result">Its result.</param>
    /// <param name="metrics">Its metrics over time.</param>
    /// <exception cref="LabException">The file cannot be written.</exception>
    public static void Write(string file, Card card, RunRecord run, ArmSettings settings, ArmResult result, IReadOnlyList<MetricPoint> metrics)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(metrics);
        ReportPage page = new($"{card.Title} - run {run.Id}");
        page.Header(card.Title, $"{string.Join(", ", card.Authors)}, {card.Year}", $"Run {run.Id}: {settings.Arm.Name}, {settings.Arm.Description}");
        page.Tiles(result.Metrics);
        foreach (string note in result.Notes) page.Paragraph(note);
        Figure[] curves = [.. Curves(metrics)];
        if (curves.Length > 0) page.Section("Learning curves");
        foreach (Figure curve in curves) page.Figure(curve);
        if (result.Figures.Count > 0) page.Section("Figures");
        foreach (Figure figure in result.Figures) page.Figure(figure);
        page.Section("Settings").Table(["setting", "value"], settings.List().Select(s => (IReadOnlyList<string>)[s.Name, s.Value]));
        page.Section("The run").Facts(Facts(run));
        page.Write(file);
    }

    /// <summary>Metrics over steps, those of one kind - all losses, all accuracies - in one chart.</summary>
    /// <remarks>The kind is what follows the last slash: <c>train/loss</c> and <c>test/loss</c> belong together.</remarks>
    public static IEnumerable<LineChart> Curves(IReadOnlyList<MetricPoint> metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return metrics.GroupBy(p => p.Metric[(p.Metric.LastIndexOf('/') + 1)..]).Where(kind => kind.GroupBy(p => p.Metric).Any(m => m.Count() > 1))
            .OrderBy(kind => kind.Key switch { "loss" => 0, "rate" => 2, _ => 1 }).ThenBy(kind => kind.Key, StringComparer.Ordinal)
            .Select(kind => new LineChart($"{Capital(kind.Key)} over training", "step", kind.Key == "rate" ? "learning rate" : kind.Key,
                [.. kind.GroupBy(p => p.Metric).Select(m => new LineSeries(m.Key, [.. m.Select(p => (double)p.Step)], [.. m.Select(p => p.Value)]))]));
    }

    private static string Capital(string word) => word.Length == 0 ? word : word == "rate" ? "Learning rate" : char.ToUpperInvariant(word[0]) + word[1..];

    private static (string, string)[] Facts(RunRecord run) =>
    [
        ("Paper", run.Paper), ("Arm", run.Arm), ("Profile", run.Profile.Name()), ("Seed", run.Seed.ToString(CultureInfo.InvariantCulture)),
        ("Started", run.Started.ToString("u", CultureInfo.InvariantCulture)), ("Commit", run.Commit), ("Machine", run.Machine), ("Versions", run.Versions),
    ];
}
