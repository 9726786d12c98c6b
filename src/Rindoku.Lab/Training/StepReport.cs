namespace Rindoku.Lab;

/// <summary>What one training step tells.</summary>
/// <param name="Loss">The loss; when it is not finite the training stops.</param>
/// <param name="More">Other values to log, by name: <c>generator</c>, <c>reward</c>.</param>
public readonly record struct StepReport(double Loss, IReadOnlyDictionary<string, double>? More = null)
{
    /// <summary>A report of the loss alone.</summary>
    public static implicit operator StepReport(double loss) => new(loss);

    /// <summary>A report of the loss alone.</summary>
    public static StepReport FromDouble(double loss) => new(loss);
}

/// <summary>How often something is done.</summary>
/// <param name="EpochCount">After so many epochs, or 0.</param>
/// <param name="StepCount">After so many steps, or 0.</param>
public readonly record struct Every(int EpochCount, long StepCount)
{
    /// <summary>After every epoch.</summary>
    public static Every Epoch { get; } = new(1, 0);

    /// <summary>Never, except at the end.</summary>
    public static Every Never { get; }

    /// <summary>After every n-th epoch.</summary>
    public static Every Epochs(int n) => n > 0 ? new(n, 0) : throw new ArgumentOutOfRangeException(nameof(n), n, "Every.Epochs: at least 1");

    /// <summary>After every n-th step.</summary>
    public static Every Steps(long n) => n > 0 ? new(0, n) : throw new ArgumentOutOfRangeException(nameof(n), n, "Every.Steps: at least 1");
}

/// <summary>What makes a model the best so far.</summary>
/// <param name="Metric">A name that the evaluation gives.</param>
/// <param name="Better">Which way it is better.</param>
public sealed record BestBy(string Metric, Better Better);

/// <summary>What a training came to.</summary>
/// <param name="Steps">Optimizer steps taken.</param>
/// <param name="Epochs">Epochs finished.</param>
/// <param name="StoppedEarly">Whether patience ran out.</param>
/// <param name="Best">The best value of the metric that decides, or NaN where none does.</param>
/// <param name="BestStep">The step that it was reached at.</param>
/// <param name="Seconds">The time spent in training steps, evaluations and checkpoints left out, in all sittings.</param>
/// <param name="History">All that was logged.</param>
public sealed record TrainingOutcome(long Steps, int Epochs, bool StoppedEarly, double Best, long BestStep, double Seconds, MetricHistory History);
