using System.CommandLine;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Runs;

namespace Rindoku.Cli.Commands;

/// <summary>Options that several commands have, each made in one place.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document on standard output; everything else goes to standard error" };

    public static Option<string> Profile() => new("--profile", "-p")
    {
        Description = "quick: embedded data, under a minute; full: real data, under 15 minutes; paper: the paper's own sizes",
        DefaultValueFactory = _ => "quick",
        HelpName = "quick|full|paper",
    };

    public static Option<string?> Data() => new("--data") { Description = "The folder of the data sets (default: $RINDOKU_DATA, else a folder of the user's cache)", HelpName = "DIR" };

    public static Option<string?> Runs() => new("--runs") { Description = "The folder of the run store (default: $RINDOKU_RUNS, else a folder of the user's data)", HelpName = "DIR" };

    public static Option<int?> Threads() => new("--threads") { Description = "How many threads to compute with (default: all processors); results do not depend on it", HelpName = "N" };

    /// <summary>Sets the number of threads, if it was given.</summary>
    public static void UseThreads(int? threads)
    {
        if (threads is null) return;
        if (threads < 1) throw new UsageException($"--threads: got {threads}; needed 1 or more.");
        Kernels.Threads.Count = threads.Value;
    }

    public static Profile ParseProfile(string name) => UsageException.From(() => Profiles.Parse(name));

    /// <summary>The laboratory of a command: run store, data folder, and progress on standard error.</summary>
    public static Laboratory Laboratory(RunStore store, string? data, ProgressDisplay display) =>
        new(store) { Data = DataDirectory.Resolve(data), Progress = display.ForRun };
}
