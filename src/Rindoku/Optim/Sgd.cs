using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Optim;

/// <summary>Stochastic gradient descent with momentum.</summary>
/// <remarks>
/// With gradient g, weight decay λ and momentum μ: <c>g ← g + λ w; v ← μ v + (1 − d) g; w ← w − η v</c>, or with Nesterov's momentum
/// <c>w ← w − η (g + μ v)</c>; at the first step v = g, whatever the dampening d. Without momentum <c>w ← w − η g</c>.
/// The rule of PyTorch's <c>SGD</c>; source: Sutskever et al. 2013.
/// </remarks>
public sealed class Sgd : Optimizer
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public Sgd(IEnumerable<ParameterGroup> groups, double learningRate, double momentum = 0, double weightDecay = 0, bool nesterov = false, double dampening = 0)
        : base(groups, learningRate, weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        if (nesterov && (momentum == 0 || dampening != 0))
            throw new ArgumentException("Sgd: Nesterov's momentum needs a momentum and no dampening", nameof(nesterov));
        Momentum = momentum;
        Nesterov = nesterov;
        Dampening = dampening;
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public Sgd(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double weightDecay = 0, bool nesterov = false, double dampening = 0)
        : this([new ParameterGroup(parameters)], learningRate, momentum, weightDecay, nesterov, dampening) { }

    /// <summary>The momentum, μ.</summary>
    public double Momentum { get; }

    /// <summary>Whether the momentum is Nesterov's.</summary>
    public bool Nesterov { get; }

    /// <summary>The dampening of the gradient in the momentum, d.</summary>
    public double Dampening { get; }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        float rate = (float)RateOf(group), decay = (float)DecayOf(group);
        if (Momentum == 0)
        {
            OptimizerKernels.Run(new PlainKernel(rate, decay), parameter.Values, gradient);
            return;
        }
        bool first = !Remembers(index, "momentum");
        Span<float> velocity = Memory(index, "momentum", parameter.Length);
        float keep = first ? 0 : (float)Momentum, fresh = first ? 1 : (float)(1 - Dampening);
        if (Nesterov) OptimizerKernels.Run(new NesterovKernel(rate, decay, keep, fresh, (float)Momentum), parameter.Values, gradient, velocity);
        else OptimizerKernels.Run(new MomentumKernel(rate, decay, keep, fresh), parameter.Values, gradient, velocity);
    }

    private readonly struct PlainKernel(float rate, float decay) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V> =>
            w -= V.All(rate) * V.Fma(V.All(decay), w, g);
    }

    private readonly struct MomentumKernel(float rate, float decay, float keep, float fresh) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V velocity, ref V v, ref V u) where V : struct, ISimd<V>
        {
            velocity = V.Fma(V.All(keep), velocity, V.All(fresh) * V.Fma(V.All(decay), w, g));
            w -= V.All(rate) * velocity;
        }
    }

    private readonly struct NesterovKernel(float rate, float decay, float keep, float fresh, float ahead) : IUpdateKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<V>(ref V w, V g, ref V velocity, ref V v, ref V u) where V : struct, ISimd<V>
        {
            g = V.Fma(V.All(decay), w, g);
            velocity = V.Fma(V.All(keep), velocity, V.All(fresh) * g);
            w -= V.All(rate) * V.Fma(V.All(ahead), velocity, g);
        }
    }
}
