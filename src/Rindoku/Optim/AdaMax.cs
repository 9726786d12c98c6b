using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>Adam with the largest recent gradient in place of the root of the mean square.</summary>
/// <remarks>
/// <c>m ← β₁ m + (1 − β₁) g; u ← max(β₂ u, |g| + ε); w ← w − η / (1 − β₁ᵗ) · m / u</c>.
/// Source: Kingma and Ba 2014, arXiv:1412.6980, algorithm 2 (ε as PyTorch places it).
/// </remarks>
public sealed class AdaMax : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public AdaMax(IEnumerable<ParameterGroup> groups, double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
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
    public AdaMax(IEnumerable<Parameter> parameters, double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
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
        double rate = RateOf(group) / (1 - Math.Pow(Beta1, Steps));
        Span<float> mean = Memory(index, "mean", parameter.Length), largest = Memory(index, "largest", parameter.Length);
        OptimizerKernels.Run(new Kernel((float)rate, (float)DecayOf(group), (float)Beta1, (float)Beta2, (float)Epsilon),
            parameter.Values, gradient, mean, largest);
    }

    private readonly struct Kernel(float rate, float decay, float beta1, float beta2, float epsilon) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V>
        {
            g = V.Fma(V.All(decay), w, g);
            m = V.Fma(V.All(beta1), m, V.All(1 - beta1) * g);
            v = V.Max(V.All(beta2) * v, V.Abs(g) + V.All(epsilon));
            w -= V.All(rate) * m / v;
        }
    }
}
