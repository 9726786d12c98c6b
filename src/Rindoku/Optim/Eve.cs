namespace Rindoku.Optim;

/// <summary>Adam with a rate that answers to the loss: divided by d, a running mean of the loss's relative change from step to step.</summary>
/// <remarks>
/// <para>With fₜ the loss at step t and f* its least value: <c>r = clip(|fₜ − fₜ₋₁| / (min(fₜ, fₜ₋₁) − f*), 1/c, c)</c>,
/// <c>dₜ = β₃ dₜ₋₁ + (1 − β₃) r</c> with <c>d₁ = 1</c>, and <c>w ← w − (η / dₜ) m̂ / (√v̂ + ε)</c> with m̂, v̂ as in <see cref="Adam"/>.
/// So the rate stays from η / c to c η; it grows where the loss hardly moves and shrinks where it jumps. β₃ = 1 is Adam.</para>
/// <para>As in the authors' code the smallest positive number is added above and below the fraction, and a loss below f* counts by its
/// distance from it. ε is added to the corrected root, as in the paper; the authors' code adds it before the correction.</para>
/// <para>Source: Hayashi, Koushik and Neubig, arXiv:1611.01505, the versions of 2017 and 2018, algorithm 1. The version of November 2016 is
/// another algorithm: <see cref="EveV1"/>.</para>
/// </remarks>
public sealed class Eve : FeedbackAdam
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public Eve(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double beta3 = 0.999,
        double clip = 10, double minimum = 0, double epsilon = 1e-8, double weightDecay = 0)
        : base(groups, learningRate, beta1, beta2, beta3, epsilon, weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clip, 1);
        if (!double.IsFinite(minimum)) throw new ArgumentOutOfRangeException(nameof(minimum), minimum, "Eve: the least loss must be a finite number");
        (Clip, Minimum) = (clip, minimum);
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public Eve(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double beta3 = 0.999,
        double clip = 10, double minimum = 0, double epsilon = 1e-8, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, beta3, clip, minimum, epsilon, weightDecay) { }

    /// <summary>The largest change that counts, c; the least is 1 / c.</summary>
    public double Clip { get; }

    /// <summary>The least value of the loss, f*: 0 for cross-entropy without a penalty.</summary>
    public double Minimum { get; }

    private protected override (double Change, double Reference) Compare(double loss, double reference)
    {
        double above = Math.Abs(loss - reference) + double.Epsilon, below = Math.Abs(Math.Min(loss, reference) - Minimum) + double.Epsilon;
        return (Math.Clamp(above / below, 1 / Clip, Clip), loss);
    }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        Update(parameter, gradient, group, index, rateDivisor: Divisor, rootFactor: 1);
    }
}
