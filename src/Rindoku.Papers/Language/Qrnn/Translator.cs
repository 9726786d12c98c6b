using System.Globalization;
using Rindoku.Data;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>What an encoder has read.</summary>
/// <param name="Memory">h̃_s, the top layer's output at every source position, (B, S, H).</param>
/// <param name="Mask">1 where there is a source position, 0 for padding, (B, 1, S).</param>
/// <param name="Final">What the decoder's layers are given of it, each (B, ...).</param>
internal sealed record Encoded(Tensor Memory, Tensor Mask, IReadOnlyList<Tensor> Final)
{
    /// <summary>Some of the samples, in any order and number.</summary>
    public Encoded Rows(IntTensor rows) => new(Memory.IndexSelect(0, rows), Mask.IndexSelect(0, rows), [.. Final.Select(final => final.IndexSelect(0, rows))]);
}

/// <summary>What the encoder-decoders share: embeddings, attention to the source, the answer.</summary>
internal abstract class Translator : Module
{
    private readonly Embedding sourceWords, targetWords;
    private readonly Linear answer;
    private readonly Linear? fromSource, fromState;
    private readonly Dropout? dropout;

    private protected Translator(QrnnExperimentSettings s, int sources, int targets, Rng rng)
    {
        sourceWords = Register("source", new Embedding(sources, s.Embedding, rng));
        targetWords = Register("target", new Embedding(targets, s.Embedding, rng));
        answer = Register("answer", new Linear(s.Units, targets, rng));
        if (s.Attention)
        {
            fromSource = Register("from_source", new Linear(s.Units, s.Units, rng, bias: false));
            fromState = Register("from_state", new Linear(s.Units, s.Units, rng, bias: false));
        }
        if (s.Dropout > 0) dropout = Register("dropout", new Dropout(s.Dropout, rng));
    }

    /// <summary>The translator of some settings.</summary>
    /// <param name="s">Network, layers, windows, attention, dropout.</param>
    /// <param name="sources">How many source tokens there are.</param>
    /// <param name="targets">How many target tokens there are.</param>
    /// <param name="rng">Source of the start values, and of draws in training.</param>
    public static Translator Of(QrnnExperimentSettings s, int sources, int targets, Rng rng) =>
        s.Network == RecurrentKind.Lstm ? new LstmTranslator(s, sources, targets, rng) : new QrnnTranslator(s, sources, targets, rng);

    /// <summary>Whether the decoder looks at the source.</summary>
    public bool Attends => fromSource is not null;

    /// <summary>Reads sources, (B, S).</summary>
    public Encoded Encode(IntTensor sources, IntTensor lengths)
    {
        (Tensor memory, Tensor[] final) = Read(Dropped(sourceWords.Forward(sources)), lengths);
        int steps = memory.Shape[1];
        return new Encoded(memory, Tensor.Generate([lengths.Length, 1, steps], i => i % steps < lengths[i / steps] ? 1 : 0), final);
    }

    /// <summary>Logits of the next token after each of some target tokens, (B, T) → (B, T, V), and the state behind the last.</summary>
    public (Tensor Logits, Tensor[] State) Decode(IntTensor inputs, Encoded source, IReadOnlyList<Tensor>? state = null)
    {
        (Tensor states, Tensor? gate, Tensor[] after) = Write(Dropped(targetWords.Forward(inputs)), source, state);
        Tensor output = Attends ? Attend(states, source) : states;
        if (gate is not null) output *= gate;
        return (answer.Forward(Dropped(output)), after);
    }

    /// <summary>The mean cross-entropy of the target tokens, each after the right ones before it.</summary>
    public Tensor Loss(PairBatch batch, int padding)
    {
        Tensor logits = Decode(batch.TargetInputs, Encode(batch.Sources, batch.SourceLengths)).Logits;
        return logits.Reshape(-1, logits.Shape[2]).CrossEntropy(batch.TargetOutputs.Reshape([batch.TargetOutputs.Length]), ignoreIndex: padding);
    }

    /// <summary>α: how much each target position looks at each source position, (B, T) → (B, T, S).</summary>
    public Tensor Attention(IntTensor inputs, Encoded source)
    {
        Tensor states = Write(Dropped(targetWords.Forward(inputs)), source, null).States;
        return (states.MatMul(source.Memory, transposeB: true) + (source.Mask - 1) * 1e9f).Softmax(2);
    }

    /// <summary>The encoder's layers: (B, S, In) → the top layer's output and what the decoder is given.</summary>
    private protected abstract (Tensor Memory, Tensor[] Final) Read(Tensor x, IntTensor lengths);

    /// <summary>
    /// The decoder's layers: (B, T, In) → the top layer's states and the gate that lets them out, if there is one, each (B, T, H), and what is to be
    /// carried on.
    /// </summary>
    private protected abstract (Tensor States, Tensor? Gate, Tensor[] After) Write(Tensor y, Encoded source, IReadOnlyList<Tensor>? state);

    // k_t = Σ_s α_st h̃_s with α_st = softmax_s(c_t · h̃_s); W_k k_t + W_c c_t (equations 8 to 10, the gate aside).
    private Tensor Attend(Tensor states, Encoded source)
    {
        Tensor seen = states.Attention(source.Memory, source.Memory, new AttentionOptions { Mask = source.Mask, Scale = 1 });
        return fromSource!.Forward(seen) + fromState!.Forward(states);
    }

    private protected Tensor Dropped(Tensor x) => dropout?.Forward(x) ?? x;
}

/// <summary>The paper's encoder-decoder of QRNN layers (section 2.2).</summary>
/// <remarks>
/// Layer l of the decoder adds <c>V^l h̃_T^l</c>, of the encoder's last state in the same layer, to its sums at every step (equation 7). The last layer
/// attends with its states before the output gate: <c>h_t = o_t ⊙ (W_k k_t + W_c c_t)</c>.
/// </remarks>
internal sealed class QrnnTranslator : Translator
{
    private readonly Nn.Qrnn encoder;
    private readonly QrnnLayer[] decoder;
    private readonly Linear[] bridges;

    public QrnnTranslator(QrnnExperimentSettings s, int sources, int targets, Rng rng) : base(s, sources, targets, rng)
    {
        encoder = Register("encoder", new Nn.Qrnn(s.Embedding, s.Units, rng, s.Stack));
        decoder = [.. Enumerable.Range(0, s.Layers).Select(l => new QrnnLayer(l == 0 ? s.Embedding : s.Units, s.Units, rng, s.Window, s.Pooling, s.Zoneout))];
        bridges = [.. decoder.Select(layer => new Linear(s.Units, layer.SumWidth, rng, bias: false))];
        Register("decoder", new ModuleList(decoder));
        Register("bridges", new ModuleList(bridges));
    }

    private protected override (Tensor Memory, Tensor[] Final) Read(Tensor x, IntTensor lengths)
    {
        QrnnOutput y = encoder.Run(x, lengths: lengths);
        return (y.Output, [.. y.Outputs.Select(output => SequenceReader.Last(output, lengths))]);
    }

    private protected override (Tensor States, Tensor? Gate, Tensor[] After) Write(Tensor y, Encoded source, IReadOnlyList<Tensor>? state)
    {
        QrnnState[]? before = FlatStates.Restore(state, decoder);
        QrnnState[] after = new QrnnState[decoder.Length];
        int last = decoder.Length - 1;
        for (int l = 0; l < last; l++)
        {
            (y, after[l]) = decoder[l].Run(y, before?[l], added: Bridge(l));
            y = Dropped(y);
        }
        (Tensor cells, Tensor gate, after[last]) = decoder[last].RunUngated(y, before?[last], Bridge(last));
        return (cells, gate, FlatStates.Flatten(after));

        Tensor Bridge(int l) => bridges[l].Forward(source.Final[l]).Reshape(source.Final[l].Shape[0], 1, decoder[l].SumWidth);
    }
}

/// <summary>The baseline: LSTM layers whose decoder starts from the encoder's last states, with the same attention.</summary>
internal sealed class LstmTranslator : Translator
{
    private readonly Lstm[] encoder, decoder;

    public LstmTranslator(QrnnExperimentSettings s, int sources, int targets, Rng rng) : base(s, sources, targets, rng)
    {
        encoder = Layers("encoder");
        decoder = Layers("decoder");

        Lstm[] Layers(string name)
        {
            Lstm[] layers = [.. Enumerable.Range(0, s.Layers).Select(l => new Lstm(l == 0 ? s.Embedding : s.Units, s.Units, rng))];
            for (int l = 0; l < layers.Length; l++) Register(name + l.ToString(CultureInfo.InvariantCulture), layers[l]);
            return layers;
        }
    }

    private protected override (Tensor Memory, Tensor[] Final) Read(Tensor x, IntTensor lengths) => Run(encoder, x, null, lengths);

    private protected override (Tensor States, Tensor? Gate, Tensor[] After) Write(Tensor y, Encoded source, IReadOnlyList<Tensor>? state)
    {
        (Tensor output, Tensor[] after) = Run(decoder, y, state ?? source.Final, null);
        return (output, null, after);
    }

    // States are h and c of each layer, (B, H), so that their rows can be picked.
    private (Tensor Output, Tensor[] State) Run(Lstm[] layers, Tensor x, IReadOnlyList<Tensor>? state, IntTensor? lengths)
    {
        Tensor[] after = new Tensor[2 * layers.Length];
        for (int l = 0; l < layers.Length; l++)
        {
            RecurrentOutput y = state is null ? layers[l].Run(x, lengths: lengths) : layers[l].Run(x, Layered(state[2 * l]), Layered(state[2 * l + 1]), lengths);
            (after[2 * l], after[2 * l + 1]) = (y.Hidden.Select(0, 0), y.Cell.Select(0, 0));
            x = l + 1 < layers.Length ? Dropped(y.Output) : y.Output;
        }
        return (x, after);

        static Tensor Layered(Tensor state) => state.Reshape(1, state.Shape[0], state.Shape[1]);
    }
}
