using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>RMSprop: the gradient over the root of its recent mean square, with momentum if wanted.</summary>
/// <remarks>
/// <c>s ← α s + (1 − α) g²; d = g / (√s + ε)</c>; without momentum <c>w ← w − η d</c>, else <c>b ← μ b + d; w ← w − η b</c>. Centred: the
/// variance, <c>s − a²</c> with a the mean gradient, stands in place of s.
/// Source: Tieleman and Hinton 2012, lecture 6.5; Graves 2013, arXiv:1308.0850, for the centred form.
/// </remarks>
public sealed class RmsProp : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public RmsProp(IEnumerable<ParameterGroup> groups, double learningRate = 1e-2, double smoothing = 0.99, double epsilon = 1e-8, double weightDecay = 0, double momentum = 0, bool centred = false)
        : base(groups, learningRate, weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(smoothing);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(smoothing, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        Smoothing = smoothing;
        Epsilon = epsilon;
        Momentum = momentum;
        Centred = centred;
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public RmsProp(IEnumerable<Parameter> parameters, double learningRate = 1e-2, double smoothing = 0.99, double epsilon = 1e-8, double weightDecay = 0, double momentum = 0, bool centred = false)
        : this([new ParameterGroup(parameters)], learningRate, smoothing, epsilon, weightDecay, momentum, centred) { }

    /// <summary>How much of the mean square is kept from step to step, α.</summary>
    public double Smoothing { get; }

    /// <summary>A small number that keeps the divisor from zero, ε.</summary>
    public double Epsilon { get; }

    /// <summary>The momentum, μ.</summary>
    public double Momentum { get; }

    /// <summary>Whether the variance is used in place of the mean square.</summary>
    public bool Centred { get; }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        int length = parameter.Length;
        Span<float> square = Memory(index, "square", length);
        Span<float> mean = Centred ? Memory(index, "mean", length) : [], velocity = Momentum > 0 ? Memory(index, "momentum", length) : [];
        OptimizerKernels.Run(new Kernel((float)RateOf(group), (float)DecayOf(group), (float)Smoothing, (float)Epsilon, (float)Momentum, Centred),
            parameter.Values, gradient, square, mean, velocity);
    }

    private readonly struct Kernel(float rate, float decay, float keep, float epsilon, float momentum, bool centred) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V square, ref V mean, ref V velocity) where V : struct, ISimd<V>
        {
            g = V.Fma(V.All(decay), w, g);
            square = V.Fma(V.All(keep), square, V.All(1 - keep) * g * g);
            V variance = square;
            if (centred)
            {
                mean = V.Fma(V.All(keep), mean, V.All(1 - keep) * g);
                variance = square - mean * mean;
            }
            velocity = V.Fma(V.All(momentum), velocity, g / (V.Sqrt(variance) + V.All(epsilon)));
            w -= V.All(rate) * velocity;
        }
    }
}
