using System.Globalization;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>Recurrent layers that read a sequence: a QRNN or the LSTM that it is compared with, so that all else of a model is the same.</summary>
internal abstract class SequenceReader : Module
{
    /// <summary>The reader of some settings.</summary>
    /// <param name="s">Network, gates, window, zoneout, layers, units, dropout.</param>
    /// <param name="rng">Source of the start values, and of draws in training.</param>
    /// <param name="dense">Whether a layer is given the outputs of all below it.</param>
    public static SequenceReader Of(QrnnExperimentSettings s, Rng rng, bool dense = false) => s.Network == RecurrentKind.Lstm
        ? new LstmReader(s.Embedding, s.Units, rng, s.Layers, s.Dropout, dense)
        : new QrnnReader(new Nn.Qrnn(s.Embedding, s.Units, rng, s.Stack with { Dense = dense }));

    /// <summary>The top layer's output at every step, and the state behind the last.</summary>
    /// <param name="x">(B, T, In).</param>
    /// <param name="state">What the piece before left; null or empty for the start.</param>
    /// <param name="lengths">How many steps of each sample count, (B), or null for all.</param>
    public abstract (Tensor Output, Tensor[] State) Read(Tensor x, IReadOnlyList<Tensor>? state = null, IntTensor? lengths = null);

    /// <summary>What stands at the last step of each sequence: (B, T, H) → (B, H).</summary>
    public static Tensor Last(Tensor output, IntTensor lengths)
    {
        (int batch, int steps) = (output.Shape[0], output.Shape[1]);
        return output.Reshape(batch * steps, output.Shape[2]).IndexSelect(0, IntTensor.Of([.. Enumerable.Range(0, batch).Select(i => i * steps + lengths[i] - 1)]));
    }
}

/// <summary>The states of QRNN layers as a list of tensors: of each layer c, and the inputs that its window reaches back to.</summary>
internal static class FlatStates
{
    public static Tensor[] Flatten(IEnumerable<QrnnState> states) => [.. states.SelectMany(state => state.Inputs is null ? [state.Cell] : (Tensor[])[state.Cell, state.Inputs])];

    public static QrnnState[]? Restore(IReadOnlyList<Tensor>? flat, IEnumerable<QrnnLayer> layers)
    {
        if (flat is null or { Count: 0 }) return null;
        int next = 0;
        return [.. layers.Select(layer => new QrnnState(flat[next++], layer.Window > 1 ? flat[next++] : null))];
    }
}

/// <summary>QRNN layers.</summary>
internal sealed class QrnnReader : SequenceReader
{
    private readonly Nn.Qrnn network;

    public QrnnReader(Nn.Qrnn network) => this.network = Register("network", network);

    public override (Tensor Output, Tensor[] State) Read(Tensor x, IReadOnlyList<Tensor>? state = null, IntTensor? lengths = null)
    {
        QrnnOutput y = network.Run(x, FlatStates.Restore(state, network.Layers), lengths);
        return (y.Output, FlatStates.Flatten(y.States));
    }
}

/// <summary>LSTM layers, densely connected if wanted, as the paper's baseline for sentiment is.</summary>
internal sealed class LstmReader : SequenceReader
{
    private readonly Lstm[] parts; // one of several layers, or densely connected ones of one layer each
    private readonly Dropout? dropout;

    public LstmReader(int inputs, int units, Rng rng, int layers, double dropout, bool dense)
    {
        parts = dense
            ? [.. Enumerable.Range(0, layers).Select(l => new Lstm(inputs + l * units, units, rng))]
            : [new Lstm(inputs, units, rng, new RecurrentSettings { Layers = layers, Dropout = dropout })];
        for (int l = 0; l < parts.Length; l++) Register(l.ToString(CultureInfo.InvariantCulture), parts[l]);
        if (dense && dropout > 0) this.dropout = Register("dropout", new Dropout(dropout, rng));
    }

    public override (Tensor Output, Tensor[] State) Read(Tensor x, IReadOnlyList<Tensor>? state = null, IntTensor? lengths = null)
    {
        Tensor[] after = new Tensor[2 * parts.Length];
        for (int l = 0; ; l++)
        {
            RecurrentOutput y = state is { Count: > 0 } ? parts[l].Run(x, state[2 * l], state[2 * l + 1], lengths) : parts[l].Run(x, lengths: lengths);
            (after[2 * l], after[2 * l + 1]) = (y.Hidden, y.Cell);
            if (l + 1 == parts.Length) return (y.Output, after);
            x = Tensor.Concat([x, dropout?.Forward(y.Output) ?? y.Output], 2);
        }
    }
}
