namespace Rindoku.Lab;

/// <summary>How long two pieces of work take, measured by turns.</summary>
/// <remarks>
/// A machine that is shared with others changes its speed by half for seconds at a time. Two trainings that are timed one after the other
/// then differ for no reason of theirs; steps of both that alternate meet the same machine, and their ratio stays what it is.
/// </remarks>
public static class PairedTiming
{
    private const int WarmUpRounds = 2;

    /// <summary>Runs both works by turns, each in a <see cref="MemoryScope"/> of its own, and returns the mean seconds of each.</summary>
    /// <param name="first">One piece of work.</param>
    /// <param name="second">The other.</param>
    /// <param name="rounds">How often each is timed; two rounds more come before, untimed.</param>
    /// <param name="time">What the time is read from; null for the system's.</param>
    /// <param name="stop">Ends the measuring between two pieces of work.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rounds"/> is not positive.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked to.</exception>
    public static (double First, double Second) MeanSeconds(Action first, Action second, int rounds, TimeProvider? time = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        time ??= TimeProvider.System;
        double firstSum = 0, secondSum = 0;
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            stop.ThrowIfCancellationRequested();
            double a = Seconds(first, time), b = Seconds(second, time);
            if (round >= 0) (firstSum, secondSum) = (firstSum + a, secondSum + b);
        }
        return (firstSum / rounds, secondSum / rounds);
    }

    private static double Seconds(Action work, TimeProvider time)
    {
        long start = time.GetTimestamp();
        MemoryScope.Run(work);
        return time.GetElapsedTime(start).TotalSeconds;
    }
}
