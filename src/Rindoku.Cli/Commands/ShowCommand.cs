using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rindoku.Lab;
using Rindoku.Papers;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku show PAPER</c>: the five lines, the arms, the settings, the claims and the architecture of a paper.</summary>
internal static class ShowCommand
{
    public static Command Create(Terminal terminal, IReadOnlyList<Experiment> papers)
    {
        Argument<string> paper = new("PAPER") { Description = "A paper of 'rindoku list'" };
        Option<string> language = new("--lang") { Description = "The language of the five lines", DefaultValueFactory = _ => "en", HelpName = "en|ja" };
        Option<string> profile = CommonOptions.Profile();
        Option<string?> arm = new("--arm") { Description = "Whose settings and architecture to show (default: the paper's own system)", HelpName = "ARM" };
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("show", "Show what a paper is, what is compared, and what it claims") { paper, language, profile, arm, json }
            .WithExamples("rindoku show stochastic-depth", "rindoku show stochastic-depth --lang ja --profile full --arm constant");
        command.Does(terminal, (parsed, _) =>
        {
            Experiment experiment = UsageException.From(() => PaperCatalogue.Find(parsed.GetValue(paper)!, papers));
            FiveLines lines = UsageException.From(() => experiment.Card.Lines(parsed.GetValue(language)!));
            Profile size = CommonOptions.ParseProfile(parsed.GetValue(profile)!);
            Arm shown = UsageException.From(() => experiment.Arm(parsed.GetValue(arm) ?? experiment.Arms[0].Name));
            // Without a wish the settings are those that run, and the architecture the one that was published.
            Profile drawn = parsed.GetResult(profile) is { Implicit: false } ? size : Profile.Paper;
            Architecture? architecture = ArchitectureOf(experiment, drawn, shown);
            if (parsed.GetValue(json)) terminal.Json(writer => WriteJson(writer, experiment, lines, size, architecture));
            else
            {
                Write(terminal, experiment, lines, parsed.GetValue(language)!, size, shown);
                if (architecture is not null) WriteArchitecture(terminal, architecture, shown, drawn);
                terminal.Line(experiment.Card.Body);
            }
            return CommandLine.Success;
        });
        return command;
    }

    private static void Write(Terminal terminal, Experiment experiment, FiveLines lines, string language, Profile profile, Arm shown)
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
        foreach (SettingValue setting in experiment.Settings(profile, shown.Name).List())
            settings.AddRow(new Text(setting.Name), new Text(setting.Value), new Text(setting.Description.Length > 0 ? setting.Description : setting.Type));
        terminal.Output.Write(settings);

        Table claims = Terminal.NewTable("claim", "statement", "measured by");
        foreach (Claim claim in experiment.Claims(profile))
            claims.AddRow(new Text(claim.Id), new Text(claim.Statement), new Text($"{claim.Quantity}: {claim.Metric}, {claim.Better.Name()} is better"));
        terminal.Output.Write(claims);
    }

    private static Architecture? ArchitectureOf(Experiment experiment, Profile profile, Arm arm) =>
        experiment.Probe(experiment.Settings(profile, arm.Name), seed: 0) is { } probe ? Architecture.Of(probe) : null;

    private static void WriteArchitecture(Terminal terminal, Architecture architecture, Arm arm, Profile profile)
    {
        Table table = Terminal.NewTable($"architecture of {arm.Name}, profile {profile.Name()}", "what it is", "output", "parameters", "multiply-adds");
        foreach (int column in (int[])[3, 4]) table.Columns[column].RightAligned();
        foreach (ArchitecturePart part in architecture.Parts)
            table.AddRow(new Text(part.Name), new Text(part.Kind), new Text(part.Output?.ToString() ?? ""), Count(part.Parameters), Count(part.MultiplyAdds));
        table.AddRow(new Text("in all"), new Text(""), new Text(""), Count(architecture.Parameters), Count(architecture.MultiplyAdds));
        terminal.Output.Write(table);

        static Text Count(long number) => new(number.ToString("N0", CultureInfo.InvariantCulture));
    }

    private static void WriteJson(Utf8JsonWriter json, Architecture architecture)
    {
        json.WriteStartArray("architecture");
        foreach (ArchitecturePart part in architecture.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("kind", part.Kind);
            json.WriteStartArray("output");
            foreach (int size in part.Output ?? Shape.Scalar) json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteNumber("parameters", part.Parameters);
            json.WriteNumber("multiplyAdds", part.MultiplyAdds);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteJson(Utf8JsonWriter json, Experiment experiment, FiveLines lines, Profile profile, Architecture? architecture)
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
        if (architecture is not null) WriteJson(json, architecture);
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
