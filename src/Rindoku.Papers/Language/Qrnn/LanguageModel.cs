using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>A language model: an embedding, a QRNN or LSTM, and a linear map to the next token (section 3.2).</summary>
/// <remarks>With 10,000 words, two layers of 640 units and a window of 2 it has 17,729,040 parameters; the paper says 18 million.</remarks>
public sealed class LanguageModel : Module
{
    private readonly Embedding words;
    private readonly SequenceReader reader;
    private readonly Linear answer;
    private readonly Dropout? dropout;

    /// <summary>A model with random start values.</summary>
    /// <param name="settings">Network, layers, units, embedding, dropout.</param>
    /// <param name="tokens">V, how many characters or words there are.</param>
    /// <param name="rng">Source of the start values, and of draws in training.</param>
    public LanguageModel(QrnnExperimentSettings settings, int tokens, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(settings);
        words = Register("words", new Embedding(tokens, settings.Embedding, rng));
        reader = Register("reader", SequenceReader.Of(settings, rng));
        answer = Register("answer", new Linear(settings.Units, tokens, rng));
        if (settings.Dropout > 0) dropout = Register("dropout", new Dropout(settings.Dropout, rng));
    }

    /// <summary>Logits of the next token at every step, (B, T, V), and the state behind the last.</summary>
    /// <param name="tokens">(B, T).</param>
    /// <param name="state">What the segment before left; null or empty for the start of the text.</param>
    public (Tensor Logits, Tensor[] State) Run(IntTensor tokens, IReadOnlyList<Tensor>? state = null)
    {
        (Tensor output, Tensor[] after) = reader.Read(Dropped(words.Forward(tokens)), state);
        return (answer.Forward(Dropped(output)), after);
    }

    /// <summary>The cross-entropy of what comes next in a segment; the state goes on from, and into, what is carried.</summary>
    /// <param name="segment">Streams of text.</param>
    /// <param name="carried">The state between segments.</param>
    /// <param name="reduction">The mean over the tokens, or their sum.</param>
    public Tensor Loss(TextSegment segment, CarriedState carried, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(carried);
        carried.Enter(segment);
        (Tensor logits, Tensor[] state) = Run(segment.Inputs, Carried(carried));
        carried.Keep(state);
        return logits.Reshape(-1, logits.Shape[2]).CrossEntropy(segment.Targets.Reshape([segment.Targets.Length]), reduction: reduction);
    }

    private static Tensor[] Carried(CarriedState carried) => [.. Enumerable.Range(0, carried.Count).Select(i => carried[i]!)];

    private Tensor Dropped(Tensor x) => dropout?.Forward(x) ?? x;
}
