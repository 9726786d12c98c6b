using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>Adadelta: the step is the gradient times the ratio of recent steps' root mean square to recent gradients'.</summary>
/// <remarks>
/// <c>s ← ρ s + (1 − ρ) g²; d = √(u + ε) / √(s + ε) · g; u ← ρ u + (1 − ρ) d²; w ← w − η d</c>.
/// Source: Zeiler 2012, arXiv:1212.5701, algorithm 1.
/// </remarks>
public sealed class Adadelta : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public Adadelta(IEnumerable<ParameterGroup> groups, double learningRate = 1, double rho = 0.9, double epsilon = 1e-6, double weightDecay = 0)
        : base(groups, learningRate, weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rho);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rho, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        Rho = rho;
        Epsilon = epsilon;
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public Adadelta(IEnumerable<Parameter> parameters, double learningRate = 1, double rho = 0.9, double epsilon = 1e-6, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, rho, epsilon, weightDecay) { }

    /// <summary>How much of the mean squares is kept from step to step, ρ.</summary>
    public double Rho { get; }

    /// <summary>A small number that keeps the divisor from zero, ε.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        Span<float> square = Memory(index, "square", parameter.Length), steps = Memory(index, "steps", parameter.Length);
        OptimizerKernels.Run(new Kernel((float)RateOf(group), (float)DecayOf(group), (float)Rho, (float)Epsilon),
            parameter.Values, gradient, square, steps);
    }

    private readonly struct Kernel(float rate, float decay, float rho, float epsilon) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V>
        {
            g = V.Fma(V.All(decay), w, g);
            m = V.Fma(V.All(rho), m, V.All(1 - rho) * g * g);
            V step = V.Sqrt(v + V.All(epsilon)) / V.Sqrt(m + V.All(epsilon)) * g;
            v = V.Fma(V.All(rho), v, V.All(1 - rho) * step * step);
            w -= V.All(rate) * step;
        }
    }
}
