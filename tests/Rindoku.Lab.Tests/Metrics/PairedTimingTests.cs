namespace Rindoku.Lab.Tests.Metrics;

public sealed class PairedTimingTests
{
    /// <summary>A clock that only work moves.</summary>
    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Now;
    }

    [Fact]
    public void Means_are_over_the_timed_rounds_and_a_slower_machine_changes_both_alike()
    {
        Clock clock = new();
        List<char> order = [];
        int speed = 1;
        void First()
        {
            order.Add('a');
            if (order.Count > 8) speed = 2; // after four rounds the machine halves its speed
            clock.Now += 30 * speed;
        }

        void Second()
        {
            order.Add('b');
            clock.Now += 40 * speed;
        }

        (double first, double second) = PairedTiming.MeanSeconds(First, Second, rounds: 6, clock);
        Assert.Equal("abababababababab", string.Concat(order)); // two rounds to warm up, then six
        Assert.Equal((2 * 0.03 + 4 * 0.06) / 6, first, 12);
        Assert.Equal(0.75, first / second, 12);
    }

    [Fact]
    public void Each_work_has_a_memory_scope_of_its_own()
    {
        Tensor? kept = null;
        PairedTiming.MeanSeconds(() => kept = Tensor.Zeros([5000]), () => { }, rounds: 1);
        Assert.Throws<InvalidOperationException>(() => kept!.Span[0]);
    }

    [Fact]
    public void It_stops_when_asked_and_refuses_no_rounds()
    {
        using CancellationTokenSource stop = new();
        int done = 0;
        Assert.Throws<OperationCanceledException>(() => PairedTiming.MeanSeconds(
            () => { if (++done == 3) stop.Cancel(); }, () => { }, rounds: 100, stop: stop.Token));
        Assert.Equal(3, done);
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedTiming.MeanSeconds(() => { }, () => { }, rounds: 0));
    }
}
