using Rindoku.IO;

namespace Rindoku.Lab.Runs;

/// <summary>A run that is being worked on: takes its metrics and, at the end, its results.</summary>
public sealed class RunWriter : IMetricSink, IDisposable
{
    private const int FlushAfter = 500;

    private readonly RunStore store;
    private readonly RunLock held;
    private readonly List<MetricPoint> waiting = [];
    private bool ended;

    internal RunWriter(RunStore store, RunRecord record, RunLock held) => (this.store, Record, this.held) = (store, record, held);

    /// <summary>The run.</summary>
    public RunRecord Record { get; }

    /// <summary>Its number.</summary>
    public long Id => Record.Id;

    /// <summary>Its folder.</summary>
    public string Folder => Record.Folder;

    /// <inheritdoc/>
    void IMetricSink.Record(string metric, long step, double value)
    {
        waiting.Add(new MetricPoint(metric, step, value));
        if (waiting.Count >= FlushAfter) Flush();
    }

    /// <inheritdoc/>
    public void Flush()
    {
        if (waiting.Count == 0) return;
        store.Write(Id, waiting);
        waiting.Clear();
    }

    /// <summary>Ends the run well: writes results, units and artefacts.</summary>
    public void Done(ArmResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Flush();
        RunStore.Guarded(Folder, () =>
        {
            UnitsFile.Write(Folder, result.Units);
            return 0;
        });
        store.Finish(Id, result.Metrics, result.Artefacts.Select(a => new Artefact(a.Key, a.Value)));
        ended = true;
    }

    /// <summary>Ends the run with an error.</summary>
    public void Failed(string error) => End(RunStatus.Failed, error);

    /// <summary>Ends the run for now: it was asked to stop, and can be resumed.</summary>
    public void Interrupted() => End(RunStatus.Interrupted, "");

    private void End(RunStatus status, string error)
    {
        Flush();
        store.SetStatus(Id, status, error);
        ended = true;
    }

    /// <summary>Lets go of the run; one that has not been ended counts as interrupted.</summary>
    public void Dispose()
    {
        try
        {
            if (!ended) Interrupted();
        }
        finally
        {
            held.Dispose();
        }
    }
}

/// <summary>The arrays of units of a run, as a safetensors file in its folder.</summary>
internal static class UnitsFile
{
    public const string Name = "units.safetensors";

    public static void Write(string folder, IEnumerable<KeyValuePair<string, float[]>> units)
    {
        KeyValuePair<string, Tensor>[] tensors = [.. units.Select(u => KeyValuePair.Create(u.Key, Tensor.From(u.Value, [u.Value.Length]).Keep()))];
        if (tensors.Length > 0) Safetensors.Write(Path.Combine(folder, Name), tensors);
    }

    public static IReadOnlyDictionary<string, float[]> Read(string folder)
    {
        string file = Path.Combine(folder, Name);
        return File.Exists(file) ? Safetensors.Read(file).Tensors.ToDictionary(t => t.Key, t => t.Value.ToArray()) : new Dictionary<string, float[]>();
    }
}
