using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Rindoku.Cli;

/// <summary>Where a command writes: results to standard output, progress and messages to standard error.</summary>
/// <remarks>With <c>--json</c> standard output holds exactly one JSON document. Colours and tables only where there is a terminal.</remarks>
internal sealed class Terminal
{
    private static readonly JsonWriterOptions JsonStyle = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly TextWriter output, error;

    public Terminal(TextWriter output, TextWriter error)
    {
        (this.output, this.error) = (output, error);
        Output = Console(output, System.Console.IsOutputRedirected);
        Error = Console(error, System.Console.IsErrorRedirected);
    }

    public IAnsiConsole Output { get; }

    public IAnsiConsole Error { get; }

    /// <summary>Writes the one JSON document of a command.</summary>
    public void Json(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, JsonStyle)) write(writer);
        JsonText(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    /// <summary>Writes the one JSON document of a command, made elsewhere.</summary>
    public void JsonText(string document)
    {
        output.WriteLine(document);
        output.Flush();
    }

    // Lines and messages are written past Spectre.Console, which would break them at the width of the terminal, amid paths and commands.

    /// <summary>A line of plain text, as it is.</summary>
    public void Line(string text = "") => output.WriteLine(text);

    /// <summary>A message about what went wrong, on standard error.</summary>
    public void Problem(string message) =>
        error.WriteLine(Error.Profile.Capabilities is { Ansi: true, ColorSystem: not ColorSystem.NoColors } ? $"\e[31m{message}\e[0m" : message);

    /// <summary>A message that is no result, on standard error.</summary>
    public void Note(string message) => error.WriteLine(message);

    /// <summary>A table without vertical lines, the same everywhere.</summary>
    public static Table NewTable(params IEnumerable<string> columns)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string column in columns) table.AddColumn(new TableColumn(new Markup($"[bold]{Markup.Escape(column)}[/]")));
        return table;
    }

    private static IAnsiConsole Console(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = 160; // a file has no edge: tables are not cut to a terminal's 80 columns
        return console;
    }
}
