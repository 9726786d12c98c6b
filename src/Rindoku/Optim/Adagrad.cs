using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>Adagrad: each weight's rate falls with the root of the sum of its squared gradients.</summary>
/// <remarks>
/// <c>s ← s + g²; w ← w − η / (1 + (t − 1) · rateDecay) · g / (√s + ε)</c>.
/// Source: Duchi, Hazan and Singer 2011.
/// </remarks>
public sealed class Adagrad : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public Adagrad(IEnumerable<ParameterGroup> groups, double learningRate = 1e-2, double rateDecay = 0, double weightDecay = 0, double epsilon = 1e-10)
        : base(groups, learningRate, weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rateDecay);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        RateDecay = rateDecay;
        Epsilon = epsilon;
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public Adagrad(IEnumerable<Parameter> parameters, double learningRate = 1e-2, double rateDecay = 0, double weightDecay = 0, double epsilon = 1e-10)
        : this([new ParameterGroup(parameters)], learningRate, rateDecay, weightDecay, epsilon) { }

    /// <summary>How fast the learning rate falls with the steps.</summary>
    public double RateDecay { get; }

    /// <summary>A small number that keeps the divisor from zero, ε.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        double rate = RateOf(group) / (1 + (Steps - 1) * RateDecay);
        OptimizerKernels.Run(new Kernel((float)rate, (float)DecayOf(group), (float)Epsilon), parameter.Values, gradient,
            Memory(index, "sum", parameter.Length));
    }

    private readonly struct Kernel(float rate, float decay, float epsilon) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V>
        {
            g = V.Fma(V.All(decay), w, g);
            m = V.Fma(g, g, m);
            w -= V.All(rate) * g / (V.Sqrt(m) + V.All(epsilon));
        }
    }
}
