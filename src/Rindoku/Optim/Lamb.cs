using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>LAMB: Adam's direction, scaled in each parameter to a part of the parameter's own length; for large batches.</summary>
/// <remarks>
/// <c>r = m̂ / (√v̂ + ε) + λ w; w ← w − η (‖w‖ / ‖r‖) r</c>, with m̂ and v̂ as in <see cref="Adam"/>; the ratio is 1 where either norm is 0.
/// Source: You et al. 2019, arXiv:1904.00962, algorithm 2 with φ(z) = z.
/// </remarks>
public sealed class Lamb : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public Lamb(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6, double weightDecay = 0)
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
    public Lamb(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6, double weightDecay = 0)
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
        int length = parameter.Length;
        Span<float> mean = Memory(index, "mean", length), square = Memory(index, "square", length);
        float[] rented = System.Buffers.ArrayPool<float>.Shared.Rent(length);
        Span<float> direction = rented.AsSpan(0, length), weights = parameter.Values;
        double correction1 = 1 - Math.Pow(Beta1, Steps), correction2 = 1 - Math.Pow(Beta2, Steps);
        OptimizerKernels.Run(new DirectionKernel((float)DecayOf(group), (float)Beta1, (float)Beta2, (float)(1 / correction1),
            (float)(1 / Math.Sqrt(correction2)), (float)Epsilon), weights, gradient, mean, square, direction);

        double ofWeights = Norm(weights), ofDirection = Norm(direction);
        double ratio = ofWeights > 0 && ofDirection > 0 ? ofWeights / ofDirection : 1;
        OptimizerKernels.Run(new StepKernel((float)(RateOf(group) * ratio)), weights, direction);
        System.Buffers.ArrayPool<float>.Shared.Return(rented);
    }

    private static double Norm(ReadOnlySpan<float> x)
    {
        double sum = 0;
        foreach (float value in x) sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    private readonly struct DirectionKernel(float decay, float beta1, float beta2, float meanCorrection, float rootCorrection, float epsilon) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V direction) where V : struct, ISimd<V>
        {
            m = V.Fma(V.All(beta1), m, V.All(1 - beta1) * g);
            v = V.Fma(V.All(beta2), v, V.All(1 - beta2) * g * g);
            direction = V.Fma(V.All(decay), w, V.All(meanCorrection) * m / V.Fma(V.Sqrt(v), V.All(rootCorrection), V.All(epsilon)));
        }
    }

    private readonly struct StepKernel(float rate) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V direction, ref V m, ref V v, ref V u) where V : struct, ISimd<V> => w -= V.All(rate) * direction;
    }
}
