using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>One step of a convolutional LSTM: the gates are a convolution of input and state, so that states are maps.</summary>
/// <remarks>
/// <para><c>(i, f, o, g) = W ∗ [x, h] + b</c>; <c>c' = σ(f) c + σ(i) tanh(g)</c>; <c>h' = σ(o) tanh(c')</c>. x <c>(B, In, H, W)</c>,
/// h and c <c>(B, Out, H, W)</c>; the kernel is odd, and padding keeps the size.</para>
/// <para>Start: as <see cref="Conv2d"/>. Checkpoint keys: <c>conv.weight</c> (4 Out, In + Out, K, K), <c>conv.bias</c>; PyTorch has no such layer.</para>
/// <para>Source: Shi et al. 2015, arXiv:1506.04214, equation 3, without its peepholes (gates do not see c), as most later work has it.</para>
/// </remarks>
public sealed class ConvLstmCell : Module
{
    private readonly Conv2d gates;

    /// <summary>A cell with random start values.</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of h and c.</param>
    /// <param name="kernel">K, odd.</param>
    /// <param name="rng">Source of the start values.</param>
    public ConvLstmCell(int inputs, int outputs, int kernel, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        ShapeException.Require(kernel > 0 && kernel % 2 == 1, $"ConvLstmCell: the kernel must be odd, so that maps keep their size, got {kernel}");
        (Inputs, Outputs) = (inputs, outputs);
        gates = Register("conv", new Conv2d(inputs + outputs, 4 * outputs, kernel, rng, padding: kernel / 2));
    }

    /// <summary>Channels of x.</summary>
    public int Inputs { get; }

    /// <summary>Channels of h and c.</summary>
    public int Outputs { get; }

    /// <summary>The next h and c.</summary>
    /// <param name="x">(B, In, H, W).</param>
    /// <param name="hidden">h, (B, Out, H, W), or null for 0.</param>
    /// <param name="cell">c, (B, Out, H, W), or null for 0.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public (Tensor Hidden, Tensor Cell) Forward(Tensor x, Tensor? hidden = null, Tensor? cell = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 4 && x.Shape[1] == Inputs, $"{this} got x {x.Shape}; it must be (B, {Inputs}, H, W)");
        Shape state = x.Shape.With(1, Outputs);
        ShapeException.Require((hidden is null || hidden.Shape == state) && (cell is null || cell.Shape == state),
            $"{this} got x {x.Shape} with h {hidden?.Shape ?? state} and c {cell?.Shape ?? state}; both must be {state}");
        hidden ??= Tensor.Zeros(state);
        cell ??= Tensor.Zeros(state);
        Tensor[] parts = gates.Forward(Tensor.Concat([x, hidden], 1)).Chunk(4, 1);
        Tensor next = parts[1].Sigmoid() * cell + parts[0].Sigmoid() * parts[3].Tanh();
        return (parts[2].Sigmoid() * next.Tanh(), next);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"ConvLstmCell({Inputs} → {Outputs})";
}

/// <summary>Convolutional LSTM layers over sequences of maps: (B, T, In, H, W) → (B, T, Out, H, W). See <see cref="ConvLstmCell"/>.</summary>
/// <remarks>Checkpoint keys: those of the cells under <c>cells.0</c>, <c>cells.1</c>, ...</remarks>
public sealed class ConvLstm : Layer
{
    private readonly ConvLstmCell[] cells;

    /// <summary>Layers with random start values.</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of each layer, the lowest first.</param>
    /// <param name="kernel">K, odd.</param>
    /// <param name="rng">Source of the start values.</param>
    public ConvLstm(int inputs, IReadOnlyList<int> outputs, int kernel, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentOutOfRangeException.ThrowIfZero(outputs.Count, nameof(outputs));
        cells = [.. outputs.Select((channels, i) => new ConvLstmCell(i == 0 ? inputs : outputs[i - 1], channels, kernel, rng))];
        Register("cells", new ModuleList(cells));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Run(x).Output;

    /// <summary>The top layer's h at every step, and every layer's last h and c.</summary>
    /// <param name="x">(B, T, In, H, W).</param>
    /// <param name="start">h and c of every layer at the start, or null for 0.</param>
    /// <returns>(B, T, Out, H, W), and for each layer h and c.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public (Tensor Output, IReadOnlyList<(Tensor Hidden, Tensor Cell)> States) Run(Tensor x, IReadOnlyList<(Tensor Hidden, Tensor Cell)>? start = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 5 && x.Shape[1] > 0 && x.Shape[2] == cells[0].Inputs,
            $"ConvLstm: x must be (B, T, {cells[0].Inputs}, H, W) with at least one step, got {x.Shape}");
        ShapeException.Require(start is null || start.Count == cells.Length, $"ConvLstm: {cells.Length} layers need as many start states, got {start?.Count}");
        (Tensor Hidden, Tensor Cell)[] states = new (Tensor, Tensor)[cells.Length];
        Tensor[] steps = [.. Enumerable.Range(0, x.Shape[1]).Select(t => x.Select(1, t))];
        for (int layer = 0; layer < cells.Length; layer++)
        {
            (Tensor? hidden, Tensor? cell) = start is null ? default((Tensor?, Tensor?)) : start[layer];
            for (int t = 0; t < steps.Length; t++)
            {
                (steps[t], cell) = cells[layer].Forward(steps[t], hidden, cell);
                hidden = steps[t];
            }
            states[layer] = (hidden!, cell!);
        }
        return (Tensor.Stack(steps, 1), states);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"ConvLstm({cells[0].Inputs} → {string.Join(" → ", cells.Select(cell => cell.Outputs))})";
}
