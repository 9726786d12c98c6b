using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>Adam with Nesterov's momentum.</summary>
/// <remarks>
/// With <c>μₜ = β₁ (1 − ½ · 0.96^(t ψ))</c>, ψ the momentum decay, and Πₜ the product of all μ so far:
/// <c>w ← w − η [ (1 − μₜ) / (1 − Πₜ) · g + μₜ₊₁ / (1 − Πₜ μₜ₊₁) · m ] / (√v̂ + ε)</c>; m, v as in <see cref="Adam"/>.
/// Source: Dozat 2016, in the form of PyTorch's <c>NAdam</c>.
/// </remarks>
public sealed class NAdam : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public NAdam(IEnumerable<ParameterGroup> groups, double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3)
        : base(groups, learningRate, weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta1, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(beta2);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta2, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        ArgumentOutOfRangeException.ThrowIfNegative(momentumDecay);
        Beta1 = beta1;
        Beta2 = beta2;
        Epsilon = epsilon;
        MomentumDecay = momentumDecay;
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public NAdam(IEnumerable<Parameter> parameters, double learningRate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, epsilon, weightDecay, momentumDecay) { }

    /// <summary>How much of the mean gradient is kept from step to step, β₁.</summary>
    public double Beta1 { get; }

    /// <summary>How much of the mean square is kept from step to step, β₂.</summary>
    public double Beta2 { get; }

    /// <summary>A small number that keeps the divisor from zero, ε.</summary>
    public double Epsilon { get; }

    /// <summary>How fast the momentum approaches β₁, ψ.</summary>
    public double MomentumDecay { get; }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        double momentum = MomentumAt(Steps), next = MomentumAt(Steps + 1), rate = RateOf(group);
        Span<float> product = Memory(index, "product", 1); // holds 1 − Πₜ: zero at first, like all memory
        double products = (1 - product[0]) * momentum;
        product[0] = (float)(1 - products);
        Span<float> mean = Memory(index, "mean", parameter.Length), square = Memory(index, "square", parameter.Length);
        OptimizerKernels.Run(new Kernel((float)(rate * (1 - momentum) / (1 - products)), (float)(rate * next / (1 - products * next)), (float)DecayOf(group),
            (float)Beta1, (float)Beta2, (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, Steps))), (float)Epsilon), parameter.Values, gradient, mean, square);
    }

    private double MomentumAt(long step) => Beta1 * (1 - 0.5 * Math.Pow(0.96, step * MomentumDecay));

    private readonly struct Kernel(float rateNow, float rateMean, float decay, float beta1, float beta2, float rootCorrection, float epsilon) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V>
        {
            g = V.Fma(V.All(decay), w, g);
            m = V.Fma(V.All(beta1), m, V.All(1 - beta1) * g);
            v = V.Fma(V.All(beta2), v, V.All(1 - beta2) * g * g);
            w -= V.Fma(V.All(rateNow), g, V.All(rateMean) * m) / V.Fma(V.Sqrt(v), V.All(rootCorrection), V.All(epsilon));
        }
    }
}
