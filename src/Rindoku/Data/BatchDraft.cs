namespace Rindoku.Data;

/// <summary>What a batch is to be made of: the examples in their order, and the randomness that belongs to them.</summary>
/// <remarks>A loader's collate function is given one; it must not keep it.</remarks>
/// <typeparam name="TExample">What one example is.</typeparam>
public sealed class BatchDraft<TExample>
{
    private readonly IDataset<TExample> set;
    private readonly EpochPlan plan;
    private readonly Rng scratch;

    internal BatchDraft(IDataset<TExample> set, EpochPlan plan, int[] indices, int batch)
    {
        this.set = set;
        this.plan = plan;
        Indices = indices;
        Position = new LoaderPosition(plan.Epoch, batch);
        scratch = new Rng(plan.Seed);
    }

    /// <summary>The number in the set of each example; a new array, which the batch may hold on to.</summary>
    public int[] Indices { get; }

    /// <summary>The place of the batch in the loader's sequence.</summary>
    public LoaderPosition Position { get; }

    /// <summary>How many examples the batch will hold.</summary>
    public int Count => Indices.Length;

    /// <summary>The i-th example of the batch, read from the set now.</summary>
    public TExample this[int i] => set[Indices[i]];

    /// <summary>
    /// The randomness of the i-th example. It depends on the loader's generator, the epoch and the number of the example in the
    /// set, and on nothing else: not on the batch size, nor on threads. Valid until the next call of this or of <see cref="RngOfBatch"/>.
    /// </summary>
    public Rng RngOf(int i) => Keyed(plan.ExampleStream + Indices[i]);

    /// <summary>The randomness of the batch as a whole. Valid until the next call of this or of <see cref="RngOf"/>.</summary>
    public Rng RngOfBatch() => Keyed(plan.BatchStream + Position.Batch);

    // Neighbouring streams of Philox are as independent as any others, so adding a number to the stream is enough of a key.
    private Rng Keyed(long stream)
    {
        scratch.State = (plan.Seed, stream, 0);
        return scratch;
    }
}

/// <summary>The order and the random streams of one epoch.</summary>
internal sealed class EpochPlan
{
    public EpochPlan(int epoch, int count, bool shuffle, Rng rng)
    {
        Epoch = epoch;
        Seed = rng.Seed;
        Order = shuffle ? rng.Split($"epoch {epoch}").Permutation(count) : null;
        ExampleStream = rng.Split($"examples of epoch {epoch}").Stream;
        BatchStream = rng.Split($"batches of epoch {epoch}").Stream;
    }

    public int Epoch { get; }
    public long Seed { get; }
    public long ExampleStream { get; }
    public long BatchStream { get; }

    // Null stands for the order of the set itself.
    private int[]? Order { get; }

    public int[] Indices(int start, int count)
    {
        if (Order is not null) return Order.AsSpan(start, count).ToArray();
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) indices[i] = start + i;
        return indices;
    }
}
