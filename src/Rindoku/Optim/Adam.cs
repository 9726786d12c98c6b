using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>Adam: steps of the size of the learning rate, by the mean gradient over the root of the mean square.</summary>
/// <remarks>
/// <c>g ← g + λ w; m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; w ← w − η m̂ / (√v̂ + ε)</c> with <c>m̂ = m / (1 − β₁ᵗ)</c>,
/// <c>v̂ = v / (1 − β₂ᵗ)</c>. Weight decay λ is added to the gradient; see <see cref="AdamW"/> for the decoupled form.
/// Source: Kingma and Ba 2014, arXiv:1412.6980, algorithm 1.
/// </remarks>
public sealed class Adam : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public Adam(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
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
    public Adam(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
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
        OptimizerKernels.Run(new Kernel((float)(rate / correction1), 1, (float)decay, (float)Beta1, (float)Beta2,
            (float)(1 / Math.Sqrt(correction2)), (float)Epsilon), parameter.Values, gradient, mean, square);
    }

    // Decay is coupled (added to the gradient: Adam) or decoupled (the weight shrinks: AdamW); the other is 0 or 1.
    internal readonly struct Kernel(float rate, float shrink, float decay, float beta1, float beta2, float rootCorrection, float epsilon) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V>
        {
            w *= V.All(shrink);
            g = V.Fma(V.All(decay), w, g);
            m = V.Fma(V.All(beta1), m, V.All(1 - beta1) * g);
            v = V.Fma(V.All(beta2), v, V.All(1 - beta2) * g * g);
            w -= V.All(rate) * m / V.Fma(V.Sqrt(v), V.All(rootCorrection), V.All(epsilon));
        }
    }
}
