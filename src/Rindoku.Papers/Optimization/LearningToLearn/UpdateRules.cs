using Rindoku.Nn;
using Rindoku.Nn.Initialisers;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Optimization.LearningToLearn;

/// <summary>
/// How a gradient becomes a step: <c>θₜ₊₁ = θₜ + gₜ, [gₜ, hₜ₊₁] = m(∇ₜ, hₜ)</c> (paper, section 2). Learned or made by hand.
/// </summary>
public interface IUpdateRule
{
    /// <summary>h at the start.</summary>
    /// <param name="coordinates">How many numbers are optimized.</param>
    IReadOnlyList<Tensor> Start(int coordinates);

    /// <summary>The step, and h after it.</summary>
    /// <param name="gradient">∇, (n).</param>
    /// <param name="state">h.</param>
    (Tensor Step, IReadOnlyList<Tensor> State) Next(Tensor gradient, IReadOnlyList<Tensor> state);
}

/// <summary>
/// The learned optimizer: a small LSTM that reads the gradient of one coordinate and gives its step. All coordinates share its weights; each has
/// a state of its own, so n coordinates are a batch of n rows and their order plays no part (paper, section 2.1).
/// </summary>
/// <remarks>
/// <para>Layers of long short-term memory, then a linear map to one number, times a fixed scale. Gates in PyTorch's order i, f, g, o and one bias a gate,
/// as in Sonnet; Sonnet adds 1 to the forget gate, here its bias starts there.</para>
/// <para>Gradients differ by orders of magnitude. With a p they are read as two numbers, <see cref="Preprocess"/>.</para>
/// <para>Source: Andrychowicz et al. 2016, arXiv:1606.04474; start values and sizes from the authors' code.</para>
/// </remarks>
public sealed class LearnedOptimizer : Module, IUpdateRule
{
    private readonly RecurrentWeights[] layers;
    private readonly Linear output;
    private readonly float scale;
    private readonly int units;

    /// <summary>An optimizer that has learned nothing yet.</summary>
    /// <param name="rng">The source of start values.</param>
    /// <param name="layers">Layers of LSTM: the paper has 2. With none it is linear in the gradient.</param>
    /// <param name="units">Units of each: the paper has 20.</param>
    /// <param name="preprocess">p, or null to read gradients as they are.</param>
    /// <param name="scale">What the output is multiplied by.</param>
    public LearnedOptimizer(Rng rng, int layers = 2, int units = 20, double? preprocess = null, double scale = 0.1)
    {
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        (this.units, this.scale, Magnitude) = (units, (float)scale, preprocess);
        int inputs = preprocess is null ? 1 : 2;
        this.layers = new RecurrentWeights[layers];
        for (int l = 0; l < layers; l++, inputs = units)
        {
            double deviation = 1 / Math.Sqrt(inputs + units);
            Parameter bias = Register($"lstm_{l + 1}.bias", Tensor.Generate([4 * units], i => i / units == 1 ? 1 : 0));
            this.layers[l] = new RecurrentWeights(
                Register($"lstm_{l + 1}.weight_ih", Initialise.TruncatedNormal(rng, [4 * units, inputs], deviation)),
                Register($"lstm_{l + 1}.weight_hh", Initialise.TruncatedNormal(rng, [4 * units, units], deviation)), bias);
        }
        output = Register("linear", new Linear(inputs, 1, rng));
        Initialise.TruncatedNormal(rng, output.Weight.Shape, 1 / Math.Sqrt(inputs)).Span.CopyTo(output.Weight.Values);
        output.Bias!.Values.Clear();
    }

    /// <summary>p, or null where gradients are read as they are.</summary>
    public double? Magnitude { get; }

    /// <summary>The linear map on top.</summary>
    public Linear Output => output;

    /// <inheritdoc/>
    /// <remarks>h and c of each layer, (n, units).</remarks>
    public IReadOnlyList<Tensor> Start(int coordinates) => [.. Enumerable.Range(0, 2 * layers.Length).Select(_ => Tensor.Zeros([coordinates, units]))];

    /// <inheritdoc/>
    public (Tensor Step, IReadOnlyList<Tensor> State) Next(Tensor gradient, IReadOnlyList<Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentNullException.ThrowIfNull(state);
        Tensor x = Magnitude is { } p ? Preprocess(gradient, p) : gradient.Reshape(gradient.Length, 1);
        Tensor[] next = new Tensor[state.Count];
        for (int l = 0; l < layers.Length; l++)
        {
            (next[2 * l], next[2 * l + 1]) = x.LstmCell(state[2 * l], state[2 * l + 1], layers[l]);
            x = next[2 * l];
        }
        return (output.Forward(x).Reshape(gradient.Shape) * scale, next);
    }

    /// <summary>
    /// A gradient as two numbers (paper, appendix A): <c>(log|∇| / p, sgn ∇)</c> where <c>|∇| ≥ e⁻ᵖ</c>, else <c>(−1, eᵖ ∇)</c>. The first tells the
    /// magnitude, the second the sign; the two branches meet at <c>(−1, ±1)</c>.
    /// </summary>
    /// <param name="gradient">∇, (n).</param>
    /// <param name="p">How small a gradient still has its magnitude told.</param>
    /// <returns>(n, 2).</returns>
    public static Tensor Preprocess(Tensor gradient, double p)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        Tensor magnitude = gradient.Abs().Clamp((float)Math.Exp(-p), float.PositiveInfinity).Log() * (float)(1 / p);
        return Tensor.Stack([magnitude, (gradient * (float)Math.Exp(p)).Clamp(-1, 1)], -1);
    }
}

/// <summary>An optimizer of the house as an update rule, so that what is made by hand goes through the same loop as what is learned.</summary>
/// <param name="make">Makes the optimizer of a parameter.</param>
public sealed class HandMade(Func<Parameter, Optimizer> make) : IUpdateRule
{
    private Parameter parameter = null!;
    private Optimizer optimizer = null!;

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Start(int coordinates)
    {
        parameter = new Parameter(Tensor.Zeros([coordinates]));
        optimizer = make(parameter);
        return [];
    }

    /// <inheritdoc/>
    /// <remarks>The optimizer moves a parameter that is always put back to 0, so what it becomes is the step.</remarks>
    public (Tensor Step, IReadOnlyList<Tensor> State) Next(Tensor gradient, IReadOnlyList<Tensor> state)
    {
        parameter.Values.Clear();
        parameter.Grad = gradient;
        optimizer.Step();
        return (Tensor.From(parameter.Span, parameter.Shape), state);
    }
}
