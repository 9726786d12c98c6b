namespace Rindoku.Lab;

/// <summary>Measures the steps of one sitting and tells how long the rest will take.</summary>
internal sealed class TrainingClock
{
    private readonly TimeProvider time;
    private readonly long firstStep;
    private readonly long sittingBegan;
    private long started;
    private double rate;
    private long rateStep;
    private long rateTime;

    public TrainingClock(TimeProvider time, long firstStep)
    {
        this.time = time;
        this.firstStep = rateStep = firstStep;
        sittingBegan = rateTime = time.GetTimestamp();
    }

    public void Start() => started = time.GetTimestamp();

    /// <summary>The seconds since <see cref="Start"/>.</summary>
    public double Stop() => time.GetElapsedTime(started).TotalSeconds;

    public Progress Progress(TrainerPosition position, long totalSteps, string stage, string note)
    {
        TimeSpan elapsed = time.GetElapsedTime(sittingBegan);
        UpdateRate(position.Step);
        long done = position.Step - firstStep, left = position.Finished ? 0 : totalSteps - position.Step;

        // Evaluations and checkpoints take time as well, so what is left is told from the whole sitting, not from the rate of steps.
        TimeSpan? remaining = done > 0 ? elapsed * ((double)left / done) : null;
        return new Progress(stage, position.Finished ? 1 : (double)position.Step / totalSteps, elapsed, remaining, rate, note);
    }

    private void UpdateRate(long step)
    {
        double seconds = time.GetElapsedTime(rateTime).TotalSeconds;
        if (seconds < 0.5 && rate > 0) return;
        rate = seconds > 0 ? (step - rateStep) / seconds : rate;
        (rateStep, rateTime) = (step, time.GetTimestamp());
    }
}
