using Rindoku.Lab.Reports;

namespace Rindoku.Lab;

/// <summary>What the training of one arm with one seed gave.</summary>
/// <example><code>
/// return new ArmResult { ["accuracy"] = accuracy, Units = { ["correct"] = correct }, Figures = { curves } };
/// </code></example>
public sealed class ArmResult
{
    private readonly Dictionary<string, double> metrics = [];

    /// <summary>The numbers that claims and tables are about, by name.</summary>
    public IReadOnlyDictionary<string, double> Metrics => metrics;

    /// <summary>A metric by its name.</summary>
    /// <exception cref="LabException">There is none of that name.</exception>
    public double this[string metric]
    {
        get => metrics.TryGetValue(metric, out double value) ? value : throw new LabException(Suggest.Unknown("metric", metric, metrics.Keys));
        set => metrics[metric] = value;
    }

    /// <summary>
    /// Arrays of one number for each unit of the test - an image, a problem, a game - in the same order for every arm and seed,
    /// by name. Claims over them take the spread between units into account.
    /// </summary>
    public IDictionary<string, float[]> Units { get; } = new Dictionary<string, float[]>();

    /// <summary>Pictures for the report.</summary>
    public IList<Figure> Figures { get; } = [];

    /// <summary>What the run has to say in words, a line each: the classes of a photo, a text that was written. Shown after the numbers.</summary>
    public IList<string> Notes { get; } = [];

    /// <summary>Files that the run wrote into its folder, by what they are.</summary>
    public IDictionary<string, string> Artefacts { get; } = new Dictionary<string, string>();

    /// <summary>Sets several metrics at once.</summary>
    public ArmResult With(IEnumerable<KeyValuePair<string, double>> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        foreach ((string name, double value) in more) metrics[name] = value;
        return this;
    }

    /// <summary>Adds pictures.</summary>
    public ArmResult With(IEnumerable<Figure> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        foreach (Figure figure in more) Figures.Add(figure);
        return this;
    }
}
