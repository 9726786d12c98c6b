using System.CommandLine;
using System.Runtime.InteropServices;
using Rindoku.Cli.Commands;

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
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        Terminal terminal = new(output, error);
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => OnSignal(signal, stop));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => OnSignal(signal, stop));
        ParseResult parsed = Root(terminal).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError problem in parsed.Errors) terminal.Problem(problem.Message);
            terminal.Note($"See 'rindoku {Path(parsed)}--help'.");
            return BadUsage;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
    }

    internal static RootCommand Root(Terminal terminal) => new("Research papers whose claims can be run: train them, measure their claims again, read the verdict.")
    {
        ListCommand.Create(terminal),
        ShowCommand.Create(terminal),
        RunCommand.Create(terminal),
        VerifyCommand.Create(terminal),
        DataCommand.Create(terminal),
        RunsCommand.Create(terminal),
        BenchCommand.Create(terminal),
    };

    // The first signal asks: trainers write a checkpoint and end. A second one ends the process as the system does.
    private static void OnSignal(PosixSignalContext signal, CancellationTokenSource stop)
    {
        if (stop.IsCancellationRequested) return;
        signal.Cancel = true;
        stop.Cancel();
    }

    private static string Path(ParseResult parsed) => parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
}
