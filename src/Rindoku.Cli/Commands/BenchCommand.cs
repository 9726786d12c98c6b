using System.CommandLine;
using System.Globalization;
using Rindoku.Bench;
using Rindoku.IO;
using Rindoku.Lab;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku bench</c>: how fast this machine computes, workload by workload.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> names = new("NAME") { Description = "Workloads (default: all)", Arity = ArgumentArity.ZeroOrMore };
        Option<int?> threads = CommonOptions.Threads();
        Option<double> seconds = new("--seconds") { Description = "About how long to time each workload", DefaultValueFactory = _ => 2, HelpName = "S" };
        Option<string?> json = new("--json") { Description = "Also write the times to a file, in the form of the PyTorch baseline", HelpName = "FILE" };
        Command command = new Command("bench", "Time the workloads that PyTorch is compared on") { names, threads, seconds, json }
            .WithExamples("rindoku bench", "rindoku bench gemm-1024 --threads 2", "rindoku bench --seconds 1 --json times.json");
        command.Does(terminal, (parsed, stop) =>
        {
            string[] chosen = [.. (parsed.GetValue(names) ?? []).Select(Known)];
            double time = parsed.GetValue(seconds);
            if (!(time is >= 0 and <= 3600)) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--seconds: got {time}; needed a number from 0 to 3600."));
            CommonOptions.UseThreads(parsed.GetValue(threads));
            BenchResult result = BenchRunner.Run(chosen, Kernels.Threads.Count, time, MachineInfo.Current.ToString(),
                timing => terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{timing.Name}: {timing.MedianMs:0.000} ms")), stop);
            WriteTable(terminal, result);
            if (parsed.GetValue(json) is { } file) AtomicFile.Write(file, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(result.ToJson())));
            return CommandLine.Success;
        });
        return command;
    }

    private static string Known(string name) =>
        Workloads.Find(name)?.Name ?? throw new UsageException(Suggest.Unknown("workload", name, Workloads.Names));

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
