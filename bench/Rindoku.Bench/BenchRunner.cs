using System.Diagnostics;
using System.Text.Json;
using Rindoku.Kernels;

namespace Rindoku.Bench;

/// <summary>How long the steps of one workload took.</summary>
/// <param name="Name">The workload.</param>
/// <param name="MedianMs">The median step, in milliseconds.</param>
/// <param name="MinMs">The fastest step, in milliseconds.</param>
/// <param name="Repeats">How many steps were timed.</param>
/// <param name="Flops">Floating-point operations of a step, where they are known.</param>
/// <param name="Bytes">Bytes that a step must move, where memory is the limit.</param>
public sealed record Timing(string Name, double MedianMs, double MinMs, int Repeats, double? Flops = null, double? Bytes = null)
{
    /// <summary>Billions of operations a second in the median step, where they are known.</summary>
    public double? GigaflopsPerSecond => Flops / (MedianMs * 1e6);

    /// <summary>Billions of bytes a second in the median step, where memory is the limit.</summary>
    public double? GigabytesPerSecond => Bytes / (MedianMs * 1e6);
}

/// <summary>The times of some workloads on one machine.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Threads">How many threads kernels used.</param>
/// <param name="Timings">The times.</param>
/// <param name="Ceilings">What the machine can do at most on these threads, if it was measured.</param>
public sealed record BenchResult(string Machine, int Threads, IReadOnlyList<Timing> Timings, MachineCeilings? Ceilings = null)
{
    /// <summary>The result as <c>rindoku bench --json</c> writes it.</summary>
    public string ToJson()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("machine", Machine);
            json.WriteNumber("threads", Threads);
            if (Ceilings is not null)
            {
                json.WriteStartObject("ceilings");
                json.WriteNumber("gflops", Ceilings.Gigaflops);
                json.WriteNumber("copy_gb_s", Ceilings.CopyGigabytes);
                json.WriteEndObject();
            }
            json.WriteStartObject("workloads");
            foreach (Timing timing in Timings) Write(json, timing);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private void Write(Utf8JsonWriter json, Timing timing)
    {
        json.WriteStartObject(timing.Name);
        json.WriteNumber("median_ms", timing.MedianMs);
        json.WriteNumber("min_ms", timing.MinMs);
        json.WriteNumber("repeats", timing.Repeats);
        if (timing.GigaflopsPerSecond is { } flops) json.WriteNumber("gflops", flops);
        if (timing.GigabytesPerSecond is { } bytes) json.WriteNumber("gb_s", bytes);
        if (Ceilings?.PercentOf(timing) is { } percent) json.WriteNumber("percent_of_ceiling", percent);
        json.WriteEndObject();
    }
}

/// <summary>Times workloads: two steps to warm up, then as many as fit into the time, at least three.</summary>
/// <remarks>Every step runs in a <see cref="MemoryScope"/> of its own, as the trainer's steps do.</remarks>
public static class BenchRunner
{
    private const int WarmUpSteps = 2, LeastSteps = 3;
    private const double LongestCeiling = 0.3;

    /// <summary>Times some of the workloads that PyTorch's baseline has, one after the other, and what the machine can do at most.</summary>
    /// <param name="names">Their names; none means all.</param>
    /// <param name="threads">How many threads kernels may use.</param>
    /// <param name="seconds">About how long to time each.</param>
    /// <param name="machine">What to call the machine in the result.</param>
    /// <param name="done">Called with each workload's times when it is done.</param>
    /// <param name="ceilings">Whether to measure also what the machine can do at most.</param>
    /// <param name="stop">Ends the measuring between two steps.</param>
    /// <exception cref="ArgumentException">There is no workload of that name.</exception>
    public static BenchResult Run(IEnumerable<string> names, int threads, double seconds, string machine = "", Action<Timing>? done = null,
        bool ceilings = true, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        Workload[] chosen = [.. names.Select(name => Workloads.Find(name) ?? throw new ArgumentException($"There is no workload '{name}'.", nameof(names)))];
        return Run(chosen.Length == 0 ? Workloads.All : chosen, threads, seconds, machine, done, ceilings, stop);
    }

    /// <summary>Times workloads, one after the other, and what the machine can do at most.</summary>
    /// <param name="workloads">The workloads.</param>
    /// <param name="threads">How many threads kernels may use.</param>
    /// <param name="seconds">About how long to time each.</param>
    /// <param name="machine">What to call the machine in the result.</param>
    /// <param name="done">Called with each workload's times when it is done.</param>
    /// <param name="ceilings">Whether to measure also what the machine can do at most.</param>
    /// <param name="stop">Ends the measuring between two steps.</param>
    public static BenchResult Run(IReadOnlyList<Workload> workloads, int threads, double seconds, string machine = "", Action<Timing>? done = null,
        bool ceilings = true, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(workloads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        ArgumentOutOfRangeException.ThrowIfNegative(seconds);
        List<Timing> timings = [];
        MachineCeilings? most = null;
        int before = Threads.Count;
        Threads.Count = threads;
        try
        {
            if (ceilings) most = MachineCeilings.Measure(Math.Min(seconds, LongestCeiling));
            MemoryScope.Trim();
            foreach (Workload workload in workloads)
            {
                Timing timing = Time(workload, seconds, stop);
                timings.Add(timing);
                done?.Invoke(timing);
                MemoryScope.Trim(); // the next workload starts with a pool of its own sizes
            }
        }
        finally
        {
            Threads.Count = before;
        }
        return new BenchResult(machine, threads, timings, most);
    }

    private static Timing Time(Workload workload, double seconds, CancellationToken stop)
    {
        Func<Tensor> step = workload.Create().Run;
        Action inScope = () => step();
        for (int i = 0; i < WarmUpSteps; i++) MemoryScope.Run(inScope);

        List<double> times = [];
        long start = Stopwatch.GetTimestamp();
        while (times.Count < LeastSteps || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            stop.ThrowIfCancellationRequested();
            long begin = Stopwatch.GetTimestamp();
            MemoryScope.Run(inScope);
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }
        times.Sort();
        int half = times.Count / 2;
        double median = times.Count % 2 == 1 ? times[half] : (times[half - 1] + times[half]) / 2;
        return new Timing(workload.Name, median, times[0], times.Count, workload.Flops, workload.Bytes);
    }
}
