using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>What both forms of Eve share: Adam whose step is divided by d, a running mean of how much the loss changes from step to step.</summary>
/// <remarks>
/// <c>d₁ = 1; dₜ = β₃ dₜ₋₁ + (1 − β₃) r</c>, r being the relative change of the loss as the form at hand measures it, within bounds.
/// Checkpoints hold d and the loss that the next one is compared with, each as a number and what rounding left of it.
/// </remarks>
public abstract class FeedbackAdam : Optimizer, ILossFeedback
{
    private double? observed;

    private protected FeedbackAdam(IEnumerable<ParameterGroup> groups, double learningRate, double beta1, double beta2, double beta3, double epsilon, double weightDecay)
        : base(groups, learningRate, weightDecay)
    {
        RequireShare(beta1, 1, nameof(beta1));
        RequireShare(beta2, 1, nameof(beta2));
        ArgumentOutOfRangeException.ThrowIfNegative(beta3);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(beta3, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        (Beta1, Beta2, Beta3, Epsilon) = (beta1, beta2, beta3, epsilon);

        static void RequireShare(double value, double below, string name)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, below, name);
        }
    }

    /// <summary>How much of the mean gradient is kept from step to step, β₁.</summary>
    public double Beta1 { get; }

    /// <summary>How much of the mean square is kept from step to step, β₂.</summary>
    public double Beta2 { get; }

    /// <summary>How much of d is kept from step to step, β₃; 1 is Adam.</summary>
    public double Beta3 { get; }

    /// <summary>A small number that keeps the divisor from zero, ε.</summary>
    public double Epsilon { get; }

    /// <summary>d: what the last step was divided by; below 1 where the loss changes little, above where it jumps.</summary>
    public double Divisor { get => HasStepped ? Recall("divisor") : 1; private set => Remember("divisor", value); }

    /// <summary>The loss that the next one is compared with; NaN before the first step.</summary>
    public double Reference { get => HasStepped ? Recall("loss") : double.NaN; private set => Remember("loss", value); }

    private bool HasStepped => Remembers(0, "divisor");

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The loss is no finite number.</exception>
    public virtual void Observe(double loss)
    {
        if (!double.IsFinite(loss)) throw new ArgumentOutOfRangeException(nameof(loss), loss, $"{GetType().Name}.Observe: the loss must be a finite number");
        observed = Sum(Parts(loss)); // as it will be remembered, so that a loss that comes again is equal to it
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The loss of the step was not told.</exception>
    public override void Step()
    {
        double loss = observed ?? throw new InvalidOperationException(
            $"{GetType().Name}.Step: the loss of this step is not known; call Observe(loss) between Backward and Step");
        observed = null;
        if (HasStepped)
        {
            (double change, double reference) = Compare(loss, Reference);
            (Divisor, Reference) = (Beta3 * Divisor + (1 - Beta3) * change, reference);
        }
        else
        {
            (Divisor, Reference) = (1, loss);
        }
        base.Step();
    }

    /// <summary>How much the loss has changed, within bounds, and what the next loss is to be compared with.</summary>
    private protected abstract (double Change, double Reference) Compare(double loss, double reference);

    /// <summary>Adam's update with its rate divided by one number, and the root in its divisor multiplied by another.</summary>
    private protected void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index, double rateDivisor, double rootFactor)
    {
        double rate = RateOf(group) / rateDivisor / (1 - Math.Pow(Beta1, Steps)), rootCorrection = rootFactor / Math.Sqrt(1 - Math.Pow(Beta2, Steps));
        Span<float> mean = Memory(index, "mean", parameter.Length), square = Memory(index, "square", parameter.Length);
        OptimizerKernels.Run(new Adam.Kernel((float)rate, 1, (float)DecayOf(group), (float)Beta1, (float)Beta2, (float)rootCorrection, (float)Epsilon),
            parameter.Values, gradient, mean, square);
    }

    private double Recall(string name) => Sum((Memory(0, name, 1)[0], Memory(0, $"{name}.rest", 1)[0]));

    private void Remember(string name, double value) => (Memory(0, name, 1)[0], Memory(0, $"{name}.rest", 1)[0]) = Parts(value);

    // Memory is in floats: two of them hold a number to 48 bits.
    private static (float Head, float Left) Parts(double value) => ((float)value, (float)(value - (float)value));

    private static double Sum((float Head, float Left) parts) => (double)parts.Head + parts.Left;
}
