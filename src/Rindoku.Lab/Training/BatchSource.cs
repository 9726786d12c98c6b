using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>Where a trainer takes its batches from: epochs of a fixed number of batches, any of which can be gone to at once.</summary>
/// <remarks>
/// The batches of an epoch must depend on nothing but its number, so that an interrupted training goes on with the batch that it
/// would have had. A <see cref="Loader{TExample, TBatch}"/> is such a source.
/// </remarks>
/// <typeparam name="TBatch">What a step is given.</typeparam>
public sealed class BatchSource<TBatch>
{
    /// <summary>A source.</summary>
    /// <param name="batchesPerEpoch">How many batches each epoch has.</param>
    /// <param name="epoch">From the number of an epoch and of its first batch to the batches from there to its end.</param>
    public BatchSource(int batchesPerEpoch, Func<int, int, IEnumerable<TBatch>> epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchesPerEpoch);
        ArgumentNullException.ThrowIfNull(epoch);
        BatchesPerEpoch = batchesPerEpoch;
        Epoch = epoch;
    }

    /// <summary>How many batches each epoch has.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>From the number of an epoch and of its first batch to the batches from there to its end.</summary>
    public Func<int, int, IEnumerable<TBatch>> Epoch { get; }
}

/// <summary>Makes batch sources.</summary>
public static class BatchSource
{
    /// <summary>The batches of a loader.</summary>
    public static BatchSource<TBatch> ToSource<TExample, TBatch>(this Loader<TExample, TBatch> loader)
    {
        ArgumentNullException.ThrowIfNull(loader);
        if (loader.BatchCount == 0) throw new LabException($"The loader's {loader.ExampleCount} examples do not fill a single batch; use a smaller batch size or keep the last batch.");
        return new BatchSource<TBatch>(loader.BatchCount, (epoch, batch) => loader.Epoch(epoch, batch));
    }

    /// <summary>The segments of a text; keep the state between them in a <see cref="CarriedState"/>, so that checkpoints hold it.</summary>
    public static BatchSource<TextSegment> ToSource(this BpttBatches batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return new BatchSource<TextSegment>(batches.BatchCount, (epoch, batch) => batches.Epoch(epoch, batch));
    }

    /// <summary>The batches of sentence pairs.</summary>
    public static BatchSource<PairBatch> ToSource(this PairBatches batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return new BatchSource<PairBatch>(batches.BatchCount, (epoch, batch) => batches.Epoch(epoch, batch));
    }

    /// <summary>The numbers of the steps, 0, 1, ..., for trainings that make their own data: reinforcement learning, generated tasks.</summary>
    /// <param name="stepsPerEpoch">How many steps are called an epoch.</param>
    public static BatchSource<long> Steps(int stepsPerEpoch = 100) =>
        new(stepsPerEpoch, (epoch, batch) => Enumerable.Range(batch, stepsPerEpoch - batch).Select(i => (long)epoch * stepsPerEpoch + i));

    /// <summary>Batches made from the number of the step.</summary>
    /// <param name="stepsPerEpoch">How many steps are called an epoch.</param>
    /// <param name="make">From the number of a step to its batch; called in the step's memory scope.</param>
    public static BatchSource<TBatch> Make<TBatch>(int stepsPerEpoch, Func<long, TBatch> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        return new BatchSource<TBatch>(stepsPerEpoch, (epoch, batch) => Scoped(epoch, batch, stepsPerEpoch, make));
    }

    private static IEnumerable<TBatch> Scoped<TBatch>(int epoch, int first, int count, Func<long, TBatch> make)
    {
        for (int i = first; i < count; i++)
        {
            using MemoryScope scope = MemoryScope.Open();
            yield return make((long)epoch * count + i);
        }
    }
}
