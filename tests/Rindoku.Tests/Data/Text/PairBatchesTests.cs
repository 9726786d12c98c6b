using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class PairBatchesTests
{
    private static readonly PairBatchOptions Options = new(BatchSize: 4, Padding: 0, Begin: 1, End: 2);

    private static SentencePair[] Pairs(int count)
    {
        Rng rng = new(7);
        return [.. Enumerable.Range(0, count).Select(i => new SentencePair(
            [.. Enumerable.Repeat(10 + i, 1 + rng.NextInt(30))], [.. Enumerable.Repeat(10 + i, rng.NextInt(30))]))];
    }

    [Fact]
    public void A_batch_by_hand()
    {
        PairBatches batches = new([new([5, 6], [7]), new([8], [9, 10])], Options with { Shuffle = false, Bucket = 1 });
        PairBatch batch = Assert.Single(batches.Epoch(0));
        Assert.Equal([5, 6, 8, 0], batch.Sources.ToArray());
        Assert.Equal([2, 1], batch.SourceLengths.ToArray());
        Assert.Equal([1, 7, 0, 1, 9, 10], batch.TargetInputs.ToArray());
        Assert.Equal([7, 2, 0, 9, 10, 2], batch.TargetOutputs.ToArray());
        Assert.Equal([2, 3], batch.TargetLengths.ToArray());
        Shape sources = [2, 2], targets = [2, 3];
        Assert.Equal((sources, targets, 2), (batch.Sources.Shape, batch.TargetInputs.Shape, batch.Count));
    }

    [Fact]
    public void Every_pair_comes_once_an_epoch_with_its_own_translation()
    {
        SentencePair[] pairs = Pairs(103);
        PairBatches batches = new(pairs, Options with { Bucket = 5 }, new Rng(1));
        PairBatch[] epoch = [.. batches.Epoch(0)];
        Assert.Equal((26, 26), (batches.BatchCount, epoch.Length));
        Assert.Equal(Enumerable.Range(0, 103), epoch.SelectMany(batch => batch.Indices).Order());
        foreach (PairBatch batch in epoch)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                SentencePair pair = pairs[batch.Indices[row]];
                int width = batch.Sources.Shape[1], targetWidth = batch.TargetOutputs.Shape[1];
                Assert.Equal([.. pair.Source, .. new int[width - pair.Source.Length]], batch.Sources.ToArray()[(row * width)..((row + 1) * width)]);
                Assert.Equal([.. pair.Target, 2, .. new int[targetWidth - pair.Target.Length - 1]], batch.TargetOutputs.ToArray()[(row * targetWidth)..((row + 1) * targetWidth)]);
            }
        }
    }

    [Fact]
    public void Buckets_leave_little_padding()
    {
        SentencePair[] pairs = Pairs(2000);
        double Full(int bucket) => new PairBatches(pairs, Options with { BatchSize = 16, Bucket = bucket }, new Rng(1)).Epoch(0)
            .Average(batch => batch.SourceLengths.ToArray().Sum() / (double)batch.Sources.Length);
        Assert.InRange(Full(1), 0.4, 0.7);
        Assert.InRange(Full(50), 0.95, 1);
    }

    [Fact]
    public void Orders_depend_on_seed_and_epoch_only_and_can_be_entered_anywhere()
    {
        PairBatches batches = new(Pairs(50), Options, new Rng(1));
        int[] First(int epoch, int from = 0) => [.. batches.Epoch(epoch, from).SelectMany(batch => batch.Indices)];
        Assert.NotEqual(First(0), First(1));
        Assert.Equal(First(1), new PairBatches(Pairs(50), Options, new Rng(1)).Epoch(1).SelectMany(batch => batch.Indices));
        Assert.NotEqual(First(1), new PairBatches(Pairs(50), Options, new Rng(2)).Epoch(1).SelectMany(batch => batch.Indices));
        Assert.Equal(batches.Epoch(1).Skip(5).SelectMany(batch => batch.Indices), First(1, 5));
        Assert.Equal(new LoaderPosition(3, 5), batches.Epoch(3, 5).First().Position);
    }

    [Fact]
    public void Empty_lists_and_empty_sources_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new PairBatches([], Options));
        Assert.Contains("pair 1", Assert.Throws<ArgumentException>(() => new PairBatches([new([1], []), new([], [1])], Options)).Message, StringComparison.Ordinal);
        Assert.Equal(new PairBatchOptions(8, 0, 2, 3), PairBatchOptions.Of(Vocabulary.Build(["a"], symbols: SpecialSymbols.All), 8));
    }
}
