using System.CommandLine;
using System.CommandLine.Parsing;
using Rindoku.Lab;

namespace Rindoku.Cli;

/// <summary>What is wrong with a command line, in words: the parser's own tell neither the nearest name nor what a value should be.</summary>
internal static class UsageMessages
{
    private static readonly (string Type, string Words)[] Types =
    [
        (" as expected type 'System.Int64'", ": needed a whole number"),
        (" as expected type 'System.Nullable`1[System.Int64]'", ": needed a whole number"),
        (" as expected type 'System.Int32'", ": needed a whole number"),
        (" as expected type 'System.Nullable`1[System.Int32]'", ": needed a whole number"),
        (" as expected type 'System.Double'", ": needed a number such as 0.5"),
    ];

    /// <summary>The full name of a command: <c>rindoku data get</c>.</summary>
    public static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } above ? $"{NameOf(above)} {command.Name}" : "rindoku";

    public static IEnumerable<string> Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        // What follows an unknown word is unknown as well; the first is the one that was misspelt.
        if (parsed.UnmatchedTokens is [string first, ..])
        {
            if (first.StartsWith('-')) return [Suggest.Unknown("option", first, Options(command))];
            if (command.Subcommands.Count > 0) return [Suggest.Unknown("command", first, command.Subcommands.Select(c => c.Name))];
        }
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0 && parsed.CommandResult.Tokens.Count == 0)
            return [$"{NameOf(command)}: needed a command: {string.Join(", ", command.Subcommands.Select(c => c.Name))}."];
        return parsed.Errors.Select(Words);
    }

    private static IEnumerable<string> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(above => above.Options.Where(option => option.Recursive))).Select(option => option.Name).Distinct();

    private static string Words(ParseError problem)
    {
        foreach ((string type, string words) in Types)
            if (problem.Message.Contains(type, StringComparison.Ordinal)) return problem.Message.Replace(type, words, StringComparison.Ordinal);
        return problem.Message;
    }
}
