using System.CommandLine;
using System.Globalization;
using Rindoku.Lab;
using Rindoku.Papers;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku list</c>: the papers.</summary>
internal static class ListCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string?> shelf = new("--shelf") { Description = "Only the papers of one shelf", HelpName = "SHELF" };
        Option<bool> json = CommonOptions.Json();
        Command command = new("list", "List the papers") { shelf, json };
        command.Does(terminal, (parsed, _) =>
        {
            Experiment[] papers = Choose(parsed.GetValue(shelf));
            if (parsed.GetValue(json)) WriteJson(terminal, papers);
            else WriteTable(terminal, papers);
            return CommandLine.Success;
        });
        return command;
    }

    private static Experiment[] Choose(string? shelf)
    {
        if (shelf is null) return [.. PaperCatalogue.All];
        Experiment[] papers = [.. PaperCatalogue.All.Where(p => p.Card.Shelf.Equals(shelf, StringComparison.OrdinalIgnoreCase))];
        return papers.Length > 0 ? papers : throw new UsageException(Suggest.Unknown("shelf", shelf, PaperCatalogue.All.Select(p => p.Card.Shelf).Distinct()));
    }

    private static void WriteTable(Terminal terminal, Experiment[] papers)
    {
        Table table = Terminal.NewTable("paper", "year", "shelf", "title");
        foreach (Experiment paper in papers)
            table.AddRow(new Text(paper.Slug), new Text(paper.Card.Year.ToString(CultureInfo.InvariantCulture)), new Text(paper.Card.Shelf), new Text(paper.Card.Title));
        terminal.Output.Write(table);
    }

    private static void WriteJson(Terminal terminal, Experiment[] papers) => terminal.Json(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("papers");
        foreach (Experiment paper in papers)
        {
            Card card = paper.Card;
            json.WriteStartObject();
            json.WriteString("paper", paper.Slug);
            json.WriteString("title", card.Title);
            json.WriteNumber("year", card.Year);
            json.WriteString("shelf", card.Shelf);
            json.WriteString("arxiv", card.ArXiv);
            json.WriteString("readingGroup", card.ReadingGroup);
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
