using System.Globalization;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>The choices of quasi-recurrent networks.</summary>
public sealed record QrnnSettings
{
    /// <summary>How many layers lie one on the other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>k, how many steps the convolution of a layer sees.</summary>
    public int Window { get; init; } = 2;

    /// <summary>The k of the first layer, or null for that of the others.</summary>
    public int? FirstWindow { get; init; }

    /// <summary>The gates.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.ForgetOutput;

    /// <summary>p: how likely a channel keeps its old value for a step, in training.</summary>
    public double Zoneout { get; init; }

    /// <summary>Dropout of what a layer is given by the layers below it, in training; not of x.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether a layer is given x and the outputs of all layers below, side by side, and not of the last one only.</summary>
    public bool Dense { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Window);
        if (FirstWindow is { } first) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first, nameof(FirstWindow));
        if (!(Zoneout is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(Zoneout), $"Qrnn: zoneout must lie from 0 to 1, got {Zoneout}");
        if (!(Dropout is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(Dropout), $"Qrnn: dropout must lie from 0 to 1, got {Dropout}");
    }
}

/// <summary>What a quasi-recurrent layer carries from one piece of a sequence to the next.</summary>
/// <param name="Cell">c, (B, H).</param>
/// <param name="Inputs">The last k - 1 inputs, (B, k - 1, In); null for a window of 1.</param>
public sealed record QrnnState(Tensor Cell, Tensor? Inputs);

/// <summary>One quasi-recurrent layer: gates by a masked convolution over time, and a recurrence without weights that pools them.</summary>
/// <remarks>
/// <para><c>Z = tanh(W_z * X)</c>, <c>F = σ(W_f * X)</c>, <c>O = σ(W_o * X)</c>, <c>I = σ(W_i * X)</c>; output t of a convolution sees the inputs t - k + 1 to t. How
/// they are pooled says <see cref="PoolingKind"/>. All steps' gates are one matrix product; an LSTM has a product for every step.</para>
/// <para>Zoneout: <c>F = 1 - dropout(1 - σ(W_f * X))</c> without rescaling, in evaluation with its expected value, <c>1 - (1 - p)(1 - σ(W_f * X))</c>.</para>
/// <para>Shapes: x <c>(B, T, In)</c> → <c>(B, T, H)</c>. Start: everything from U(-1/√(k·In), 1/√(k·In)).</para>
/// <para>Checkpoint keys: <c>weight</c> (G·H, k·In) with the gates in the order z, f, o, i and the oldest input of a window first; <c>bias</c> (G·H).
/// The authors' later code calls f what is 1 - f here and in the paper, and has the newest input first.</para>
/// <para>Source: Bradbury, Merity, Xiong and Socher 2017, arXiv:1611.01576, section 2.</para>
/// </remarks>
public sealed class QrnnLayer : Layer
{
    private readonly Linear gates;
    private readonly Rng? randomness;

    /// <summary>A layer with random start values.</summary>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="units">H, how many channels.</param>
    /// <param name="rng">Source of the start values and of zoneout's draws.</param>
    /// <param name="window">k, how many steps the convolution sees.</param>
    /// <param name="pooling">The gates.</param>
    /// <param name="zoneout">How likely a channel keeps its old value for a step, in training.</param>
    public QrnnLayer(int inputs, int units, Rng rng, int window = 2, PoolingKind pooling = PoolingKind.ForgetOutput, double zoneout = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        new QrnnSettings { Window = window, Zoneout = zoneout }.Check();
        (Inputs, Units, Window, Pooling, Zoneout) = (inputs, units, window, pooling, zoneout);
        gates = new Linear(window * inputs, TensorOps.GatesOf(pooling) * units, rng);
        Register("weight", gates.Weight);
        Register("bias", gates.Bias!);
        if (zoneout > 0) randomness = Register("rng", rng);
    }

    /// <summary>Width of the input.</summary>
    public int Inputs { get; }

    /// <summary>H, how many channels.</summary>
    public int Units { get; }

    /// <summary>k, how many steps the convolution sees.</summary>
    public int Window { get; }

    /// <summary>The gates.</summary>
    public PoolingKind Pooling { get; }

    /// <summary>How likely a channel keeps its old value for a step, in training.</summary>
    public double Zoneout { get; }

    /// <summary>The width of the sums before the gates, G·H.</summary>
    public int SumWidth => gates.Outputs;

    /// <summary>The output at every step, from nothing.</summary>
    public override Tensor Forward(Tensor x) => Run(x).Output;

    /// <summary>The output at every step, and the state behind the last.</summary>
    /// <param name="x">(B, T, In).</param>
    /// <param name="state">What the piece before left; null for the start of the sequences.</param>
    /// <param name="lengths">How many steps of each sample count, (B), or null for all. The state of shorter samples is not to be carried on.</param>
    /// <param name="added">Added to the sums before the gates: (B, 1, G·H) to those of every step, such as what an encoder came to, or (B, T, G·H).</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public (Tensor Output, QrnnState State) Run(Tensor x, QrnnState? state = null, IntTensor? lengths = null, Tensor? added = null)
    {
        (Tensor sums, Tensor? inputs) = Sums(x, state, added);
        PooledSequence pooled = sums.GatedPooling(Pooling, Options(x, state, lengths));
        return (pooled.Output, new QrnnState(pooled.Cell, inputs));
    }

    /// <summary>As <see cref="Run"/>, but the c of every step and the output gate by themselves, for attention that looks at what is not gated.</summary>
    /// <returns>c and o, each (B, T, H), and the state behind the last step.</returns>
    /// <exception cref="InvalidOperationException">The layer's pooling is not <see cref="PoolingKind.ForgetOutput"/>.</exception>
    public (Tensor Cells, Tensor OutputGate, QrnnState State) RunUngated(Tensor x, QrnnState? state = null, Tensor? added = null)
    {
        if (Pooling != PoolingKind.ForgetOutput) throw new InvalidOperationException($"{this}: RunUngated needs the pooling {nameof(PoolingKind.ForgetOutput)}, it has {Pooling}");
        (Tensor sums, Tensor? inputs) = Sums(x, state, added);
        PooledSequence pooled = sums.Narrow(2, 0, 2 * Units).GatedPooling(PoolingKind.Forget, Options(x, state, null));
        return (pooled.Output, sums.Narrow(2, 2 * Units, Units).Sigmoid(), new QrnnState(pooled.Cell, inputs));
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"QrnnLayer({Inputs} → {Units}, window {Window}{(Pooling == PoolingKind.ForgetOutput ? "" : $", {Pooling}")}{(Zoneout > 0 ? $", zoneout {Zoneout}" : "")})");

    private GatedPoolingOptions Options(Tensor x, QrnnState? state, IntTensor? lengths)
    {
        GatedPoolingOptions options = new() { Start = state?.Cell, Lengths = lengths };
        if (randomness is null) return options;
        return IsTraining
            ? options with { UpdateMask = randomness.Bernoulli([x.Shape[0], x.Shape[1], Units], (float)(1 - Zoneout)) }
            : options with { UpdateScale = (float)(1 - Zoneout) };
    }

    private (Tensor Sums, Tensor? Inputs) Sums(Tensor x, QrnnState? state, Tensor? added)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 3 && x.Shape[2] == Inputs && x.Shape[1] > 0, $"{this} got x {x.Shape}; it must be (B, T, {Inputs}) with at least one step");
        int steps = x.Shape[1], before = Window - 1;
        if (before > 0)
        {
            if (state is not null)
            {
                ShapeException.Require(state.Inputs is not null && state.Inputs.Shape == [x.Shape[0], before, Inputs],
                    $"{this} got inputs carried over of {state.Inputs?.Shape.ToString() ?? "no shape"}; they must be ({x.Shape[0]}, {before}, {Inputs})");
                x = Tensor.Concat([state.Inputs!, x], 1);
            }
            else if (steps < before) x = x.Pad(1, before - steps, 0);
        }
        Tensor sums = gates.Forward(x.CausalWindows(Window, steps));
        return (added is null ? sums : sums + added, before > 0 ? x.Narrow(1, x.Shape[1] - before, before) : null);
    }
}

/// <summary>What a quasi-recurrent network gives.</summary>
/// <param name="Outputs">Each layer's output at every step, (B, T, H), the lowest first.</param>
/// <param name="States">Each layer's state behind the last step.</param>
public sealed record QrnnOutput(IReadOnlyList<Tensor> Outputs, IReadOnlyList<QrnnState> States)
{
    /// <summary>The top layer's output at every step, (B, T, H).</summary>
    public Tensor Output => Outputs[^1];
}

/// <summary>Quasi-recurrent layers one on the other.</summary>
/// <remarks>
/// <para>Shapes: x <c>(B, T, In)</c> → <c>(B, T, H)</c>, the top layer's output. With <see cref="QrnnSettings.Dense"/> layer l is given
/// <c>In + (l - 1) H</c> numbers a step.</para>
/// <para>Checkpoint keys: those of <see cref="QrnnLayer"/> under <c>layers.0</c>, <c>layers.1</c> ...</para>
/// <para>Source: Bradbury, Merity, Xiong and Socher 2017, arXiv:1611.01576, sections 2 and 2.1.</para>
/// </remarks>
public sealed class Qrnn : Layer
{
    private readonly QrnnLayer[] layers;
    private readonly Rng? randomness;

    /// <summary>A network with random start values.</summary>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="units">H, how many channels a layer has.</param>
    /// <param name="rng">Source of the start values and of the draws of zoneout and dropout.</param>
    /// <param name="settings">Layers, windows, gates, zoneout, dropout; null for one layer of fo-pooling with a window of 2.</param>
    public Qrnn(int inputs, int units, Rng rng, QrnnSettings? settings = null)
    {
        Settings = settings ?? new QrnnSettings();
        Settings.Check();
        (Inputs, Units) = (inputs, units);
        layers = [.. Enumerable.Range(0, Settings.Layers).Select(l => new QrnnLayer(
            l == 0 ? inputs : Settings.Dense ? inputs + l * units : units, units, rng,
            l == 0 ? Settings.FirstWindow ?? Settings.Window : Settings.Window, Settings.Pooling, Settings.Zoneout))];
        Register("layers", new ModuleList(layers));
        if (Settings.Dropout > 0) randomness = Register("rng", rng);
    }

    /// <summary>Width of the input.</summary>
    public int Inputs { get; }

    /// <summary>H, how many channels a layer has.</summary>
    public int Units { get; }

    /// <summary>Layers, windows, gates, zoneout, dropout.</summary>
    public QrnnSettings Settings { get; }

    /// <summary>The layers, the lowest first.</summary>
    public IReadOnlyList<QrnnLayer> Layers => layers;

    /// <summary>The top layer's output at every step, from nothing.</summary>
    public override Tensor Forward(Tensor x) => Run(x).Output;

    /// <summary>Every layer's output and state.</summary>
    /// <param name="x">(B, T, In).</param>
    /// <param name="states">What the piece before left, a state for each layer; null for the start of the sequences.</param>
    /// <param name="lengths">How many steps of each sample count, (B), or null for all.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public QrnnOutput Run(Tensor x, IReadOnlyList<QrnnState>? states = null, IntTensor? lengths = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (states is not null && states.Count != layers.Length) throw new ArgumentException($"Qrnn: {states.Count} states for {layers.Length} layers", nameof(states));
        Tensor[] outputs = new Tensor[layers.Length];
        QrnnState[] after = new QrnnState[layers.Length];
        Tensor given = x;
        for (int l = 0; l < layers.Length; l++)
        {
            (outputs[l], after[l]) = layers[l].Run(given, states?[l], lengths);
            if (l + 1 == layers.Length) break;
            Tensor passed = randomness is null ? outputs[l] : outputs[l].Dropout((float)Settings.Dropout, randomness, IsTraining);
            given = Settings.Dense ? Tensor.Concat([given, passed], 2) : passed;
        }
        return new QrnnOutput(outputs, after);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() =>
        $"Qrnn({Inputs} → {Units}, {layers.Length} layer{(layers.Length > 1 ? "s" : "")}{(Settings.Dense ? ", densely connected" : "")})";
}
