using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>What single recurrent steps share, for models that run the time themselves.</summary>
/// <remarks>
/// Start: everything from U(−1/√H, 1/√H). Checkpoint keys as PyTorch's cells: <c>weight_ih</c> (G·H, In), <c>weight_hh</c> (G·H, H),
/// <c>bias_ih</c>, <c>bias_hh</c>.
/// </remarks>
public abstract class RecurrentCell : Module
{
    private protected RecurrentCell(int gates, int inputs, int units, Rng rng, bool bias)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        (Inputs, Units) = (inputs, units);
        int rows = gates * units;
        Parameter input = Start("weight_ih", [rows, inputs]), hidden = Start("weight_hh", [rows, units]);
        Weights = bias ? new RecurrentWeights(input, hidden, Start("bias_ih", [rows]), Start("bias_hh", [rows])) : new RecurrentWeights(input, hidden);

        Parameter Start(string name, Shape shape) => Register(name, Initialise.UniformByFanIn(rng, shape, units));
    }

    /// <summary>Width of the input.</summary>
    public int Inputs { get; }

    /// <summary>H, how many units.</summary>
    public int Units { get; }

    /// <summary>The weights.</summary>
    public RecurrentWeights Weights { get; }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"{GetType().Name}({Inputs} → {Units})";

    private protected Tensor StateOrZeros(Tensor x, Tensor? state)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 2 && x.Shape[1] == Inputs, $"{this} got x {x.Shape}; it must be (B, {Inputs})");
        return state ?? Tensor.Zeros([x.Shape[0], Units]);
    }
}

/// <summary>One step of <see cref="Rnn"/>.</summary>
public sealed class RnnCell(int inputs, int units, Rng rng, bool bias = true, bool relu = false) : RecurrentCell(1, inputs, units, rng, bias)
{
    /// <summary>The next h.</summary>
    /// <param name="x">(B, In).</param>
    /// <param name="hidden">h, (B, H), or null for 0.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public Tensor Forward(Tensor x, Tensor? hidden = null) => x.RnnCell(StateOrZeros(x, hidden), Weights, relu);
}

/// <summary>One step of <see cref="Lstm"/>.</summary>
public sealed class LstmCell(int inputs, int units, Rng rng, bool bias = true) : RecurrentCell(4, inputs, units, rng, bias)
{
    /// <summary>The next h and c.</summary>
    /// <param name="x">(B, In).</param>
    /// <param name="hidden">h, (B, H), or null for 0.</param>
    /// <param name="cell">c, (B, H), or null for 0.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public (Tensor Hidden, Tensor Cell) Forward(Tensor x, Tensor? hidden = null, Tensor? cell = null) =>
        x.LstmCell(StateOrZeros(x, hidden), StateOrZeros(x, cell), Weights);
}

/// <summary>One step of <see cref="Gru"/>.</summary>
public sealed class GruCell(int inputs, int units, Rng rng, bool bias = true) : RecurrentCell(3, inputs, units, rng, bias)
{
    /// <summary>The next h.</summary>
    /// <param name="x">(B, In).</param>
    /// <param name="hidden">h, (B, H), or null for 0.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public Tensor Forward(Tensor x, Tensor? hidden = null) => x.GruCell(StateOrZeros(x, hidden), Weights);
}
