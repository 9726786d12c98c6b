using System.CommandLine;
using System.Globalization;
using Rindoku.Bench;
using Rindoku.Bench.Sweep;
using Rindoku.IO;
using Rindoku.Lab;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku bench</c>: how fast this machine computes, workload by workload.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> names = new("NAME") { Description = "Workloads, or with --sweep operations (default: all)", Arity = ArgumentArity.ZeroOrMore };
        Option<int?> threads = CommonOptions.Threads();
        Option<double> seconds = new("--seconds") { Description = "About how long to time each workload", DefaultValueFactory = _ => 2, HelpName = "S" };
        Option<string?> json = new("--json") { Description = "Also write the times to a file, in the form of the PyTorch baseline", HelpName = "FILE" };
        Option<bool> sweep = new("--sweep") { Description = "Time operations over odd and small shapes instead, and list those much slower than their neighbours" };
        Option<bool> papers = new("--papers") { Description = "If no workload is named: all training steps of papers' networks instead" };
        Option<bool> overheads = new("--overheads") { Description = "Measure instead what a call costs, what a second thread brings, and what warm steps allocate" };
        Command command = new Command("bench", "Time the workloads that PyTorch is compared on") { names, threads, seconds, json, papers, sweep, overheads }
            .WithExamples("rindoku bench", "rindoku bench gemm-1024 --threads 2", "rindoku bench --seconds 1 --json times.json",
                "rindoku bench --papers", "rindoku bench --sweep matmul softmax", "rindoku bench --overheads");
        command.Validators.Add(result =>
        {
            string[] modes = [.. ((Option<bool>[])[papers, sweep, overheads]).Where(result.GetValue).Select(option => option.Name)];
            if (modes.Length > 1) result.AddError($"{string.Join(" and ", modes)}: one at a time.");
        });
        command.Does(terminal, (parsed, stop) =>
        {
            if (parsed.GetValue(sweep)) return Sweep(terminal, parsed.GetValue(names) ?? [], parsed.GetValue(threads), stop);
            if (parsed.GetValue(overheads)) return Overhead(terminal, parsed.GetValue(names) ?? [], stop);
            IReadOnlyList<Workload> chosen = [.. (parsed.GetValue(names) ?? []).Select(WorkloadOf)];
            if (chosen.Count == 0) chosen = parsed.GetValue(papers) ? PaperWorkloads.All : Workloads.All;
            double time = parsed.GetValue(seconds);
            if (!(time is >= 0 and <= 3600)) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--seconds: got {time}; needed a number from 0 to 3600."));
            CommonOptions.UseThreads(parsed.GetValue(threads));
            BenchResult result = BenchRunner.Run(chosen, Kernels.Threads.Count, time, MachineInfo.Current.ToString(),
                timing => terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{timing.Name}: {timing.MedianMs:0.000} ms")), stop: stop);
            WriteTable(terminal, result);
            if (parsed.GetValue(json) is { } file) AtomicFile.Write(file, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(result.ToJson())));
            return CommandLine.Success;
        });
        return command;
    }

    private static Workload WorkloadOf(string name) => PaperWorkloads.Find(name)
        ?? throw new UsageException(Suggest.Unknown("workload", name, [.. Workloads.Names, .. PaperWorkloads.All.Select(workload => workload.Name)]));

    private static string Known(string name, string kind, IEnumerable<string> all) =>
        all.FirstOrDefault(one => one.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new UsageException(Suggest.Unknown(kind, name, all));

    private static int Sweep(Terminal terminal, string[] names, int? threads, CancellationToken stop)
    {
        string[] chosen = [.. names.Select(name => Known(name, "sweep", SweepRunner.Names))];
        CommonOptions.UseThreads(threads);
        IReadOnlyList<Cliff> cliffs = SweepRunner.Run(chosen, timing => terminal.Line(Line(timing)), stop);
        terminal.Line($"{MachineInfo.Current}; {Kernels.Threads.Count} threads");
        Cliff[] padding = [.. cliffs.Where(cliff => cliff.IsPadding)], steep = [.. cliffs.Where(cliff => !cliff.IsPadding)];
        foreach (Cliff cliff in steep) terminal.Line($"cliff: {Line(cliff)}");
        foreach (IGrouping<string, Cliff> group in padding.GroupBy(cliff => cliff.Shape.Operation))
            terminal.Line($"padding: {group.Count()} of {group.Key}, the worst: {Line(group.MaxBy(cliff => cliff.Excess)!)}");
        terminal.Line($"{steep.Length} cliffs; {padding.Length} shapes that cost what the next larger one costs, which they are padded to.");
        return CommandLine.Success;
    }

    private static string Line(Cliff cliff) => string.Create(CultureInfo.InvariantCulture,
        $"{Line(cliff.Shape)}; {cliff.Excess:0.0} times what it would take at half the rate of {Line(cliff.Neighbour)}");

    private static string Line(SweepTiming timing) =>
        string.Create(CultureInfo.InvariantCulture, $"{timing.Operation} {timing.Sizes}: {timing.Seconds * 1e6:0.00} us, {timing.Rate:0.00} {timing.Unit}");

    private static int Overhead(Terminal terminal, string[] names, CancellationToken stop)
    {
        string[] chosen = [.. names.Select(name => Known(name, "workload", Workloads.Names))];
        foreach (string line in Overheads.Measure(chosen, stop: stop)) terminal.Line(line);
        terminal.Line(MachineInfo.Current.ToString());
        return CommandLine.Success;
    }

    private static void WriteTable(Terminal terminal, BenchResult result)
    {
        Table table = Terminal.NewTable("workload", "median ms", "min ms", "repeats", "GFLOP/s", "GB/s", "% of ceiling");
        for (int column = 1; column < table.Columns.Count; column++) table.Columns[column].Alignment = Justify.Right;
        foreach (Timing timing in result.Timings)
            table.AddRow(new Text(timing.Name), Number(timing.MedianMs, "0.000"), Number(timing.MinMs, "0.000"), Number(timing.Repeats, "0"),
                Number(timing.GigaflopsPerSecond, "0.0"), Number(timing.GigabytesPerSecond, "0.0"), Number(result.Ceilings?.PercentOf(timing), "0"));
        terminal.Output.Write(table);
        terminal.Line($"{result.Machine}; {result.Threads} {(result.Threads == 1 ? "thread" : "threads")}");
        if (result.Ceilings is not { } ceilings) return;
        terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"Ceilings: {ceilings.Gigaflops:0} GFLOP/s (multiply-adds in registers), {ceilings.CopyGigabytes:0.0} GB/s (copy out of cache)."));
        terminal.Line("GFLOP/s count the operations of the definition: Winograd's convolutions do fewer, and may pass 100 %; so may arrays that stay in a cache.");
    }

    private static Text Number(double? value, string format) => new(value?.ToString(format, CultureInfo.InvariantCulture) ?? "");
}
