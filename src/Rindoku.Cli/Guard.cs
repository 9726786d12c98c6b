using System.CommandLine;
using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Lab;
using Rindoku.Nn;

namespace Rindoku.Cli;

/// <summary>Thrown by a command for what the user typed: it ends with the exit code of bad usage.</summary>
internal sealed class UsageException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Turns what the lab says of names and settings into a mistake on the command line.</summary>
    public static T From<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (LabException mistake)
        {
            throw new UsageException(mistake.Message, mistake);
        }
    }
}

/// <summary>What every command does about errors: a message for what the user can put right, and no stack trace.</summary>
/// <remarks>A defect of ours is told as one; its stack trace is shown to who asks for it with <c>RINDOKU_TRACE=1</c>.</remarks>
internal static class Guard
{
    /// <summary>Gives a command its action.</summary>
    public static void Does(this Command command, Terminal terminal, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parsed, stop) =>
        {
            try
            {
                return await action(parsed, stop);
            }
            catch (UsageException mistake)
            {
                terminal.Problem(mistake.Message);
                return CommandLine.BadUsage;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                terminal.Problem("Stopped.");
                return CommandLine.Failure;
            }
            catch (Exception error) when (IsForTheUser(error))
            {
                terminal.Problem(error.Message);
                return CommandLine.Failure;
            }
            catch (Exception error)
            {
                terminal.Problem($"Rindoku made a mistake: {error.GetType().Name}: {error.Message}");
                if (Environment.GetEnvironmentVariable("RINDOKU_TRACE") is { Length: > 0 }) terminal.Note(error.ToString());
                else terminal.Note("Please report it, with what this command says when RINDOKU_TRACE=1 is set.");
                return CommandLine.Failure;
            }
        });

    /// <summary>Gives a command an action that does not wait.</summary>
    public static void Does(this Command command, Terminal terminal, Func<ParseResult, CancellationToken, int> action) =>
        command.Does(terminal, (parsed, stop) => Task.FromResult(action(parsed, stop)));

    private static bool IsForTheUser(Exception error) => error is LabException or DataException or FileFormatException or StateException
        or ShapeException or AnomalyException or IOException or UnauthorizedAccessException or HttpRequestException;
}
