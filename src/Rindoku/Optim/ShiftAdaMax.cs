using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>AdaMax whose products are shifts: step and divisor are powers of two.</summary>
/// <remarks>
/// <c>m ← β₁ m + (1 − β₁) g; v ← AP2(max(β₂ v, |g|)) + ε; w ← w − AP2(η / (1 − β₁ᵗ)) · f · m / v</c>, where AP2 is the nearest power of two
/// (<see cref="Ops.TensorOps.NearestPowerOfTwo"/>) and f the group's <see cref="ParameterGroup.LearningRateFactor"/>. The rounded v is what is
/// remembered. Source: Courbariaux et al. 2016, arXiv:1602.02830, algorithm 4, as in the authors' Torch code.
/// </remarks>
public sealed class ShiftAdaMax : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public ShiftAdaMax(IEnumerable<ParameterGroup> groups, double learningRate = 0.015625, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 7.450580596923828e-9)
        : base(groups, learningRate, weightDecay: 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta1, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(beta2);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta2, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        (Beta1, Beta2, Epsilon) = (beta1, beta2, epsilon);
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public ShiftAdaMax(IEnumerable<Parameter> parameters, double learningRate = 0.015625, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 7.450580596923828e-9)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, epsilon) { }

    /// <summary>How much of the mean gradient is kept from step to step, β₁.</summary>
    public double Beta1 { get; }

    /// <summary>How much of the largest gradient is kept from step to step, β₂.</summary>
    public double Beta2 { get; }

    /// <summary>A small number that keeps the divisor from zero, ε; 2⁻²⁷.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        double step = LearningRate == 0 ? 0 : Math.Pow(2, Math.Round(Math.Log2(LearningRate / (1 - Math.Pow(Beta1, Steps)))));
        Span<float> mean = Memory(index, "mean", parameter.Length), largest = Memory(index, "largest", parameter.Length);
        OptimizerKernels.Run(new Kernel((float)(step * group.LearningRateFactor), (float)Beta1, (float)Beta2, (float)Epsilon), parameter.Values, gradient, mean, largest);
    }

    private readonly struct Kernel(float rate, float beta1, float beta2, float epsilon) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V>
        {
            m = V.Fma(V.All(beta1), m, V.All(1 - beta1) * g);
            v = SimdMath.NearestPowerOfTwo(V.Max(V.All(beta2) * v, V.Abs(g))) + V.All(epsilon);
            w -= V.All(rate) * m / v;
        }
    }
}
