using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class BpttBatchesTests
{
    [Fact]
    public void Streams_go_on_from_segment_to_segment_and_targets_are_the_next_tokens()
    {
        BpttBatches batches = new(IntTensor.Range(24), streams: 3, length: 3); // L = 23 / 3 = 7
        TextSegment[] segments = [.. batches.Epoch(0)];
        Assert.Equal((7, 3), (batches.StreamLength, batches.BatchCount));
        Assert.Equal([0, 1, 2, 7, 8, 9, 14, 15, 16], segments[0].Inputs.ToArray());
        Assert.Equal([1, 2, 3, 8, 9, 10, 15, 16, 17], segments[0].Targets.ToArray());
        Assert.Equal([3, 4, 5, 10, 11, 12, 17, 18, 19], segments[1].Inputs.ToArray());
        Assert.Equal([6, 13, 20], segments[2].Inputs.ToArray());
        Assert.Equal([7, 14, 21], segments[2].Targets.ToArray());
        Assert.Equal([true, false, false], segments.Select(segment => segment.Starts));
        Assert.Equal([new LoaderPosition(0, 0), new(0, 1), new(0, 2)], segments.Select(segment => segment.Position));
        Shape shape = [3, 3];
        Assert.Equal((shape, 3, 1), (segments[0].Inputs.Shape, segments[0].Streams, segments[2].Length));
    }

    [Fact]
    public void With_one_stream_every_token_but_the_first_is_predicted_once()
    {
        TextSegment[] segments = [.. new BpttBatches(IntTensor.Range(101), 1, 7).Epoch(4)];
        Assert.Equal(Enumerable.Range(1, 100), segments.SelectMany(segment => segment.Targets.ToArray()));
    }

    [Theory, InlineData(1, 1000, 35), InlineData(4, 5000, 70), InlineData(2, 30, 12), InlineData(5, 11, 3), InlineData(1, 2, 35)]
    public void Random_lengths_show_every_token_in_as_many_segments_each_epoch(int streams, int tokens, int length)
    {
        BpttBatches batches = new(IntTensor.Range(tokens), streams, length, new RandomLengths(), new Rng(1));
        for (int epoch = 0; epoch < 5; epoch++)
        {
            TextSegment[] segments = [.. batches.Epoch(epoch)];
            Assert.Equal(batches.BatchCount, segments.Length);
            Assert.Equal(Enumerable.Range(0, batches.StreamLength), segments.SelectMany(segment => segment.Inputs.Span[..segment.Length].ToArray()));
            Assert.All(segments, segment => Assert.InRange(segment.Length, 1, batches.StreamLength));
        }
    }

    [Fact]
    public void Random_lengths_are_distributed_as_the_source_says()
    {
        BpttBatches batches = new(IntTensor.Range(700_001), 1, 70, new RandomLengths { WholeProbability = 0.9 }, new Rng(2));
        int[] lengths = [.. batches.Epoch(0).Select(segment => segment.Length)];
        int[] whole = [.. lengths.Where(length => length > 52)];
        Assert.Equal(0.9, (double)whole.Length / lengths.Length, 0.01);
        Assert.Equal(69.5, whole.Average(), 0.7); // rounding down takes half a token; the stretching may give or take a per cent
        Assert.Equal(5, Math.Sqrt(whole.Average(x => Math.Pow(x - whole.Average(), 2))), 0.2);
        Assert.Equal(34.5, lengths.Where(length => length <= 52).Average(), 0.7);
    }

    [Fact]
    public void An_epoch_can_be_entered_anywhere_and_repeats()
    {
        BpttBatches batches = new(IntTensor.Range(3000), 2, 20, new RandomLengths(), new Rng(3));
        static string Text(TextSegment s) => $"{s.Position} {s.Starts} {string.Join(' ', s.Inputs.ToArray())} {string.Join(' ', s.Targets.ToArray())}";
        string[] whole = [.. batches.Epoch(1).Select(Text)];
        Assert.Equal(whole[11..], batches.Epoch(1, firstBatch: 11).Select(Text));
        Assert.Equal(whole, new BpttBatches(IntTensor.Range(3000), 2, 20, new RandomLengths(), new Rng(3)).Epoch(1, scoped: false).Select(Text));
        Assert.NotEqual(whole.Select(s => s.Length), batches.Epoch(2).Select(Text).Select(s => s.Length));
        Assert.Empty(batches.Epoch(0, batches.BatchCount));
    }

    [Fact]
    public void What_cannot_be_cut_is_refused()
    {
        Assert.Contains("at least 4", Assert.Throws<ArgumentException>(() => new BpttBatches(IntTensor.Range(3), 3, 5)).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => new BpttBatches(IntTensor.Full([4, 4], 0), 1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BpttBatches(IntTensor.Range(30), 3, 5, new RandomLengths { WholeProbability = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BpttBatches(IntTensor.Range(30), 3, 5).Epoch(0, 99));
    }
}
