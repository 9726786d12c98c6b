using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Rindoku.Cli;

/// <summary>Help that ends with examples to copy.</summary>
/// <remarks>The parser names the program after its file, <c>Rindoku.Cli</c>; people type <c>rindoku</c>.</remarks>
internal sealed class ExampleHelp(HelpAction plain) : SynchronousCommandLineAction
{
    private static readonly ConditionalWeakTable<Command, string[]> Examples = [];

    /// <summary>Makes the help of a root command, and of all commands below it, one of this kind.</summary>
    public static void UseIn(RootCommand root)
    {
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
            if (option.Action is HelpAction plain) option.Action = new ExampleHelp(plain);
    }

    /// <summary>Command lines that the help of a command ends with.</summary>
    public static void Add(Command command, string[] lines) => Examples.Add(command, lines);

    /// <summary>Whoever asks for help need not give the arguments.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        using StringWriter text = new();
        parseResult.InvocationConfiguration.Output = text;
        int code = plain.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        output.WriteLine(text.ToString().Replace($"  {RootCommand.ExecutableName} ", "  rindoku ", StringComparison.Ordinal).TrimEnd());
        foreach (string line in Lines(parseResult.CommandResult.Command)) output.WriteLine(line);
        return code;
    }

    // A command that only groups others shows theirs.
    private static IEnumerable<string> Lines(Command command)
    {
        string[] lines = Examples.TryGetValue(command, out string[]? own) ? own : [.. command.Subcommands.SelectMany(c => Examples.TryGetValue(c, out string[]? theirs) ? theirs[..1] : [])];
        return lines.Length == 0 ? [] : ["", "Examples:", .. lines.Select(line => $"  {line}")];
    }
}

/// <summary>Gives commands their examples.</summary>
internal static class CommandExamples
{
    /// <summary>Adds command lines that the help of the command ends with.</summary>
    public static Command WithExamples(this Command command, params string[] lines)
    {
        ExampleHelp.Add(command, lines);
        return command;
    }
}
