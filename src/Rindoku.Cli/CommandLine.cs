using System.CommandLine;
using System.Runtime.InteropServices;
using Rindoku.Cli.Commands;
using Rindoku.Lab;
using Rindoku.Papers;

namespace Rindoku.Cli;

/// <summary>The program: its commands, and what every one of them does about errors and about being asked to stop.</summary>
public static class CommandLine
{
    /// <summary>Exit code: the command did what it was asked to.</summary>
    public const int Success = 0;

    /// <summary>Exit code: a claim failed, or the work did.</summary>
    public const int Failure = 1;

    /// <summary>Exit code: the command line was wrong.</summary>
    public const int BadUsage = 2;

    /// <summary>Carries out one command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where progress and messages go.</param>
    /// <param name="papers">The papers to know; null for those of the house. A program of your own passes its own papers here.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, IReadOnlyList<Experiment>? papers = null)
    {
        Terminal terminal = new(output, error);
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => OnSignal(signal, stop));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => OnSignal(signal, stop));
        ParseResult parsed = Root(terminal, papers ?? PaperCatalogue.All).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (string problem in UsageMessages.Of(parsed)) terminal.Problem(problem);
            terminal.Note($"See '{UsageMessages.NameOf(parsed.CommandResult.Command)} --help'.");
            return BadUsage;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
    }

    internal static RootCommand Root(Terminal terminal, IReadOnlyList<Experiment> papers)
    {
        RootCommand root = new("Research papers whose claims can be run: train them, measure their claims again, read the verdict.")
        {
            ListCommand.Create(terminal, papers),
            ShowCommand.Create(terminal, papers),
            RunCommand.Create(terminal, papers),
            VerifyCommand.Create(terminal, papers),
            DataCommand.Create(terminal),
            RunsCommand.Create(terminal, papers),
            BenchCommand.Create(terminal),
        };
        root.WithExamples("rindoku list", "rindoku run stochastic-depth", "rindoku verify stochastic-depth");
        ExampleHelp.UseIn(root);
        return root;
    }

    // The first signal asks: trainers write a checkpoint and end. A second one ends the process as the system does.
    private static void OnSignal(PosixSignalContext signal, CancellationTokenSource stop)
    {
        if (stop.IsCancellationRequested) return;
        signal.Cancel = true;
        stop.Cancel();
    }
}
