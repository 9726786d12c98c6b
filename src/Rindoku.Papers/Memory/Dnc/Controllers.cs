using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>The network that decides, step by step, what the memory does.</summary>
public abstract class Controller : Module
{
    /// <summary>How many numbers it gives a step.</summary>
    public abstract int Outputs { get; }

    /// <summary>One step.</summary>
    /// <param name="input">χ: the step's input with what the memory gave in the step before, (B, In).</param>
    /// <param name="state">What it remembers; null at the start.</param>
    /// <returns>Its output, (B, <see cref="Outputs"/>), and what it remembers now.</returns>
    public abstract (Tensor Output, IReadOnlyList<Tensor> State) Step(Tensor input, IReadOnlyList<Tensor>? state);
}

/// <summary>The paper's controller: LSTM layers of which each reads χ, its own state and the output of the layer below; all outputs lie side by side.</summary>
/// <remarks>Source: the paper, Methods, "Controller network".</remarks>
public sealed class LstmController : Controller
{
    private readonly LstmCell[] layers;
    private readonly float? clip;

    /// <summary>A controller with random start values.</summary>
    /// <param name="inputs">Width of χ.</param>
    /// <param name="units">Units of a layer.</param>
    /// <param name="layers">How many layers.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="clip">Outputs and cells are held between -clip and clip, as in the authors' code; null for no bounds.</param>
    public LstmController(int inputs, int units, int layers, Rng rng, float? clip = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        this.layers = new LstmCell[layers];
        for (int l = 0; l < layers; l++)
            this.layers[l] = Register(FormattableString.Invariant($"layer{l}"), new LstmCell(inputs + (l == 0 ? 0 : units), units, rng));
        this.clip = clip;
    }

    /// <inheritdoc/>
    public override int Outputs => layers.Length * layers[0].Units;

    /// <inheritdoc/>
    public override (Tensor Output, IReadOnlyList<Tensor> State) Step(Tensor input, IReadOnlyList<Tensor>? state)
    {
        Tensor[] next = new Tensor[2 * layers.Length], outputs = new Tensor[layers.Length];
        for (int l = 0; l < layers.Length; l++)
        {
            Tensor x = l == 0 ? input : Tensor.Concat([input, outputs[l - 1]], axis: 1);
            (Tensor hidden, Tensor cell) = layers[l].Forward(x, state?[2 * l], state?[2 * l + 1]);
            if (clip is { } bound) cell = cell.Clamp(-bound, bound); // an output of an LSTM lies between -1 and 1 by itself
            (next[2 * l], next[2 * l + 1], outputs[l]) = (hidden, cell, hidden);
        }
        return (outputs.Length == 1 ? outputs[0] : Tensor.Concat(outputs, axis: 1), next);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"LstmController({layers[0].Inputs} → {layers[0].Units}{(layers.Length > 1 ? $", {layers.Length} layers" : "")})";
}

/// <summary>A controller without a memory of its own: two layers with ReLU. The published weights have this one.</summary>
public sealed class FeedForwardController : Controller
{
    private readonly Linear first, second;

    /// <summary>A controller with random start values.</summary>
    /// <param name="inputs">Width of χ.</param>
    /// <param name="hidden">Units of the first layer.</param>
    /// <param name="outputs">Units of the second.</param>
    /// <param name="rng">Source of the start values.</param>
    public FeedForwardController(int inputs, int hidden, int outputs, Rng rng)
    {
        first = Register("first", new Linear(inputs, hidden, rng));
        second = Register("second", new Linear(hidden, outputs, rng));
    }

    /// <inheritdoc/>
    public override int Outputs => second.Outputs;

    /// <inheritdoc/>
    public override (Tensor Output, IReadOnlyList<Tensor> State) Step(Tensor input, IReadOnlyList<Tensor>? state) =>
        (second.Forward(first.Forward(input).Relu()).Relu(), []);

    /// <summary>Sizes.</summary>
    public override string ToString() => $"FeedForwardController({first.Inputs} → {first.Outputs} → {second.Outputs})";
}
