namespace Rindoku.Optim.Schedules;

/// <summary>Lowers the rate when a metric has not improved for a while.</summary>
/// <remarks>
/// An observation counts as better if it beats the best one by more than <c>threshold · |best|</c>; after more than
/// <c>patience</c> observations in a row that do not, the rate is multiplied by the factor. The rule of PyTorch's
/// <c>ReduceLROnPlateau</c> with a relative threshold.
/// </remarks>
public sealed class Plateau : IFeedbackSchedule
{
    private readonly double factor, threshold, lowest;
    private readonly int patience;
    private readonly bool higherIsBetter;
    private double rate, best = double.NaN;
    private int waited;

    /// <summary>A schedule that waits for a plateau.</summary>
    /// <param name="rate">The rate at the start.</param>
    /// <param name="factor">What the rate is multiplied by, between 0 and 1.</param>
    /// <param name="patience">How many observations without improvement are borne.</param>
    /// <param name="threshold">By which part of the best metric a better one must differ.</param>
    /// <param name="lowest">The rate is not lowered below this.</param>
    /// <param name="higherIsBetter">Whether the metric is to grow.</param>
    public Plateau(double rate, double factor = 0.1, int patience = 10, double threshold = 1e-4, double lowest = 0, bool higherIsBetter = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(factor, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        (this.rate, this.factor, this.patience) = (rate, factor, patience);
        (this.threshold, this.lowest, this.higherIsBetter) = (threshold, lowest, higherIsBetter);
    }

    /// <inheritdoc/>
    public IReadOnlyList<double> State
    {
        get => [rate, best, waited];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count != 3) throw new ArgumentException($"Plateau: a state has 3 numbers, got {value.Count}", nameof(value));
            (rate, best, waited) = (value[0], value[1], (int)value[2]);
        }
    }

    /// <inheritdoc/>
    public double Rate(long step) => rate;

    /// <inheritdoc/>
    public void Observe(double metric)
    {
        double margin = threshold * Math.Abs(best);
        if (double.IsNaN(best) || (higherIsBetter ? metric > best + margin : metric < best - margin))
        {
            best = metric;
            waited = 0;
        }
        else if (++waited > patience)
        {
            rate = Math.Max(lowest, rate * factor);
            waited = 0;
        }
    }
}
