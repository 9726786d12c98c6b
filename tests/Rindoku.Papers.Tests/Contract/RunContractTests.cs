using System.Runtime.InteropServices;
using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Kernels;
using Rindoku.Lab;
using Rindoku.Lab.Runs;

namespace Rindoku.Papers.Tests.Contract;

/// <summary>What every arm's run must do: give finite numbers, repeat itself bit for bit, and go on after an interruption as if there had been none.</summary>
[Collection(nameof(AloneOnThePool))]
public sealed class RunContractTests
{
    public static TheoryData<string, string> Arms => Catalogue.Arms;

    [Theory, MemberData(nameof(Arms))]
    public void A_run_gives_finite_numbers_and_repeats_itself_bit_for_bit_with_any_number_of_threads(string slug, string arm)
    {
        Trace first = Run(slug, arm, threads: 1);
        Assert.NotEmpty(first.Metrics);
        Assert.All(first.Metrics, metric => Assert.True(double.IsFinite(metric.Value), $"{metric.Key} is {metric.Value}"));
        foreach (int threads in (int[])[1, 2, 3]) AssertSame(first, Run(slug, arm, threads));
    }

    [Theory, MemberData(nameof(Arms))]
    public void Another_seed_gives_another_run(string slug, string arm) =>
        Assert.NotEqual(Run(slug, arm, threads: 2).Files, Run(slug, arm, threads: 2, seed: 8).Files);

    [Theory, MemberData(nameof(Arms))]
    public void A_run_interrupted_and_resumed_ends_as_one_left_alone(string slug, string arm)
    {
        Trace whole = Run(slug, arm, threads: 2);
        int reports = whole.Reports;
        Assert.True(reports > 3, "the run reports its progress too seldom to be interrupted");
        foreach (int after in (int[])[1, reports / 2, reports - 2]) AssertSame(whole, Run(slug, arm, threads: 2, interruptAfter: after));
    }

    /// <summary>All of a run that must repeat itself: its numbers, times aside, and the bits of its checkpoints.</summary>
    private sealed record Trace(Dictionary<string, double> Metrics, string[] Files, int Reports);

    private static Trace Run(string slug, string arm, int threads, long seed = 7, int interruptAfter = 0)
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        using CancellationTokenSource stop = new();
        int before = Threads.Count;
        Threads.Count = threads;
        try
        {
            Experiment paper = PaperCatalogue.Find(slug);
            Counter counter = new(stop, interruptAfter);
            Laboratory laboratory = new(store) { Data = new DataDirectory(folder.Path), Progress = (_, _, _) => counter };
            RunRequest request = new() { Arm = arm, Seed = seed, Overrides = paper.SmokeSettings(arm).Overrides() };
            if (interruptAfter == 0) return TraceOf(laboratory.Run(paper, request, stop.Token), counter.Reports);
            Assert.Throws<RunInterruptedException>(() => laboratory.Run(paper, request, stop.Token));
            Assert.Equal(RunStatus.Interrupted, store.Find(1).Status);
            return TraceOf(laboratory.Resume(paper, 1), counter.Reports);
        }
        finally
        {
            Threads.Count = before;
        }
    }

    private static Trace TraceOf(RunOutcome outcome, int reports) => new(
        outcome.Result.Metrics.Where(metric => !metric.Key.Contains("seconds", StringComparison.Ordinal)).ToDictionary(),
        [.. Units(outcome.Result), .. Checkpoints(outcome.Run.Folder)], reports);

    private static IEnumerable<string> Units(ArmResult result) =>
        result.Units.OrderBy(unit => unit.Key, StringComparer.Ordinal).Select(unit => $"{unit.Key} {Bits(unit.Value)}");

    private static IEnumerable<string> Checkpoints(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "last.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            SafetensorsFile file = Safetensors.Read(path);
            foreach ((string name, Tensor tensor) in file.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal)) yield return $"{name} {Bits(tensor.Span)}";
            // The position holds the seconds that training took.
            foreach ((string name, Longs longs) in file.Longs.Where(l => l.Key != "position").OrderBy(l => l.Key, StringComparer.Ordinal))
                yield return $"{name} {string.Join(' ', longs.ToArray())}";
        }
    }

    private static string Bits(ReadOnlySpan<float> values) => Convert.ToHexString(MemoryMarshal.AsBytes(values));

    private static void AssertSame(Trace expected, Trace actual)
    {
        Assert.Equal(expected.Metrics, actual.Metrics);
        Assert.Equal(expected.Files, actual.Files);
    }

    private sealed class Counter(CancellationTokenSource stop, int interruptAfter) : IProgressSink
    {
        public int Reports { get; private set; }

        public void Report(in Progress progress)
        {
            if (++Reports == interruptAfter) stop.Cancel();
        }
    }
}
