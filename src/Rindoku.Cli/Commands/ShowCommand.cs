using System.CommandLine;
using System.Text.Json;
using Rindoku.Lab;
using Rindoku.Papers;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku show PAPER</c>: the five lines, the arms, the settings and the claims of a paper.</summary>
internal static class ShowCommand
{
    public static Command Create(Terminal terminal, IReadOnlyList<Experiment> papers)
    {
        Argument<string> paper = new("PAPER") { Description = "A paper of 'rindoku list'" };
        Option<string> language = new("--lang") { Description = "The language of the five lines", DefaultValueFactory = _ => "en", HelpName = "en|ja" };
        Option<string> profile = CommonOptions.Profile();
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("show", "Show what a paper is, what is compared, and what it claims") { paper, language, profile, json }
            .WithExamples("rindoku show stochastic-depth", "rindoku show stochastic-depth --lang ja --profile full");
        command.Does(terminal, (parsed, _) =>
        {
            Experiment experiment = UsageException.From(() => PaperCatalogue.Find(parsed.GetValue(paper)!, papers));
            FiveLines lines = UsageException.From(() => experiment.Card.Lines(parsed.GetValue(language)!));
            Profile size = CommonOptions.ParseProfile(parsed.GetValue(profile)!);
            if (parsed.GetValue(json)) terminal.Json(writer => WriteJson(writer, experiment, lines, size));
            else Write(terminal, experiment, lines, parsed.GetValue(language)!, size);
            return CommandLine.Success;
        });
        return command;
    }

    private static void Write(Terminal terminal, Experiment experiment, FiveLines lines, string language, Profile profile)
    {
        Card card = experiment.Card;
        terminal.Output.MarkupLineInterpolated($"[bold]{card.Title}[/]");
        terminal.Line($"{string.Join(", ", card.Authors)} · {card.Year}{(card.ArXiv.Length > 0 ? $" · arXiv:{card.ArXiv}" : "")}");
        terminal.Line();
        Grid five = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        string[] texts = [lines.Purpose, lines.Method, lines.Result, lines.ModelName, lines.Affiliation];
        for (int i = 0; i < texts.Length; i++) five.AddRow(new Markup($"[bold]{Markup.Escape(Card.Labels(language)[i])}[/]"), new Text(texts[i]));
        terminal.Output.Write(five);
        terminal.Line();

        Table arms = Terminal.NewTable("arm", "what it is");
        foreach (Arm arm in experiment.Arms) arms.AddRow(new Text(arm.Name), new Text(arm.Description));
        terminal.Output.Write(arms);

        Table settings = Terminal.NewTable($"--set, profile {profile.Name()}", "value", "what it is");
        foreach (SettingValue setting in experiment.Settings(profile, experiment.Arms[0].Name).List())
            settings.AddRow(new Text(setting.Name), new Text(setting.Value), new Text(setting.Description.Length > 0 ? setting.Description : setting.Type));
        terminal.Output.Write(settings);

        Table claims = Terminal.NewTable("claim", "statement", "measured by");
        foreach (Claim claim in experiment.Claims(profile))
            claims.AddRow(new Text(claim.Id), new Text(claim.Statement), new Text($"{claim.Quantity}: {claim.Metric}, {claim.Better.Name()} is better"));
        terminal.Output.Write(claims);
        terminal.Line(card.Body);
    }

    private static void WriteJson(Utf8JsonWriter json, Experiment experiment, FiveLines lines, Profile profile)
    {
        json.WriteStartObject();
        ListCommand.WriteCard(json, experiment.Card);
        json.WriteString("purpose", lines.Purpose);
        json.WriteString("method", lines.Method);
        json.WriteString("result", lines.Result);
        json.WriteString("model", lines.ModelName);
        json.WriteString("affiliation", lines.Affiliation);
        json.WriteString("body", experiment.Card.Body);
        json.WriteString("profile", profile.Name());
        json.WriteStartArray("arms");
        foreach (Arm arm in experiment.Arms)
        {
            json.WriteStartObject();
            json.WriteString("name", arm.Name);
            json.WriteString("description", arm.Description);
            json.WritePropertyName("settings");
            json.WriteRawValue(experiment.Settings(profile, arm.Name).ToJson());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("claims");
        foreach (Claim claim in experiment.Claims(profile))
        {
            json.WriteStartObject();
            json.WriteString("id", claim.Id);
            json.WriteString("statement", claim.Statement);
            json.WriteString("metric", claim.Metric);
            json.WriteString("better", claim.Better.Name());
            json.WriteNumber("margin", claim.Margin);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
