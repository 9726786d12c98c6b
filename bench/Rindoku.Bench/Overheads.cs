using System.Globalization;
using Rindoku.Kernels;

namespace Rindoku.Bench;

/// <summary>What is not arithmetic: the cost of a call, what a second thread brings, and memory that warm steps take.</summary>
public static class Overheads
{
    private const int TinyOps = 100;
    private const double Seconds = 0.5;
    private const int Turns = 3, WarmUpSteps = 20, CountedSteps = 200;

    private static readonly string[] ComputeBound = ["gemm-1024", "conv3x3-64-train", "resnet20-train", "gpt-mini-train"];
    private static readonly string[] Allocating = ["tiny-ops", "mlp-train", "lstm-lm-train", "gradient-penalty", "resnet20-train"];

    /// <summary>Measures them, one line of text each as soon as it is known.</summary>
    /// <param name="stop">Ends the measuring.</param>
    public static IEnumerable<string> Measure(CancellationToken stop = default)
    {
        Timing tiny = Time("tiny-ops", 1, stop);
        yield return Text($"tiny-ops: {tiny.MedianMs * 1e6 / TinyOps:0} ns an operation of 16 numbers, forward and backward ({tiny.MedianMs:0.000} ms for {TinyOps})");
        foreach (string name in ComputeBound)
        {
            double one = double.PositiveInfinity, two = double.PositiveInfinity;
            for (int turn = 0; turn < Turns; turn++) (one, two) = (Math.Min(one, Time(name, 1, stop).MedianMs), Math.Min(two, Time(name, 2, stop).MedianMs));
            yield return Text($"{name}: {one:0.000} ms on 1 thread, {two:0.000} ms on 2: {one / two:0.00} times faster");
        }
        foreach (string name in Allocating) yield return Allocation(name, stop);
    }

    private static Timing Time(string name, int threads, CancellationToken stop) => BenchRunner.Run([name], threads, Seconds, ceilings: false, stop: stop).Timings[0];

    // Managed bytes that steps allocate, and whether anything is kept: what lives after a full collection, and what the pool holds.
    private static string Allocation(string name, CancellationToken stop)
    {
        Func<Tensor> step = Workloads.Find(name)!.Create().Run;
        Action run = () => step();
        for (int i = 0; i < WarmUpSteps; i++) MemoryScope.Run(run);
        long live = GC.GetTotalMemory(forceFullCollection: true), pooled = MemoryScope.PooledBytes, allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < CountedSteps; i++)
        {
            stop.ThrowIfCancellationRequested();
            MemoryScope.Run(run);
        }
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        pooled = MemoryScope.PooledBytes - pooled;
        live = GC.GetTotalMemory(forceFullCollection: true) - live;
        GC.KeepAlive(step);
        MemoryScope.Trim();
        return Text($"{name}: {allocated / CountedSteps:#,0} bytes of short-lived objects a warm step; over {CountedSteps} steps the pool grew by {pooled:#,0} bytes and live memory by {live:#,0}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
