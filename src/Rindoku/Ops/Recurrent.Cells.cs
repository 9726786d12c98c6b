using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>The weights of one recurrent layer in one direction, in PyTorch's layout; G gates of H units, stacked.</summary>
/// <param name="InputHidden"><c>weight_ih</c>, (G·H, In).</param>
/// <param name="HiddenHidden"><c>weight_hh</c>, (G·H, H).</param>
/// <param name="InputBias"><c>bias_ih</c>, (G·H), or null for none.</param>
/// <param name="HiddenBias"><c>bias_hh</c>, (G·H), or null for none.</param>
/// <remarks>The order of the gates: LSTM i, f, g, o; GRU r, z, n.</remarks>
public sealed record RecurrentWeights(Tensor InputHidden, Tensor HiddenHidden, Tensor? InputBias = null, Tensor? HiddenBias = null);

public static partial class TensorOps
{
    /// <summary>One step of a long short-term memory: <c>c' = σ(f) c + σ(i) tanh(g)</c>, <c>h' = σ(o) tanh(c')</c>.</summary>
    /// <param name="x">(B, In).</param>
    /// <param name="hidden">h, (B, H).</param>
    /// <param name="cell">c, (B, H).</param>
    /// <param name="weights">With G = 4: <c>(i, f, g, o) = x W_ihᵀ + b_ih + h W_hhᵀ + b_hh</c>.</param>
    /// <returns>h' and c', (B, H).</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <remarks>Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.</remarks>
    public static (Tensor Hidden, Tensor Cell) LstmCell(this Tensor x, Tensor hidden, Tensor cell, RecurrentWeights weights)
    {
        RequireCell("LstmCell", x, hidden, weights, gates: 4);
        RequireSameShape("LstmCell", hidden, cell);
        (int batch, int size) = (hidden.Shape[0], hidden.Shape[1]);
        Tensor sums = x.Linear(weights.InputHidden, weights.InputBias).Reshape(1, batch, 4 * size);
        // A sequence of one step: the kernel of sequences does in one pass what would be a dozen operations.
        Tensor packed = ThroughTime(default(LstmCell), LstmStep, new RecurrentRun(1, batch, size, Reverse: false, null), sums, hidden, cell,
            weights.HiddenHidden, weights.HiddenBias);
        return (packed.Select(0, 1), packed.Select(0, 2));
    }

    /// <summary>One step of a gated recurrent unit: <c>n = tanh(x_n + σ(r) h_n)</c>, <c>h' = (1 - σ(z)) n + σ(z) h</c>.</summary>
    /// <param name="x">(B, In).</param>
    /// <param name="hidden">h, (B, H).</param>
    /// <param name="weights">With G = 3, in the order r, z, n: the input side gives x_r, x_z, x_n, the hidden side h_r, h_z, h_n, each with its bias.</param>
    /// <returns>h', (B, H).</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <remarks>Source: Cho et al. 2014, arXiv:1406.1078, with the reset gate after the product as in cuDNN and PyTorch.</remarks>
    public static Tensor GruCell(this Tensor x, Tensor hidden, RecurrentWeights weights)
    {
        RequireCell("GruCell", x, hidden, weights, gates: 3);
        return GruStep(x.Linear(weights.InputHidden, weights.InputBias), hidden, weights.HiddenHidden, weights.HiddenBias);
    }

    /// <summary>One step of a plain recurrent cell: <c>h' = tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh)</c>.</summary>
    /// <param name="x">(B, In).</param>
    /// <param name="hidden">h, (B, H).</param>
    /// <param name="weights">With G = 1.</param>
    /// <param name="relu">Whether max(0, ·) stands in the place of tanh.</param>
    /// <returns>h', (B, H).</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <remarks>Source: Elman 1990, "Finding structure in time".</remarks>
    public static Tensor RnnCell(this Tensor x, Tensor hidden, RecurrentWeights weights, bool relu = false)
    {
        RequireCell("RnnCell", x, hidden, weights, gates: 1);
        return PlainStep(x.Linear(weights.InputHidden, weights.InputBias), hidden, weights.HiddenHidden, weights.HiddenBias, relu);
    }

    private static (Tensor Hidden, Tensor Cell) LstmStep(Tensor input, Tensor hidden, Tensor cell, Tensor weight, Tensor? bias)
    {
        Tensor[] gates = (input + hidden.Linear(weight, bias)).Chunk(4, -1);
        Tensor next = gates[1].Sigmoid() * cell + gates[0].Sigmoid() * gates[2].Tanh();
        return (gates[3].Sigmoid() * next.Tanh(), next);
    }

    private static Tensor GruStep(Tensor input, Tensor hidden, Tensor weight, Tensor? bias)
    {
        Tensor[] x = input.Chunk(3, -1), h = hidden.Linear(weight, bias).Chunk(3, -1);
        Tensor reset = (x[0] + h[0]).Sigmoid(), update = (x[1] + h[1]).Sigmoid(), candidate = (x[2] + reset * h[2]).Tanh();
        return candidate + update * (hidden - candidate);
    }

    private static Tensor PlainStep(Tensor input, Tensor hidden, Tensor weight, Tensor? bias, bool relu)
    {
        Tensor sum = input + hidden.Linear(weight, bias);
        return relu ? sum.Relu() : sum.Tanh();
    }

    private static void RequireCell(string operation, Tensor x, Tensor hidden, RecurrentWeights weights, int gates)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(hidden);
        ArgumentNullException.ThrowIfNull(weights);
        ShapeException.Require(x.Rank == 2, $"{operation}: x must be (B, In), got {x.Shape}");
        int size = RequireWeights(operation, x.Shape[1], weights, gates);
        ShapeException.Require(hidden.Shape == [x.Shape[0], size], $"{operation}: x {x.Shape} and {size} units need a state of ({x.Shape[0]}, {size}), got {hidden.Shape}");
    }

    /// <summary>Checks the weights of a layer and gives its number of units.</summary>
    private static int RequireWeights(string operation, int inputs, RecurrentWeights weights, int gates)
    {
        Shape square = weights.HiddenHidden.Shape;
        ShapeException.Require(square.Rank == 2 && square[0] == gates * square[1],
            $"{operation}: the hidden weight must be ({gates} H, H), got {square}");
        int size = square[1], rows = square[0];
        ShapeException.Require(weights.InputHidden.Shape == [rows, inputs],
            $"{operation}: inputs of size {inputs} and {size} units need an input weight of ({rows}, {inputs}), got {weights.InputHidden.Shape}");
        foreach (Tensor? bias in (Tensor?[])[weights.InputBias, weights.HiddenBias])
            ShapeException.Require(bias is null || bias.Shape == [rows], $"{operation}: {size} units need biases of ({rows}), got {bias!.Shape}");
        return size;
    }
}
