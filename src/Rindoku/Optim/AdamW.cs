using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>Adam with decoupled weight decay: weights shrink by <c>η λ w</c> besides the step.</summary>
/// <remarks>
/// <c>w ← (1 − η λ) w</c>, then <see cref="Adam"/>'s step without decay.
/// Source: Loshchilov and Hutter 2017, arXiv:1711.05101, algorithm 2.
/// </remarks>
public sealed class AdamW : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public AdamW(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 1e-2)
        : base(groups, learningRate, weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta1, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(beta2);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta2, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        Beta1 = beta1;
        Beta2 = beta2;
        Epsilon = epsilon;
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public AdamW(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 1e-2)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, epsilon, weightDecay) { }

    /// <summary>How much of the mean gradient is kept from step to step, β₁.</summary>
    public double Beta1 { get; }

    /// <summary>How much of the mean square is kept from step to step, β₂.</summary>
    public double Beta2 { get; }

    /// <summary>A small number that keeps the divisor from zero, ε.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        double rate = RateOf(group), decay = DecayOf(group);
        double correction1 = 1 - Math.Pow(Beta1, Steps), correction2 = 1 - Math.Pow(Beta2, Steps);
        Span<float> mean = Memory(index, "mean", parameter.Length), square = Memory(index, "square", parameter.Length);
        OptimizerKernels.Run(new Adam.Kernel((float)(rate / correction1), (float)(1 - rate * decay), 0, (float)Beta1, (float)Beta2,
            (float)(1 / Math.Sqrt(correction2)), (float)Epsilon), parameter.Values, gradient, mean, square);
    }
}
