using Rindoku.IO;
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
        AtomicFile.Write(file, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(card.Title)));
    }
}
