using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>What a recurrent network gives.</summary>
/// <param name="Output">The top layer's h at every step, (B, T, D·H) with D directions; 0 beyond a sample's length.</param>
/// <param name="Hidden">The last h of every layer and direction, (L·D, B, H).</param>
/// <param name="Cell">The last c of an LSTM, (L·D, B, H); for the others the same as <paramref name="Hidden"/>.</param>
public sealed record RecurrentOutput(Tensor Output, Tensor Hidden, Tensor Cell);

/// <summary>The choices that all recurrent networks share.</summary>
public sealed record RecurrentOptions
{
    /// <summary>Whether each layer also runs backwards in time; its weights follow those of the forward direction.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>h at the start, (L·D, B, H), or null for 0.</summary>
    public Tensor? Hidden { get; init; }

    /// <summary>c at the start of an LSTM, (L·D, B, H), or null for 0.</summary>
    public Tensor? Cell { get; init; }

    /// <summary>How many steps of each sample count, (B), or null for all. Beyond them a sample holds its state and gives 0.</summary>
    public IntTensor? Lengths { get; init; }

    /// <summary>Dropout between layers, from 0 to 1.</summary>
    public float Dropout { get; init; }

    /// <summary>Where dropout's draws come from; without it there is no dropout (evaluation).</summary>
    public Rng? Rng { get; init; }
}

public static partial class TensorOps
{
    /// <summary>A long short-term memory over whole sequences, of one or several layers; the equations of <see cref="LstmCell"/>.</summary>
    /// <param name="x">(B, T, In).</param>
    /// <param name="weights">One for each layer and direction: layer 0 forwards, layer 0 backwards, layer 1 forwards, ...</param>
    /// <param name="options">Directions, start, lengths and dropout.</param>
    /// <returns>The outputs and the last states.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is not from 0 to T.</exception>
    public static RecurrentOutput Lstm(this Tensor x, IReadOnlyList<RecurrentWeights> weights, RecurrentOptions? options = null) =>
        Recurrent("Lstm", x, weights, options, 4, (run, input, h, c, w) =>
            ThroughTime(default(LstmCell), LstmStep, run, input, h, c, w.HiddenHidden, w.HiddenBias));

    /// <summary>Gated recurrent units over whole sequences, of one or several layers; the equations of <see cref="GruCell"/>.</summary>
    /// <param name="x">(B, T, In).</param>
    /// <param name="weights">One for each layer and direction: layer 0 forwards, layer 0 backwards, layer 1 forwards, ...</param>
    /// <param name="options">Directions, start, lengths and dropout.</param>
    /// <returns>The outputs and the last states.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is not from 0 to T.</exception>
    public static RecurrentOutput Gru(this Tensor x, IReadOnlyList<RecurrentWeights> weights, RecurrentOptions? options = null) =>
        Recurrent("Gru", x, weights, options, 3, (run, input, h, _, w) => ThroughTime(default(GruCell),
            static (input, h, _, weight, bias) => Twice(GruStep(input, h, weight, bias)), run, input, h, null, w.HiddenHidden, w.HiddenBias));

    /// <summary>A plain recurrent network over whole sequences, of one or several layers; the equation of <see cref="RnnCell"/>.</summary>
    /// <param name="x">(B, T, In).</param>
    /// <param name="weights">One for each layer and direction: layer 0 forwards, layer 0 backwards, layer 1 forwards, ...</param>
    /// <param name="relu">Whether max(0, ·) stands in the place of tanh.</param>
    /// <param name="options">Directions, start, lengths and dropout.</param>
    /// <returns>The outputs and the last states.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is not from 0 to T.</exception>
    public static RecurrentOutput Rnn(this Tensor x, IReadOnlyList<RecurrentWeights> weights, bool relu = false, RecurrentOptions? options = null) =>
        Recurrent("Rnn", x, weights, options, 1, (run, input, h, _, w) => ThroughTime(new PlainCell(relu),
            (input, h, _, weight, bias) => Twice(PlainStep(input, h, weight, bias, relu)), run, input, h, null, w.HiddenHidden, w.HiddenBias));

    private static (Tensor, Tensor) Twice(Tensor h) => (h, h);

    /// <summary>One layer in one direction, from its input-side sums.</summary>
    private delegate Tensor RecurrentPass(RecurrentRun run, Tensor input, Tensor hidden, Tensor cell, RecurrentWeights weights);

    private static RecurrentOutput Recurrent(string operation, Tensor x, IReadOnlyList<RecurrentWeights> weights, RecurrentOptions? options, int gates, RecurrentPass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new RecurrentOptions();
        int directions = options.Bidirectional ? 2 : 1;
        ShapeException.Require(x.Rank == 3 && x.Shape[1] > 0, $"{operation}: x must be (B, T, In) with at least one step, got {x.Shape}");
        ShapeException.Require(weights.Count > 0 && weights.Count % directions == 0, $"{operation}: {weights.Count} weights for {directions} directions a layer");
        (int batch, int steps, int size) = (x.Shape[0], x.Shape[1], weights[0].HiddenHidden.Shape[^1]);
        int[]? lengths = RequireLengths(operation, options.Lengths, batch, steps);
        Tensor[] h = Starts(operation, options.Hidden, weights.Count, batch, size), c = Starts(operation, options.Cell, weights.Count, batch, size);

        bool hasCell = gates == 4;
        Tensor sequence = x.Transpose(0, 1); // (T, B, In): a step's rows lie together
        for (int layer = 0; layer < weights.Count; layer += directions)
        {
            if (layer > 0 && options.Rng is { } rng) sequence = sequence.Dropout(options.Dropout, rng);
            Tensor[] outputs = new Tensor[directions];
            for (int i = layer; i < layer + directions; i++)
            {
                ShapeException.Require(RequireWeights(operation, sequence.Shape[2], weights[i], gates) == size,
                    $"{operation}: weights {i} have {weights[i].HiddenHidden.Shape[1]} units, the first have {size}");
                Tensor sums = sequence.Linear(weights[i].InputHidden, weights[i].InputBias);
                Tensor packed = pass(new RecurrentRun(steps, batch, size, Reverse: i > layer, lengths), sums, h[i], c[i], weights[i]);
                outputs[i - layer] = packed.Narrow(0, 0, steps);
                h[i] = packed.Select(0, steps);
                if (hasCell) c[i] = packed.Select(0, steps + 1);
            }
            sequence = directions == 1 ? outputs[0] : Concat(outputs, -1);
        }
        Tensor hidden = Stack(h, 0);
        return new RecurrentOutput(sequence.Transpose(0, 1), hidden, hasCell ? Stack(c, 0) : hidden);
    }

    private static Tensor[] Starts(string operation, Tensor? start, int count, int batch, int size)
    {
        ShapeException.Require(start is null || start.Shape == [count, batch, size],
            $"{operation}: the start must be ({count}, {batch}, {size}), got {start!.Shape}");
        return [.. Enumerable.Range(0, count).Select(i => start is null ? Tensor.Zeros([batch, size]) : start.Select(0, i))];
    }

    private static int[]? RequireLengths(string operation, IntTensor? lengths, int batch, int steps)
    {
        if (lengths is null) return null;
        ShapeException.Require(lengths.Shape == [batch], $"{operation}: a batch of {batch} needs lengths of ({batch}), got {lengths.Shape}");
        foreach (int length in lengths.Span)
            if (length < 0 || length > steps) throw new ArgumentOutOfRangeException(nameof(lengths), $"{operation}: length {length} is not from 0 to {steps} steps");
        return lengths.ToArray();
    }
}
