using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rindoku.Lab;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku list</c>: the papers.</summary>
internal static class ListCommand
{
    public static Command Create(Terminal terminal, IReadOnlyList<Experiment> papers)
    {
        Option<string?> shelf = new("--shelf") { Description = "Only the papers of one shelf", HelpName = "SHELF" };
        Option<bool> json = CommonOptions.Json();
        Option<bool> markdown = new("--markdown") { Description = "Print the table as Markdown, as README.md has it" };
        Command command = new Command("list", "List the papers") { shelf, markdown, json }.WithExamples("rindoku list", "rindoku list --shelf Vision --json");
        command.Does(terminal, (parsed, _) =>
        {
            Experiment[] chosen = Choose(papers, parsed.GetValue(shelf));
            if (parsed.GetValue(json)) WriteJson(terminal, chosen);
            else if (parsed.GetValue(markdown)) terminal.Line(Markdown(chosen));
            else WriteTable(terminal, chosen);
            return CommandLine.Success;
        });
        return command;
    }

    private static Experiment[] Choose(IReadOnlyList<Experiment> papers, string? shelf)
    {
        if (shelf is null) return [.. papers];
        Experiment[] chosen = [.. papers.Where(p => p.Card.Shelf.Equals(shelf, StringComparison.OrdinalIgnoreCase))];
        return chosen.Length > 0 ? chosen : throw new UsageException(Suggest.Unknown("shelf", shelf, papers.Select(p => p.Card.Shelf).Distinct()));
    }

    private static void WriteTable(Terminal terminal, Experiment[] papers)
    {
        Table table = Terminal.NewTable("paper", "year", "shelf", "title");
        foreach (Experiment paper in papers)
            table.AddRow(new Text(paper.Slug), new Text(paper.Card.Year.ToString(CultureInfo.InvariantCulture)), new Text(paper.Card.Shelf), new Text(paper.Card.Title));
        terminal.Output.Write(table);
    }

    private static string Markdown(Experiment[] papers)
    {
        IEnumerable<string> rows = papers.Select(p => $"| `{p.Slug}` | {p.Card.Shelf} | {p.Card.Year} | {Title(p.Card)} | {p.Card.English.Purpose} |");
        return string.Join('\n', ["| paper | shelf | year | title | purpose |", "|---|---|---|---|---|", .. rows]);
    }

    private static string Title(Card card) => card.ArXiv.Length > 0 ? $"[{card.Title}](https://arxiv.org/abs/{card.ArXiv})" : card.Title;

    /// <summary>What a card says of the paper itself, into an open object.</summary>
    internal static void WriteCard(Utf8JsonWriter json, Card card)
    {
        json.WriteString("paper", card.Slug);
        json.WriteString("title", card.Title);
        json.WriteNumber("year", card.Year);
        json.WriteString("shelf", card.Shelf);
        json.WriteString("arxiv", card.ArXiv);
        json.WriteString("readingGroup", card.ReadingGroup);
    }

    private static void WriteJson(Terminal terminal, Experiment[] papers) => terminal.Json(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("papers");
        foreach (Experiment paper in papers)
        {
            Card card = paper.Card;
            json.WriteStartObject();
            WriteCard(json, card);
            json.WriteString("purpose", card.English.Purpose);
            json.WriteStartArray("arms");
            foreach (Arm arm in paper.Arms) json.WriteStringValue(arm.Name);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
