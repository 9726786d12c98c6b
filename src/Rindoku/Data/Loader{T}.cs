namespace Rindoku.Data;

/// <summary>Streams a data set as batches that a collate function makes, in an order that depends on seed and epoch only.</summary>
/// <remarks>
/// <para><c>foreach (Batch batch in loader.Epoch(0)) ...</c> opens a <see cref="MemoryScope"/> for every turn of the loop and ends it
/// at the next, so that a turn is a training step whose temporaries, the batch among them, give their memory back.</para>
/// <para>Batches are the same for any number of threads and any prefetch depth, and when the loop starts in the middle.</para>
/// </remarks>
/// <typeparam name="TExample">What one example is.</typeparam>
/// <typeparam name="TBatch">What the loop is given.</typeparam>
public class Loader<TExample, TBatch>
{
    private readonly IDataset<TExample> set;
    private readonly Func<BatchDraft<TExample>, TBatch> collate;
    private readonly LoaderOptions options;
    private readonly Rng rng;
    private readonly Lock gate = new();
    private EpochPlan? latest, earlier; // threads may be at work on the end of one epoch and the start of the next

    /// <summary>A loader over a set.</summary>
    /// <param name="set">The examples; read from background threads.</param>
    /// <param name="options">How to make batches.</param>
    /// <param name="rng">Orders and random changes are keyed by its seed and stream; it is not moved. Null means seed 0.</param>
    /// <param name="collate">Makes a batch; called from background threads. Tensors that it makes belong to the batch's turn.</param>
    public Loader(IDataset<TExample> set, LoaderOptions options, Rng? rng, Func<BatchDraft<TExample>, TBatch> collate)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(collate);
        this.set = set;
        this.options = options.Checked();
        this.rng = rng ?? new Rng(0);
        this.collate = collate;
        BatchCount = options.DropLast ? set.Count / options.BatchSize : (int)((set.Count + (long)options.BatchSize - 1) / options.BatchSize);
    }

    /// <summary>How many batches an epoch has.</summary>
    public int BatchCount { get; }

    /// <summary>How many examples the set has.</summary>
    public int ExampleCount => set.Count;

    /// <summary>The batches of one epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">The batch to start with, to go on where an interrupted run stopped.</param>
    /// <param name="scoped">
    /// Whether each turn has a memory scope. Without, a batch belongs to the scope that is open when it is asked for, as is right
    /// for a second loader read inside the loop of a first.
    /// </param>
    public IEnumerable<TBatch> Epoch(int epoch, int firstBatch = 0, bool scoped = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchCount);
        return Enumerate(new LoaderPosition(epoch, firstBatch), BatchCount - firstBatch, scoped);
    }

    /// <summary>The batches of epoch after epoch, without end.</summary>
    /// <param name="start">Where to start.</param>
    /// <param name="scoped">Whether each turn has a memory scope, as for <see cref="Epoch"/>.</param>
    /// <exception cref="InvalidOperationException">An epoch has no batches.</exception>
    public IEnumerable<TBatch> Stream(LoaderPosition start = default, bool scoped = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start.Epoch, nameof(start));
        ArgumentOutOfRangeException.ThrowIfNegative(start.Batch, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start.Batch, BatchCount, nameof(start));
        if (BatchCount == 0)
            throw new InvalidOperationException($"Loader.Stream: {set.Count} examples give no batch of {options.BatchSize}, so the stream would wait for ever");
        return Enumerate(start, long.MaxValue, scoped);
    }

    /// <summary>The place that follows another: the next batch, or the start of the next epoch.</summary>
    public LoaderPosition After(LoaderPosition position) =>
        position.Batch + 1 < BatchCount ? position with { Batch = position.Batch + 1 } : new LoaderPosition(position.Epoch + 1, 0);

    private IEnumerable<TBatch> Enumerate(LoaderPosition start, long count, bool scoped)
    {
        long first = (long)start.Epoch * BatchCount + start.Batch;
        OrderedPrefetch<Made> source = new(count, options.Threads, options.Prefetch, i => Make(first + i));
        try
        {
            for (long i = 0; i < count; i++)
            {
                Made made = source.Take();
                MemoryScope? turn = scoped ? MemoryScope.Open() : null;
                try
                {
                    Adopt(made.Memory);
                    yield return made.Batch;
                }
                finally
                {
                    turn?.Dispose();
                }
            }
        }
        finally
        {
            foreach (Made unused in source.Stop()) MemoryScope.Run(() => Adopt(unused.Memory));
        }
    }

    private Made Make(long number)
    {
        EpochPlan plan = PlanOf((int)(number / BatchCount));
        int batch = (int)(number % BatchCount);
        int start = batch * options.BatchSize;
        int[] indices = plan.Indices(start, Math.Min(options.BatchSize, set.Count - start));

        // The batch's memory is made in a scope of this thread and then goes over to that of the turn.
        using MemoryScope scope = MemoryScope.Open();
        TBatch made = collate(new BatchDraft<TExample>(set, plan, indices, batch));
        return new Made(made, scope.Surrender());
    }

    private EpochPlan PlanOf(int epoch)
    {
        lock (gate)
        {
            if (latest?.Epoch == epoch) return latest;
            if (earlier?.Epoch == epoch) return earlier;
            earlier = latest;
            return latest = new EpochPlan(epoch, set.Count, options.Shuffle, rng);
        }
    }

    private static void Adopt(Storage[] memory)
    {
        foreach (Storage storage in memory)
        {
            if (MemoryScope.Current is { } scope) scope.Add(storage);
            else storage.Keep();
        }
    }

    private readonly record struct Made(TBatch Batch, Storage[] Memory);
}
