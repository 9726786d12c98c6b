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
        : base(groups, learningRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        ArgumentOutOfRangeException.ThrowIfNegative(weightDecay);
        if (nesterov && (momentum == 0 || dampening != 0))
            throw new ArgumentException("Sgd: Nesterov's momentum needs a momentum and no dampening", nameof(nesterov));
        Momentum = momentum;
        WeightDecay = weightDecay;
        Nesterov = nesterov;
        Dampening = dampening;
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public Sgd(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double weightDecay = 0, bool nesterov = false, double dampening = 0)
        : this([new ParameterGroup(parameters)], learningRate, momentum, weightDecay, nesterov, dampening) { }

    /// <summary>The momentum, μ.</summary>
    public double Momentum { get; }

    /// <summary>The weight decay, λ, of groups that have none of their own.</summary>
    public double WeightDecay { get; }

    /// <summary>Whether the momentum is Nesterov's.</summary>
    public bool Nesterov { get; }

    /// <summary>The dampening of the gradient in the momentum, d.</summary>
    public double Dampening { get; }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        float rate = (float)(LearningRate * group.LearningRateFactor), decay = (float)(group.WeightDecay ?? WeightDecay);
        Span<float> weights = parameter.Values;
        if (Momentum == 0)
        {
            OptimizerKernels.Sgd(weights, gradient, rate, decay);
            return;
        }
        bool first = !Remembers(index, "momentum");
        Span<float> velocity = Memory(index, "momentum", weights.Length);
        OptimizerKernels.SgdMomentum(weights, gradient, velocity, rate, decay, first ? 0 : (float)Momentum,
            first ? 1 : (float)(1 - Dampening), Nesterov ? (float)Momentum : 0, Nesterov);
    }
}
