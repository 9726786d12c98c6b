using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>The paper's three tasks.</summary>
public enum SequenceTask
{
    /// <summary>Predicting the next character or word of a text (section 3.2).</summary>
    LanguageModel,

    /// <summary>Telling whether a review praises (section 3.1).</summary>
    Sentiment,

    /// <summary>Translating character by character (section 3.3).</summary>
    Translation,
}

/// <summary>The recurrent networks that are compared.</summary>
public enum RecurrentKind
{
    /// <summary>The paper's.</summary>
    Qrnn,

    /// <summary>The baseline.</summary>
    Lstm,
}

/// <summary>Where reviews come from.</summary>
public enum ReviewSet
{
    /// <summary>Made by a small grammar, with negations and concessions: <see cref="ReviewGrammar"/>.</summary>
    Grammar,

    /// <summary>Phrases and sentences of film reviews (SST-2), from the data folder.</summary>
    Sst2,
}

/// <summary>What is translated.</summary>
public enum PairSet
{
    /// <summary>Random letters into the same from back to front.</summary>
    Reversal,

    /// <summary>German captions of photographs into English (Multi30k), from the data folder.</summary>
    Captions,
}

/// <summary>What can be set in a run of quasi-recurrent networks.</summary>
public sealed record QrnnExperimentSettings : IValidatableObject
{
    /// <summary>The task.</summary>
    [Description("language-model, sentiment or translation")]
    public SequenceTask Task { get; init; }

    /// <summary>The network.</summary>
    [Description("qrnn or lstm")]
    public RecurrentKind Network { get; init; }

    /// <summary>The gates of a QRNN.</summary>
    [Description("gates of a QRNN: forget, forget-output or input-forget-output")]
    public PoolingKind Pooling { get; init; } = PoolingKind.ForgetOutput;

    /// <summary>k.</summary>
    [Range(1, 100), Description("steps that the convolutions of a QRNN see")]
    public int Window { get; init; } = 2;

    /// <summary>k of the first layer, which of a translator is the encoder's.</summary>
    [Range(1, 100), Description("the same for the first layer (of the encoder), if it is to be another")]
    public int? FirstWindow { get; init; }

    /// <summary>p of zoneout.</summary>
    [Range(0.0, 1.0), Description("how likely a channel of a QRNN keeps its value for a step, in training")]
    public double Zoneout { get; init; }

    /// <summary>Layers.</summary>
    [Range(1, 100), Description("recurrent layers, of encoder and decoder each")]
    public int Layers { get; init; } = 2;

    /// <summary>Units of a layer.</summary>
    [Range(1, 8192), Description("units of a layer")]
    public int Units { get; init; } = 64;

    /// <summary>Numbers that stand for a token.</summary>
    [Range(1, 8192), Description("numbers that stand for a character or word")]
    public int Embedding { get; init; } = 64;

    /// <summary>Dropout.</summary>
    [Range(0.0, 1.0), Description("dropout of the embedding, between layers and before the answer")]
    public double Dropout { get; init; }

    /// <summary>Passes over the training set.</summary>
    [Range(1, int.MaxValue), Description("passes over the training set")]
    public int Epochs { get; init; } = 2;

    /// <summary>Streams, reviews or pairs of a batch.</summary>
    [Range(1, 100_000), Description("streams of text, reviews or pairs in a batch")]
    public int BatchSize { get; init; } = 10;

    /// <summary>The learning rate.</summary>
    [Range(0, double.MaxValue), Description("learning rate")]
    public double LearningRate { get; init; } = 4e-3;

    /// <summary>L2.</summary>
    [Range(0, 1), Description("how strongly weights are pulled towards zero (L2)")]
    public double WeightDecay { get; init; }

    /// <summary>The largest norm of the gradients.</summary>
    [Range(1e-6, double.MaxValue), Description("norm that the gradients are cut down to")]
    public double ClipNorm { get; init; } = 1;

    /// <summary>The text.</summary>
    [Description("language model: novel (embedded), or tiny-shakespeare, wiki-text2 or tiny-stories from the data folder")]
    public TextSet Text { get; init; }

    /// <summary>How many words are known; 0 for characters.</summary>
    [Range(0, 1_000_000), Description("language model: how many words are known, or 0 for characters")]
    public int Words { get; init; }

    /// <summary>Tokens to learn from.</summary>
    [Range(100, int.MaxValue), Description("language model: characters or words to learn from")]
    public int TrainingTokens { get; init; } = 100_000;

    /// <summary>Tokens to measure with.</summary>
    [Range(100, int.MaxValue), Description("language model: characters or words to measure with")]
    public int ValidationTokens { get; init; } = 20_000;

    /// <summary>T.</summary>
    [Range(1, 100_000), Description("language model: steps of a training segment; the state is carried over to the next")]
    public int SequenceLength { get; init; } = 100;

    /// <summary>Whether the optimizer is plain gradient descent.</summary>
    [Description("language model: gradient descent whose rate falls by 5 % an epoch from the seventh on, and not Adam")]
    public bool PlainDescent { get; init; }

    /// <summary>The reviews.</summary>
    [Description("sentiment: grammar (made on the spot), or sst2 from the data folder")]
    public ReviewSet Reviews { get; init; }

    /// <summary>Reviews to learn from.</summary>
    [Range(1, int.MaxValue), Description("sentiment: reviews to learn from, at the most")]
    public int TrainingReviews { get; init; } = 2000;

    /// <summary>Reviews to measure with.</summary>
    [Range(1, int.MaxValue), Description("sentiment: reviews to measure with, at the most")]
    public int TestReviews { get; init; } = 500;

    /// <summary>The pairs.</summary>
    [Description("translation: reversal (made on the spot), or captions from the data folder")]
    public PairSet Pairs { get; init; }

    /// <summary>Pairs to learn from.</summary>
    [Range(1, int.MaxValue), Description("translation: pairs to learn from, at the most")]
    public int TrainingPairs { get; init; } = 3000;

    /// <summary>Pairs to measure with.</summary>
    [Range(1, int.MaxValue), Description("translation: pairs to measure with, at the most")]
    public int TestPairs { get; init; } = 200;

    /// <summary>The fewest characters of a random source.</summary>
    [Range(1, 1000), Description("translation: letters of the shortest random source")]
    public int Shortest { get; init; } = 8;

    /// <summary>The most characters of a source or target.</summary>
    [Range(1, 10_000), Description("translation: characters of the longest source and target")]
    public int Longest { get; init; } = 12;

    /// <summary>Whether the decoder looks at the source.</summary>
    [Description("translation: whether the decoder attends to the source")]
    public bool Attention { get; init; } = true;

    /// <summary>The width of the beam.</summary>
    [Range(1, 1000), Description("translation: width of the beam; 1 takes the likeliest character, for all test pairs side by side")]
    public int Beam { get; init; } = 1;

    /// <summary>Units of the layers that are timed.</summary>
    [Range(1, 8192), Description("speed: units of the single layers that are timed")]
    public int SpeedUnits { get; init; } = 128;

    /// <summary>Lengths that are timed.</summary>
    [Description("speed: lengths of sequences, growing")]
    public IReadOnlyList<int> SpeedLengths { get; init; } = [16, 64, 256];

    /// <summary>Batch sizes that are timed.</summary>
    [Description("speed: sequences in a batch, growing")]
    public IReadOnlyList<int> SpeedBatches { get; init; } = [4, 16];

    /// <summary>How often each is timed.</summary>
    [Range(1, 10_000), Description("speed: how often each is timed, by turns")]
    public int SpeedRounds { get; init; } = 5;

    /// <summary>The layers of a QRNN, an encoder's for instance.</summary>
    internal QrnnSettings Stack => new()
    {
        Layers = Layers,
        Window = Window,
        FirstWindow = FirstWindow,
        Pooling = Pooling,
        Zoneout = Zoneout,
        Dropout = Dropout,
    };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Task == SequenceTask.LanguageModel && Math.Min(TrainingTokens, ValidationTokens) <= BatchSize)
            yield return new ValidationResult($"got {BatchSize}; needed are fewer streams than there are tokens to learn from and to measure with.", [nameof(BatchSize)]);
        if (Shortest > Longest) yield return new ValidationResult($"got {Shortest}; needed is at most the longest, {Longest}.", [nameof(Shortest)]);
        if (!IsGrowing(SpeedLengths)) yield return new ValidationResult($"got {string.Join(",", SpeedLengths)}; needed are growing numbers of 1 or more.", [nameof(SpeedLengths)]);
        if (!IsGrowing(SpeedBatches)) yield return new ValidationResult($"got {string.Join(",", SpeedBatches)}; needed are growing numbers of 1 or more.", [nameof(SpeedBatches)]);
        if (Task == SequenceTask.Translation && Pooling != PoolingKind.ForgetOutput)
            yield return new ValidationResult("got a pooling that a translator does not have; needed is forget-output.", [nameof(Pooling)]);
    }

    private static bool IsGrowing(IReadOnlyList<int> numbers) => numbers.Count > 0 && numbers[0] > 0 && numbers.Zip(numbers.Skip(1)).All(pair => pair.First < pair.Second);
}
