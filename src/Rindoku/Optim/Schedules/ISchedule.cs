namespace Rindoku.Optim.Schedules;

/// <summary>How the learning rate changes over the steps of a training.</summary>
public interface ISchedule
{
    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The optimizer step, from 0.</param>
    double Rate(long step);
}

/// <summary>A schedule that listens to how the training goes, such as one that waits for a plateau.</summary>
public interface IFeedbackSchedule : ISchedule
{
    /// <summary>Takes note of the metric that an evaluation gave.</summary>
    void Observe(double metric);

    /// <summary>All that <see cref="Observe"/> has changed, for checkpoints; setting it takes the schedule back to that place.</summary>
    IReadOnlyList<double> State { get; set; }
}
