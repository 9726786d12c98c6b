using System.Diagnostics;
using System.Globalization;

namespace Rindoku.Bench;

/// <summary>What is not arithmetic: the cost of a call, what a second thread brings, and memory that warm steps take.</summary>
public static class Overheads
{
    private const int TinyOps = 100;
    private const double LongestTurns = 5, LongestCount = 4;
    private const int Turns = 3, WarmUpSteps = 20, CountedSteps = 200, LeastSteps = 10;

    /// <summary>Workloads that are bound by computing, and the one that is bound by calls.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["tiny-ops", "gemm-1024", "conv3x3-64-train", "mlp-train", "resnet20-train", "gpt-mini-train"];

    /// <summary>Measures them, one line of text each as soon as it is known.</summary>
    /// <param name="names">Workloads; none means the <see cref="Usual"/> ones.</param>
    /// <param name="seconds">About how long to time each on one thread, and again on two.</param>
    /// <param name="stop">Ends the measuring.</param>
    public static IEnumerable<string> Measure(IReadOnlyList<string> names, double seconds = 0.5, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (string name in names.Count == 0 ? Usual : names)
        {
            yield return SecondThread(name, seconds, stop);
            yield return Memory(name, stop);
        }
    }

    // By turns, since other work on the machine slows whole seconds down.
    private static string SecondThread(string name, double seconds, CancellationToken stop)
    {
        double one = double.PositiveInfinity, two = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        for (int turn = 0; turn < Turns && Stopwatch.GetElapsedTime(start).TotalSeconds < LongestTurns; turn++)
            (one, two) = (Math.Min(one, Time(name, 1, seconds, stop)), Math.Min(two, Time(name, 2, seconds, stop)));
        string calls = name == "tiny-ops" ? Text($"; {one * 1e6 / TinyOps:0} ns for each of {TinyOps} sums of 16 numbers, forward and backward") : "";
        return Text($"{name}: {one:0.000} ms on 1 thread, {two:0.000} ms on 2: {one / two:0.00} times as fast{calls}");
    }

    private static double Time(string name, int threads, double seconds, CancellationToken stop) =>
        BenchRunner.Run([name], threads, seconds, ceilings: false, stop: stop).Timings[0].MedianMs;

    // Short-lived managed objects of a step; and whether anything stays: what lives after a full collection, and what the pool holds.
    private static string Memory(string name, CancellationToken stop)
    {
        Func<Tensor> step = Workloads.Find(name)!.Create().Run;
        Action run = () => step();
        int warm = Steps(run, WarmUpSteps, stop);
        long live = GC.GetTotalMemory(forceFullCollection: true), pooled = MemoryScope.PooledBytes, allocated = GC.GetTotalAllocatedBytes(precise: true);
        int counted = Steps(run, CountedSteps, stop);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        pooled = MemoryScope.PooledBytes - pooled;
        live = GC.GetTotalMemory(forceFullCollection: true) - live;
        GC.KeepAlive(step);
        MemoryScope.Trim();
        return Text($"{name}: after {warm} steps, {allocated / counted:#,0} bytes of short-lived objects a step; ")
            + Text($"{counted} more let the pool grow by {pooled:#,0} bytes, live memory by {live:#,0}");
    }

    private static int Steps(Action run, int most, CancellationToken stop)
    {
        int done = 0;
        long start = Stopwatch.GetTimestamp();
        while (done < most && (done < LeastSteps || Stopwatch.GetElapsedTime(start).TotalSeconds < LongestCount))
        {
            stop.ThrowIfCancellationRequested();
            MemoryScope.Run(run);
            done++;
        }
        return done;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
