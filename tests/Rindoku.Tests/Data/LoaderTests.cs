using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class LoaderTests
{
    // Example i is an image of 3 x 16 x 16 numbers that are all i, large enough for its batches to come from the pool.
    private static readonly Shape Size = [3, 16, 16];

    private static LabelledSet Numbered(int count) => new(
        Tensor.Generate(Size.Insert(0, count), i => i / Size.Length), IntTensor.Of([.. Enumerable.Range(0, count).Select(i => i % 3)]), ["a", "b", "c"]);

    private sealed class Noise : Transform
    {
        public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
        {
            rng.FillUniform(destination);
            for (int i = 0; i < source.Length; i++) destination[i] += source[i];
        }
    }

    private static List<float[]> Contents(IEnumerable<Batch> batches, int most = int.MaxValue)
    {
        List<float[]> contents = [];
        foreach (Batch batch in batches)
        {
            contents.Add(batch.X.ToArray());
            if (contents.Count == most) break;
        }
        return contents;
    }

    [Fact]
    public void An_epoch_shows_every_example_once_with_its_label_and_number()
    {
        Loader loader = new(Numbered(50), new LoaderOptions(8), new Rng(1));
        List<int> seen = [];
        foreach (Batch batch in loader.Epoch(0))
        {
            Assert.Equal(batch.Count, batch.X.Shape[0]);
            for (int i = 0; i < batch.Count; i++)
            {
                Assert.Equal(batch.Indices[i], batch.X[i, 2, 15, 15]);
                Assert.Equal(batch.Indices[i] % 3, batch.Y[i]);
            }
            seen.AddRange(batch.Indices);
        }

        Assert.Equal(Enumerable.Range(0, 50), seen.Order());
        Assert.NotEqual(Enumerable.Range(0, 50), seen);
        Assert.Equal(7, loader.BatchCount);
    }

    [Fact]
    public void Without_shuffling_the_order_is_that_of_the_set_and_the_last_batch_can_be_dropped()
    {
        LoaderOptions options = new(8) { Shuffle = false };
        Assert.Equal(Enumerable.Range(0, 20), new Loader(Numbered(20), options).Epoch(3).SelectMany(b => b.Indices));
        Assert.Equal(Enumerable.Range(0, 16), new Loader(Numbered(20), options with { DropLast = true }).Epoch(3).SelectMany(b => b.Indices));
    }

    [Fact]
    public void The_order_is_that_of_the_stream_named_after_the_epoch()
    {
        Loader loader = new(Numbered(20), new LoaderOptions(8), new Rng(5));
        for (int epoch = 0; epoch < 3; epoch++)
            Assert.Equal(new Rng(5).Split($"epoch {epoch}").Permutation(20), loader.Epoch(epoch).SelectMany(b => b.Indices));
    }

    [Theory, InlineData(0, 1), InlineData(1, 1), InlineData(1, 4), InlineData(3, 2), InlineData(4, 7)]
    public void Batches_do_not_depend_on_threads_or_prefetch_depth(int threads, int prefetch)
    {
        LoaderOptions options = new(8) { Threads = threads, Prefetch = prefetch };
        List<float[]> expected = Contents(new Loader(Numbered(100), new LoaderOptions(8), new Rng(1), new Noise()).Epoch(2));
        List<float[]> got = Contents(new Loader(Numbered(100), options, new Rng(1), new Noise()).Epoch(2));

        Assert.Equal(expected, got);
    }

    [Fact]
    public void Randomness_belongs_to_the_example_and_the_epoch_not_to_its_place_in_a_batch()
    {
        float[] Changed(int batchSize, int epoch, int index) => new Loader(Numbered(30), new LoaderOptions(batchSize), new Rng(1), new Noise())
            .Epoch(epoch).Where(b => b.Indices.Contains(index))
            .Select(b => b.X.Span.Slice(Array.IndexOf(b.Indices, index) * Size.Length, Size.Length).ToArray()).First();

        Assert.Equal(Changed(4, 0, 17), Changed(30, 0, 17));
        Assert.NotEqual(Changed(4, 0, 17), Changed(4, 1, 17));
        Assert.NotEqual(Changed(4, 0, 17).Select(x => x - 17), Changed(4, 0, 18).Select(x => x - 18));
    }

    [Fact]
    public void A_run_can_go_on_from_any_position()
    {
        Loader loader = new(Numbered(50), new LoaderOptions(8), new Rng(1), new Noise());
        Assert.Equal(Contents(loader.Epoch(3)).Skip(4), Contents(loader.Epoch(3, firstBatch: 4)));

        List<float[]> stream = Contents(loader.Stream(new LoaderPosition(2, 5)), most: 10);
        Assert.Equal([.. Contents(loader.Epoch(2)).Skip(5), .. Contents(loader.Epoch(3)), .. Contents(loader.Epoch(4)).Take(1)], stream);
    }

    [Fact]
    public void Batches_know_their_position_and_the_loader_the_next_one()
    {
        Loader loader = new(Numbered(20), new LoaderOptions(8));
        LoaderPosition expected = new(6, 1);
        foreach (Batch batch in loader.Stream(expected).Take(7))
        {
            Assert.Equal(expected, batch.Position);
            expected = loader.After(expected);
        }
        Assert.Equal(new LoaderPosition(8, 2), expected);
    }

    [Fact]
    public void A_batch_ends_with_its_turn_unless_it_is_kept()
    {
        List<Batch> batches = [];
        Tensor? temporary = null;
        foreach (Batch batch in new Loader(Numbered(30), new LoaderOptions(10) { Shuffle = false }).Epoch(0))
        {
            if (batches.Count == 1) batch.X.Keep();
            temporary ??= Tensor.Full([5000], 1);
            batches.Add(batch);
        }

        Assert.Throws<InvalidOperationException>(() => batches[0].X.Span[0]);
        Assert.Throws<InvalidOperationException>(() => temporary!.Span[0]);
        Assert.Equal(10f, batches[1].X.Span[0]);
    }

    [Fact]
    public void A_second_loader_can_be_read_inside_the_loop_of_a_first()
    {
        Loader outer = new(Numbered(30), new LoaderOptions(10)), inner = new(Numbered(30), new LoaderOptions(10), new Rng(9));
        using IEnumerator<Batch> others = inner.Epoch(0, scoped: false).GetEnumerator();
        Batch? last = null;
        foreach (Batch batch in outer.Epoch(0))
        {
            Assert.True(others.MoveNext());
            Assert.Equal(others.Current.Indices[0], others.Current.X.Span[0]);
            last = others.Current;
        }
        Assert.Throws<InvalidOperationException>(() => last!.X.Span[0]);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(3)]
    public void An_exception_of_a_worker_reaches_the_loop_in_its_turn(int threads)
    {
        LoaderOptions options = new(4) { Shuffle = false, Threads = threads, Prefetch = 4 };
        Loader<int, int> loader = new(new Numbers(40), options, null, draft =>
            draft.Position.Batch == 5 ? throw new InvalidDataException("bad record 20") : draft[0]);
        List<int> seen = [];
        var error = Assert.Throws<InvalidDataException>(() => { foreach (int first in loader.Epoch(0)) seen.Add(first); });

        Assert.Equal("bad record 20", error.Message);
        Assert.Equal([0, 4, 8, 12, 16], seen);
    }

    [Fact]
    public void Workers_stay_within_the_prefetch_depth_and_stop_with_the_loop()
    {
        int made = 0;
        Loader<int, int> loader = new(new Numbers(1000), new LoaderOptions(1) { Shuffle = false, Threads = 3, Prefetch = 5 }, null, draft =>
        {
            Interlocked.Increment(ref made);
            return draft[0];
        });
        foreach (int i in loader.Epoch(0))
        {
            Assert.InRange(Volatile.Read(ref made), i + 1, i + 1 + 5);
            if (i == 20) break;
        }
        int atTheEnd = made;
        Thread.Sleep(50);
        Assert.Equal(atTheEnd, made);
        Assert.InRange(made, 21, 26);
    }

    [Fact]
    public void Background_work_overlaps_the_loop()
    {
        // Given two workers, batches 0 and 1 are in work at the same time: each waits for the other to have started.
        using Barrier both = new(2);
        Loader<int, bool> loader = new(new Numbers(2), new LoaderOptions(1) { Threads = 2, Prefetch = 2 }, null, _ => both.SignalAndWait(10_000));
        Assert.Equal([true, true], loader.Epoch(0));
    }

    [Fact]
    public void A_warm_loader_takes_no_new_memory_of_the_size_of_a_batch()
    {
        Loader loader = new(Numbered(640), new LoaderOptions(64) { Threads = 0 }, new Rng(1));
        foreach (Batch _ in loader.Epoch(0)) { }
        long pooled = MemoryScope.PooledBytes, before = GC.GetAllocatedBytesForCurrentThread();
        for (int epoch = 0; epoch < 20; epoch++)
            foreach (Batch _ in loader.Epoch(epoch)) { }
        long perBatch = (GC.GetAllocatedBytesForCurrentThread() - before) / 200;

        // Labels, numbers, order and the small objects around them; the inputs of one batch are 196,608 bytes.
        Assert.InRange(perBatch, 0, 3000);
        Assert.InRange(MemoryScope.PooledBytes, 0, pooled + 4 * 196_608 * 3); // other tests use the pool at the same time
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Loader(Numbered(3), new LoaderOptions(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Loader(Numbered(3), new LoaderOptions(1) { Prefetch = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Loader(Numbered(3), new LoaderOptions(1) { Threads = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Loader(Numbered(3), new LoaderOptions(1)).Epoch(0, firstBatch: 4));
        Assert.Throws<InvalidOperationException>(() => new Loader(Numbered(3), new LoaderOptions(4) { DropLast = true }).Stream());
    }

    private sealed class Numbers(int count) : IDataset<int>
    {
        public int Count => count;
        public int this[int index] => index;
    }
}
