namespace Rindoku.Data;

/// <summary>A text cut into B parallel streams that are read side by side, a segment at a time: batches for backpropagation through time with a carried state.</summary>
/// <remarks>
/// <para>Stream b has the tokens <c>bL, ..., bL + L</c>, L = (N - 1) / B rounded down: the last of them is only predicted and is the
/// first of stream b + 1, so with one stream every token but the first is a target. Up to B - 1 tokens at the end of the text are left out.</para>
/// <para>The segments of an epoch depend on its number and the generator only, and reading can start at any of them.</para>
/// </remarks>
/// <example><code>
/// BpttBatches batches = new(IntTensor.Of(tokenizer.Encode(text)), streams: 20, length: 35);
/// foreach (TextSegment segment in batches.Epoch(0))
/// {
///     if (segment.Starts) state = null;
///     ...
/// }
/// </code></example>
public sealed class BpttBatches
{
    private readonly IntTensor tokens;
    private readonly RandomLengths? random;
    private readonly Rng rng;

    /// <summary>Batches of a text.</summary>
    /// <param name="tokens">The text, (N).</param>
    /// <param name="streams">B, how many streams are read side by side.</param>
    /// <param name="length">T, how many tokens of each stream a segment has; the last of an epoch may have fewer.</param>
    /// <param name="random">Draws the lengths of segments about T; null for T itself.</param>
    /// <param name="rng">Random lengths are keyed by its seed and stream; it is not moved. Null means seed 0.</param>
    /// <exception cref="ArgumentException">The text is too short for a token and its successor in every stream.</exception>
    public BpttBatches(IntTensor tokens, int streams, int length, RandomLengths? random = null, Rng? rng = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(streams);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ShapeException.Require(tokens.Rank == 1, $"BpttBatches: tokens {tokens.Shape}; needed is (N)");
        StreamLength = (tokens.Length - 1) / streams;
        if (StreamLength < 1) throw new ArgumentException($"BpttBatches: {tokens.Length} tokens for {streams} streams; needed are at least {streams + 1}", nameof(tokens));
        if (random is not null)
        {
            if (!(random.WholeProbability is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(random), $"BpttBatches: probability {random.WholeProbability}; needed is 0 to 1");
            if (!(random.Deviation >= 0)) throw new ArgumentOutOfRangeException(nameof(random), $"BpttBatches: deviation {random.Deviation}; needed is 0 or more");
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(random.Least, nameof(random));
        }
        (this.tokens, Streams, Length, this.random, this.rng) = (tokens, streams, length, random, rng ?? new Rng(0));
        double mean = random is null ? length : Math.Max(random.Least, length * (0.5 + 0.5 * random.WholeProbability) - 0.5); // rounding down takes half a token
        BatchCount = random is null ? (int)((StreamLength + (long)length - 1) / length) : Math.Clamp((int)Math.Round(StreamLength / mean), 1, StreamLength);
    }

    /// <summary>B, how many streams are read side by side.</summary>
    public int Streams { get; }

    /// <summary>T, how many tokens of each stream a segment has, or has about.</summary>
    public int Length { get; }

    /// <summary>L, how many tokens of each stream are read in an epoch.</summary>
    public int StreamLength { get; }

    /// <summary>How many segments an epoch has.</summary>
    public int BatchCount { get; }

    /// <summary>The segments of one epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">The segment to start with, to go on where an interrupted run stopped; the state carried so far must be at hand then.</param>
    /// <param name="scoped">Whether each turn has a memory scope, as in <see cref="Loader{TExample, TBatch}.Epoch"/>.</param>
    public IEnumerable<TextSegment> Epoch(int epoch, int firstBatch = 0, bool scoped = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchCount);
        return Enumerate(epoch, firstBatch, scoped);
    }

    private IEnumerable<TextSegment> Enumerate(int epoch, int firstBatch, bool scoped)
    {
        int[] edges = Edges(epoch);
        for (int batch = firstBatch; batch < BatchCount; batch++)
        {
            using MemoryScope? turn = scoped ? MemoryScope.Open() : null;
            yield return new TextSegment(
                Piece(edges[batch], edges[batch + 1], 0), Piece(edges[batch], edges[batch + 1], 1), batch == 0, new LoaderPosition(epoch, batch));
        }
    }

    // Columns from one edge to the next of all streams, moved on by a number of tokens.
    private IntTensor Piece(int from, int to, int shift)
    {
        IntTensor piece = IntTensor.Uninitialized([Streams, to - from]);
        for (int b = 0; b < Streams; b++)
            tokens.Span.Slice(b * StreamLength + from + shift, to - from).CopyTo(piece.Writable.Slice(b * (to - from), to - from));
        return piece;
    }

    /// <summary>Where segments begin and the last one ends: 0, ..., L.</summary>
    private int[] Edges(int epoch)
    {
        int[] edges = new int[BatchCount + 1];
        if (random is null)
        {
            for (int i = 1; i <= BatchCount; i++) edges[i] = (int)Math.Min((long)i * Length, StreamLength);
            return edges;
        }
        Rng lengths = rng.Split($"lengths of epoch {epoch}");
        double[] ends = new double[BatchCount + 1];
        for (int i = 0; i < BatchCount; i++)
        {
            double middle = lengths.NextDouble() < random.WholeProbability ? Length : Length / 2.0;
            ends[i + 1] = ends[i] + Math.Max(random.Least, Math.Floor(middle + random.Deviation * lengths.NextNormal()));
        }
        // Every segment has at least one token, whatever the rounding says.
        for (int i = 1; i <= BatchCount; i++)
            edges[i] = Math.Clamp((int)Math.Round(ends[i] * StreamLength / ends[^1]), edges[i - 1] + 1, StreamLength - (BatchCount - i));
        return edges;
    }
}
