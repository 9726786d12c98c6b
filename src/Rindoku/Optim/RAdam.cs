using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>Rectified Adam: plain momentum until the mean square rests on enough gradients.</summary>
/// <remarks>
/// With <c>ρ∞ = 2 / (1 − β₂) − 1</c> and <c>ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)</c>: if ρ &gt; 5 the step is <c>η m̂ r √(1 − β₂ᵗ) / (√v + ε)</c> with
/// <c>r = √((ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ))</c>, else <c>η m̂</c>.
/// Source: Liu et al. 2019, arXiv:1908.03265, algorithm 2 (the threshold 5 as in PyTorch).
/// </remarks>
public sealed class RAdam : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public RAdam(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
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
    public RAdam(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
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
        double correction1 = 1 - Math.Pow(Beta1, Steps), power2 = Math.Pow(Beta2, Steps), correction2 = 1 - power2;
        double longest = 2 / (1 - Beta2) - 1, length = longest - 2 * Steps * power2 / correction2;
        double rate = RateOf(group) / correction1;
        bool rectified = length > 5;
        if (rectified)
            rate *= Math.Sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) * Math.Sqrt(correction2);
        Span<float> mean = Memory(index, "mean", parameter.Length), square = Memory(index, "square", parameter.Length);
        OptimizerKernels.Run(new Kernel((float)rate, (float)DecayOf(group), (float)Beta1, (float)Beta2, (float)Epsilon, rectified ? 1 : 0),
            parameter.Values, gradient, mean, square);
    }

    // rectified is 1 or 0: the divisor is √v + ε, or 1.
    private readonly struct Kernel(float rate, float decay, float beta1, float beta2, float epsilon, float rectified) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V>
        {
            g = V.Fma(V.All(decay), w, g);
            m = V.Fma(V.All(beta1), m, V.All(1 - beta1) * g);
            v = V.Fma(V.All(beta2), v, V.All(1 - beta2) * g * g);
            w -= V.All(rate) * m / V.Fma(V.Sqrt(v) + V.All(epsilon), V.All(rectified), V.All(1 - rectified));
        }
    }
}
