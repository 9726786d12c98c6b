namespace Rindoku.Lab;

/// <summary>Where a training stands, its weights aside.</summary>
internal sealed class TrainerPosition
{
    /// <summary>Optimizer steps taken.</summary>
    public long Step;

    /// <summary>The epoch of the next batch.</summary>
    public int Epoch;

    /// <summary>The next batch in the epoch.</summary>
    public int Batch;

    public bool Finished;
    public bool StoppedEarly;
    public double Best = double.NaN;
    public long BestStep;
    public int EvaluationsSinceBest;
    public double Seconds;

    /// <summary>Sums of what the steps since the last log line reported, and how many they were.</summary>
    public Dictionary<string, double> Sums = [];

    public long SumCount;

    public MetricHistory History = new();

    public TrainingOutcome Outcome() => new(Step, Epoch, StoppedEarly, Best, BestStep, Seconds, History);
}
