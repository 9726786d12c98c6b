namespace Rindoku.Data;

/// <summary>A sentence and its translation, as tokens without begin and end symbols.</summary>
/// <param name="Source">The sentence.</param>
/// <param name="Target">Its translation.</param>
public readonly record struct SentencePair(int[] Source, int[] Target);

/// <summary>Sentences and their translations, filled up to the longest of the batch.</summary>
/// <param name="Sources">(n, S): the sentences, padded.</param>
/// <param name="SourceLengths">(n): how many tokens of each count.</param>
/// <param name="TargetInputs">(n, T): the begin symbol and the translations, padded: what a decoder is given.</param>
/// <param name="TargetOutputs">(n, T): the translations and the end symbol, padded: what it is to say.</param>
/// <param name="TargetLengths">(n): how many tokens of each translation count, begin or end symbol included.</param>
/// <param name="Indices">The number of each pair in the list.</param>
/// <param name="Position">The place of this batch in the sequence.</param>
public sealed record PairBatch(
    IntTensor Sources, IntTensor SourceLengths, IntTensor TargetInputs, IntTensor TargetOutputs, IntTensor TargetLengths, int[] Indices, LoaderPosition Position)
{
    /// <summary>How many pairs the batch holds, n.</summary>
    public int Count => Indices.Length;
}

/// <summary>How batches of pairs are made.</summary>
/// <param name="BatchSize">Pairs in a batch; at least 1.</param>
/// <param name="Padding">Fills short sentences up; the loss should ignore it.</param>
/// <param name="Begin">Stands before a translation.</param>
/// <param name="End">Stands after a translation.</param>
public sealed record PairBatchOptions(int BatchSize, int Padding, int Begin, int End)
{
    /// <summary>Options with the symbols of a vocabulary.</summary>
    public static PairBatchOptions Of(Vocabulary target, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(target);
        return new PairBatchOptions(batchSize, target.Padding, target.Begin, target.End);
    }

    /// <summary>Whether every epoch has a random order of its own; otherwise the order of the list, in buckets all the same.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>How many batches' pairs are sorted by length together; 1 keeps the order and pads more.</summary>
    public int Bucket { get; init; } = 50;
}

/// <summary>Batches of pairs of about the same length, so that little is padding.</summary>
/// <remarks>
/// An epoch puts the pairs in random order, sorts each run of <see cref="PairBatchOptions.Bucket"/> batches by the lengths of source and
/// target, cuts it into batches and shows the batches in random order. All depends on the number of the epoch and the generator only.
/// Every pair comes once an epoch; the batch with the few left over may be small.
/// </remarks>
public sealed class PairBatches
{
    private readonly IReadOnlyList<SentencePair> pairs;
    private readonly PairBatchOptions options;
    private readonly Rng rng;

    /// <summary>Batches of a list of pairs.</summary>
    /// <param name="pairs">The pairs; no source may be empty.</param>
    /// <param name="options">How to make batches.</param>
    /// <param name="rng">Orders are keyed by its seed and stream; it is not moved. Null means seed 0.</param>
    /// <exception cref="ArgumentException">There are no pairs, or a source is empty.</exception>
    public PairBatches(IReadOnlyList<SentencePair> pairs, PairBatchOptions options, Rng? rng = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Bucket, nameof(options));
        if (pairs.Count == 0) throw new ArgumentException("PairBatches: there are no pairs; needed is at least one", nameof(pairs));
        for (int i = 0; i < pairs.Count; i++)
            if (pairs[i] is not { Source.Length: > 0, Target: not null }) throw new ArgumentException($"PairBatches: pair {i} has no source; take empty sentences out", nameof(pairs));
        (this.pairs, this.options, this.rng) = (pairs, options, rng ?? new Rng(0));
        BatchCount = (int)((pairs.Count + (long)options.BatchSize - 1) / options.BatchSize);
    }

    /// <summary>How many batches an epoch has.</summary>
    public int BatchCount { get; }

    /// <summary>The batches of one epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">The batch to start with, to go on where an interrupted run stopped.</param>
    /// <param name="scoped">Whether each turn has a memory scope, as in <see cref="Loader{TExample, TBatch}.Epoch"/>.</param>
    public IEnumerable<PairBatch> Epoch(int epoch, int firstBatch = 0, bool scoped = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchCount);
        return Enumerate(epoch, firstBatch, scoped);
    }

    private IEnumerable<PairBatch> Enumerate(int epoch, int firstBatch, bool scoped)
    {
        int[][] plan = Plan(epoch);
        for (int batch = firstBatch; batch < plan.Length; batch++)
        {
            using MemoryScope? turn = scoped ? MemoryScope.Open() : null;
            yield return Collate(plan[batch], new LoaderPosition(epoch, batch));
        }
    }

    private int[][] Plan(int epoch)
    {
        Rng order = rng.Split($"epoch {epoch}");
        int[] all = options.Shuffle ? order.Permutation(pairs.Count) : [.. Enumerable.Range(0, pairs.Count)];
        // Sorting is stable: among equal lengths the random order stays.
        int[][] batches = [.. all.Chunk((int)Math.Min((long)options.BatchSize * options.Bucket, all.Length))
            .SelectMany(bucket => (options.Bucket == 1 ? bucket : [.. bucket.OrderBy(i => pairs[i].Source.Length).ThenBy(i => pairs[i].Target.Length)]).Chunk(options.BatchSize))];
        if (options.Shuffle) order.Shuffle(batches.AsSpan());
        return batches;
    }

    private PairBatch Collate(int[] indices, LoaderPosition position)
    {
        int n = indices.Length, longestSource = indices.Max(i => pairs[i].Source.Length), longestTarget = indices.Max(i => pairs[i].Target.Length) + 1;
        IntTensor sources = IntTensor.Full([n, longestSource], options.Padding);
        IntTensor inputs = IntTensor.Full([n, longestTarget], options.Padding), outputs = IntTensor.Full([n, longestTarget], options.Padding);
        for (int row = 0; row < n; row++)
        {
            (int[] source, int[] target) = pairs[indices[row]];
            source.CopyTo(sources.Writable[(row * longestSource)..]);
            Span<int> input = inputs.Writable.Slice(row * longestTarget, longestTarget), output = outputs.Writable.Slice(row * longestTarget, longestTarget);
            input[0] = options.Begin;
            target.CopyTo(input[1..]);
            target.CopyTo(output);
            output[target.Length] = options.End;
        }
        return new PairBatch(
            sources, IntTensor.Of([.. indices.Select(i => pairs[i].Source.Length)]), inputs, outputs,
            IntTensor.Of([.. indices.Select(i => pairs[i].Target.Length + 1)]), indices, position);
    }
}
