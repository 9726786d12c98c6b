namespace Rindoku.Lab;

/// <summary>How far a piece of work is.</summary>
/// <param name="Stage">What is being done: <c>epoch 3/30</c>.</param>
/// <param name="Fraction">The part that is done, from 0 to 1.</param>
/// <param name="Elapsed">The time so far.</param>
/// <param name="Remaining">The time left, as far as it can be told.</param>
/// <param name="Rate">Steps in a second, lately.</param>
/// <param name="Note">The latest figures: <c>loss 0.132, accuracy 0.981</c>.</param>
public readonly record struct Progress(string Stage, double Fraction, TimeSpan Elapsed, TimeSpan? Remaining, double Rate, string Note);

/// <summary>Told how far a piece of work is; the command line draws it.</summary>
public interface IProgressSink
{
    /// <summary>Takes the newest state. Called often, from the thread that works: be quick.</summary>
    void Report(in Progress progress);
}

/// <summary>Takes metrics over time. A value for a metric and step that is there already replaces it: resumed runs repeat some steps.</summary>
public interface IMetricSink
{
    /// <summary>Takes one value.</summary>
    /// <param name="metric">Its name: <c>train/loss</c>.</param>
    /// <param name="step">The optimizer step it belongs to.</param>
    /// <param name="value">The value.</param>
    void Record(string metric, long step, double value);

    /// <summary>Writes down what has been taken so far.</summary>
    void Flush();
}

/// <summary>Nobody watches.</summary>
public sealed class NoProgress : IProgressSink
{
    /// <summary>The one instance.</summary>
    public static NoProgress Instance { get; } = new();

    /// <inheritdoc/>
    public void Report(in Progress progress) { }
}

/// <summary>Nobody keeps the metrics.</summary>
public sealed class NoMetrics : IMetricSink
{
    /// <summary>The one instance.</summary>
    public static NoMetrics Instance { get; } = new();

    /// <inheritdoc/>
    public void Record(string metric, long step, double value) { }

    /// <inheritdoc/>
    public void Flush() { }
}
