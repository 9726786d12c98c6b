using System.Globalization;
using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>The choices of recurrent layers.</summary>
public sealed record RecurrentSettings
{
    /// <summary>How many layers lie one on the other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Whether each layer also runs backwards in time.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Whether the gates add biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Dropout between layers, in training.</summary>
    public double Dropout { get; init; }
}

/// <summary>What recurrent layers share: weights by layer and direction, start states, lengths.</summary>
/// <remarks>
/// <para>Shapes: x <c>(B, T, In)</c> → <c>(B, T, D·H)</c>, D = 2 with two directions. The batch comes first.</para>
/// <para>Start: everything from U(−1/√H, 1/√H), as PyTorch's layers.</para>
/// <para>Checkpoint keys as PyTorch's: <c>weight_ih_l0</c> (G·H, In), <c>weight_hh_l0</c> (G·H, H), <c>bias_ih_l0</c>, <c>bias_hh_l0</c>;
/// backwards <c>weight_ih_l0_reverse</c> ...; the next layer <c>weight_ih_l1</c> (G·H, D·H) ...</para>
/// </remarks>
public abstract class RecurrentLayer : Layer
{
    private readonly RecurrentWeights[] weights;
    private readonly Rng? randomness;

    private protected RecurrentLayer(int gates, int inputs, int units, Rng rng, RecurrentSettings? settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        Settings = settings ?? new RecurrentSettings();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Settings.Layers, nameof(settings));
        if (!(Settings.Dropout is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(settings), $"{GetType().Name}: dropout must lie from 0 to 1, got {Settings.Dropout}");
        (Inputs, Units) = (inputs, units);
        int directions = Settings.Bidirectional ? 2 : 1;
        weights = new RecurrentWeights[Settings.Layers * directions];
        for (int i = 0; i < weights.Length; i++)
        {
            string suffix = (i / directions).ToString(CultureInfo.InvariantCulture) + (i % directions == 1 ? "_reverse" : "");
            weights[i] = RegisterWeights($"_l{suffix}", gates * units, i < directions ? inputs : directions * units, rng);
        }
        if (Settings.Dropout > 0) randomness = Register("rng", rng);
    }

    /// <summary>Width of the input.</summary>
    public int Inputs { get; }

    /// <summary>H, how many units a layer and direction has.</summary>
    public int Units { get; }

    /// <summary>Layers, directions, biases, dropout.</summary>
    public RecurrentSettings Settings { get; }

    /// <summary>The top layer's output at every step, from states of 0.</summary>
    public override Tensor Forward(Tensor x) => Run(x).Output;

    /// <summary>The outputs and the last states.</summary>
    /// <param name="x">(B, T, In).</param>
    /// <param name="hidden">h at the start, (L·D, B, H), or null for 0.</param>
    /// <param name="cell">c at the start of an LSTM, (L·D, B, H), or null for 0; the others have none.</param>
    /// <param name="lengths">How many steps of each sample count, (B), or null for all.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public RecurrentOutput Run(Tensor x, Tensor? hidden = null, Tensor? cell = null, IntTensor? lengths = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 3 && x.Shape[2] == Inputs, $"{this} got x {x.Shape}; it must be (B, T, {Inputs})");
        return Run(x, weights, new RecurrentOptions
        {
            Bidirectional = Settings.Bidirectional,
            Hidden = hidden,
            Cell = cell,
            Lengths = lengths,
            Dropout = (float)Settings.Dropout,
            Rng = IsTraining ? randomness : null,
        });
    }

    private protected abstract RecurrentOutput Run(Tensor x, RecurrentWeights[] weights, RecurrentOptions options);

    /// <summary>Sizes.</summary>
    public override string ToString() =>
        $"{GetType().Name}({Inputs} → {Units}{(Settings.Layers > 1 ? $", {Settings.Layers} layers" : "")}{(Settings.Bidirectional ? ", both directions" : "")})";

    private RecurrentWeights RegisterWeights(string suffix, int rows, int inputs, Rng rng)
    {
        Parameter input = Start($"weight_ih{suffix}", [rows, inputs]), hidden = Start($"weight_hh{suffix}", [rows, Units]);
        return Settings.Bias
            ? new RecurrentWeights(input, hidden, Start($"bias_ih{suffix}", [rows]), Start($"bias_hh{suffix}", [rows]))
            : new RecurrentWeights(input, hidden);

        Parameter Start(string name, Shape shape) => Register(name, Initialise.UniformByFanIn(rng, shape, Units));
    }
}

/// <summary>Plain recurrent layers: <c>h' = tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh)</c>.</summary>
/// <remarks>Source: Elman 1990. See <see cref="RecurrentLayer"/> for shapes, start values and keys.</remarks>
public sealed class Rnn(int inputs, int units, Rng rng, RecurrentSettings? settings = null, bool relu = false)
    : RecurrentLayer(1, inputs, units, rng, settings)
{
    private protected override RecurrentOutput Run(Tensor x, RecurrentWeights[] weights, RecurrentOptions options) => x.Rnn(weights, relu, options);
}

/// <summary>Long short-term memory: <c>c' = σ(f) c + σ(i) tanh(g)</c>, <c>h' = σ(o) tanh(c')</c>; gates in the order i, f, g, o.</summary>
/// <remarks>Source: Hochreiter and Schmidhuber 1997; with the forget gate of Gers et al. 2000. See <see cref="RecurrentLayer"/> for shapes, start values and keys.</remarks>
public sealed class Lstm(int inputs, int units, Rng rng, RecurrentSettings? settings = null) : RecurrentLayer(4, inputs, units, rng, settings)
{
    private protected override RecurrentOutput Run(Tensor x, RecurrentWeights[] weights, RecurrentOptions options) => x.Lstm(weights, options);
}

/// <summary>Gated recurrent units: <c>h' = (1 − σ(z)) n + σ(z) h</c>; gates in the order r, z, n.</summary>
/// <remarks>Source: Cho et al. 2014, arXiv:1406.1078, with the reset gate after the product as in PyTorch. See <see cref="RecurrentLayer"/> for shapes, start values and keys.</remarks>
public sealed class Gru(int inputs, int units, Rng rng, RecurrentSettings? settings = null) : RecurrentLayer(3, inputs, units, rng, settings)
{
    private protected override RecurrentOutput Run(Tensor x, RecurrentWeights[] weights, RecurrentOptions options) => x.Gru(weights, options);
}
