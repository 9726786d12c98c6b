using Rindoku.Lab.Reports;

namespace Rindoku.Lab;

/// <summary>Metrics over the steps of a training.</summary>
public sealed class MetricHistory
{
    private readonly Dictionary<string, (List<long> Steps, List<double> Values)> series = [];

    /// <summary>The names of the metrics, in the order in which they first came.</summary>
    public IReadOnlyCollection<string> Names => series.Keys;

    /// <summary>The steps of a metric.</summary>
    /// <exception cref="LabException">There is none of that name.</exception>
    public IReadOnlyList<long> Steps(string metric) => Find(metric).Steps;

    /// <summary>The values of a metric.</summary>
    /// <exception cref="LabException">There is none of that name.</exception>
    public IReadOnlyList<double> Values(string metric) => Find(metric).Values;

    /// <summary>The newest value of a metric, or null.</summary>
    public double? Latest(string metric) => series.TryGetValue(metric, out var s) && s.Values.Count > 0 ? s.Values[^1] : null;

    /// <summary>Metrics as a chart over steps; those that were never logged are left out.</summary>
    /// <param name="title">What the chart shows.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="metrics">The metrics; all of them if none is given.</param>
    public LineChart Chart(string title, Axis y, params IReadOnlyList<string> metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        IEnumerable<string> names = metrics.Count == 0 ? series.Keys : metrics.Where(series.ContainsKey);
        return new LineChart(title, "step", y, [.. names.Select(n => new LineSeries(n, [.. series[n].Steps.Select(s => (double)s)], [.. series[n].Values]))]);
    }

    /// <summary>Takes one value.</summary>
    public void Add(string metric, long step, double value)
    {
        if (!series.TryGetValue(metric, out var s)) series[metric] = s = ([], []);
        s.Steps.Add(step);
        s.Values.Add(value);
    }

    private (List<long> Steps, List<double> Values) Find(string metric) =>
        series.TryGetValue(metric, out var s) ? s : throw new LabException(Suggest.Unknown("metric", metric, series.Keys));
}
