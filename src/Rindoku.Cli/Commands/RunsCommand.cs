using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rindoku.Lab;
using Rindoku.Lab.Runs;
using Rindoku.Papers;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku runs list | show | compare</c>: what was run, and what came of it.</summary>
internal static class RunsCommand
{
    public static Command Create(Terminal terminal, IReadOnlyList<Experiment> papers) => new("runs", "What was run, and what came of it") { List(terminal, papers), Show(terminal), Compare(terminal) };

    private static Command List(Terminal terminal, IReadOnlyList<Experiment> papers)
    {
        Option<string?> paper = new("--paper") { Description = "Only the runs of one paper", HelpName = "PAPER" };
        Option<int> limit = new("--limit") { Description = "At most so many, the newest first", DefaultValueFactory = _ => 20, HelpName = "N" };
        Option<string?> runs = CommonOptions.Runs();
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("list", "List the newest runs") { paper, limit, runs, json }.WithExamples("rindoku runs list", "rindoku runs list --paper stochastic-depth --limit 5");
        command.Does(terminal, (parsed, _) =>
        {
            if (parsed.GetValue(limit) < 1) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--limit: got {parsed.GetValue(limit)}; needed 1 or more."));
            using RunStore store = RunStore.Open(parsed.GetValue(runs));
            IReadOnlyList<RunRecord> found = store.List(new RunFilter { Paper = parsed.GetValue(paper), Limit = parsed.GetValue(limit) });
            // There may be runs of a paper that the house no longer has, so a name is misspelt only if there are none.
            if (found.Count == 0 && parsed.GetValue(paper) is { } slug) UsageException.From(() => PaperCatalogue.Find(slug, papers));
            if (parsed.GetValue(json)) terminal.Json(writer => WriteRuns(writer, found));
            else WriteTable(terminal, found, store);
            return CommandLine.Success;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        Argument<long> id = new("RUN") { Description = "The number of a run of 'rindoku runs list'" };
        Option<string?> runs = CommonOptions.Runs();
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("show", "Show one run: settings, results, files") { id, runs, json }.WithExamples("rindoku runs show 12", "rindoku runs show 12 --json");
        command.Does(terminal, (parsed, _) =>
        {
            using RunStore store = RunStore.Open(parsed.GetValue(runs));
            RunRecord run = store.Find(parsed.GetValue(id));
            if (parsed.GetValue(json)) terminal.Json(writer => WriteWhole(writer, run, store));
            else WriteWhole(terminal, run, store);
            return CommandLine.Success;
        });
        return command;
    }

    private static Command Compare(Terminal terminal)
    {
        Argument<long[]> ids = new("RUN") { Description = "The numbers of two or more runs", Arity = ArgumentArity.OneOrMore };
        Option<string?> runs = CommonOptions.Runs();
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("compare", "Put runs side by side: the settings in which they differ, and all results") { ids, runs, json }.WithExamples("rindoku runs compare 12 13", "rindoku runs compare 12 13 14 --json");
        command.Does(terminal, (parsed, _) =>
        {
            long[] chosen = parsed.GetValue(ids)!;
            if (chosen.Length < 2) throw new UsageException("runs compare: got one run; needed two or more.");
            using RunStore store = RunStore.Open(parsed.GetValue(runs));
            RunComparison comparison = store.Compare(chosen);
            if (parsed.GetValue(json)) terminal.Json(writer => WriteComparison(writer, comparison));
            else WriteComparison(terminal, comparison);
            return CommandLine.Success;
        });
        return command;
    }

    /// <summary>The properties of a run, into an open object.</summary>
    internal static void WriteRun(Utf8JsonWriter json, RunRecord run)
    {
        json.WriteNumber("run", run.Id);
        json.WriteString("paper", run.Paper);
        json.WriteString("arm", run.Arm);
        json.WriteString("profile", run.Profile.Name());
        json.WriteNumber("seed", run.Seed);
        json.WriteString("status", StatusName(run));
        if (run.Error.Length > 0) json.WriteString("error", run.Error);
        json.WritePropertyName("settings");
        json.WriteRawValue(run.SettingsJson);
        json.WriteString("commit", run.Commit);
        json.WriteString("machine", run.Machine);
        json.WriteString("versions", run.Versions);
        json.WriteString("started", run.Started);
        if (run.Ended is { } ended) json.WriteString("ended", ended);
        json.WriteString("folder", run.Folder);
    }

    /// <summary>An object of numbers; what is not finite is null.</summary>
    internal static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, double>> numbers)
    {
        json.WriteStartObject(name);
        foreach ((string key, double value) in numbers)
        {
            if (double.IsFinite(value)) json.WriteNumber(key, value);
            else json.WriteNull(key);
        }
        json.WriteEndObject();
    }

    private static void WriteRuns(Utf8JsonWriter json, IReadOnlyList<RunRecord> runs)
    {
        json.WriteStartObject();
        json.WriteStartArray("runs");
        foreach (RunRecord run in runs)
        {
            json.WriteStartObject();
            WriteRun(json, run);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTable(Terminal terminal, IReadOnlyList<RunRecord> runs, RunStore store)
    {
        if (runs.Count == 0)
        {
            terminal.Line($"There are no such runs in {store.File} yet. Start one with: rindoku run PAPER");
            return;
        }
        Table table = Terminal.NewTable("run", "paper", "arm", "profile", "seed", "status", "started");
        foreach (RunRecord run in runs)
            table.AddRow(new Text(Text(run.Id)), new Text(run.Paper), new Text(run.Arm), new Text(run.Profile.Name()), new Text(Text(run.Seed)),
                new Text(StatusName(run)), new Text(run.Started.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)));
        terminal.Output.Write(table);
    }

    private static void WriteWhole(Utf8JsonWriter json, RunRecord run, RunStore store)
    {
        json.WriteStartObject();
        WriteRun(json, run);
        WriteNumbers(json, "results", store.Results(run.Id));
        json.WriteStartObject("artefacts");
        foreach (Artefact artefact in store.Artefacts(run.Id)) json.WriteString(artefact.Name, artefact.File);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteWhole(Terminal terminal, RunRecord run, RunStore store)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        void Row(string name, string value) => grid.AddRow(new Markup($"[bold]{Markup.Escape(name)}[/]"), new Text(value));
        Row("run", $"{run.Id}: {run.Paper}, arm {run.Arm}, profile {run.Profile.Name()}, seed {run.Seed}");
        Row("status", StatusName(run) + (run.Error.Length > 0 ? $": {run.Error}" : ""));
        Row("started", run.Started.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        if (run.Ended is { } ended) Row("took", (ended - run.Started).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture));
        Row("settings", run.SettingsJson);
        Row("machine", run.Machine);
        Row("versions", run.Versions);
        Row("commit", run.Commit);
        Row("folder", run.Folder);
        foreach (Artefact artefact in store.Artefacts(run.Id)) Row(artefact.Name, artefact.File);
        terminal.Output.Write(grid);
        Table results = Terminal.NewTable("result", "value");
        foreach ((string name, double value) in store.Results(run.Id)) results.AddRow(new Text(name), new Text(value.ToString("G6", CultureInfo.InvariantCulture)));
        terminal.Output.Write(results);
    }

    private static void WriteComparison(Utf8JsonWriter json, RunComparison comparison)
    {
        json.WriteStartObject();
        json.WriteStartArray("runs");
        foreach (RunRecord run in comparison.Runs) json.WriteNumberValue(run.Id);
        json.WriteEndArray();
        json.WriteStartObject("settings");
        foreach ((string name, string[] values) in comparison.Settings)
        {
            json.WriteStartArray(name);
            foreach (string value in values) json.WriteStringValue(value);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteStartObject("results");
        foreach ((string name, double?[] values) in comparison.Results)
        {
            json.WriteStartArray(name);
            foreach (double? value in values)
            {
                if (value is { } number && double.IsFinite(number)) json.WriteNumberValue(number);
                else json.WriteNullValue();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteComparison(Terminal terminal, RunComparison comparison)
    {
        Table table = Terminal.NewTable(["", .. comparison.Runs.Select(r => $"run {r.Id}")]);
        foreach ((string name, string[] values) in comparison.Settings) table.AddRow([new Text(name), .. values.Select(v => new Text(v))]);
        table.AddEmptyRow();
        foreach ((string name, double?[] values) in comparison.Results)
            table.AddRow([new Text(name), .. values.Select(v => new Text(v?.ToString("G6", CultureInfo.InvariantCulture) ?? "-"))]);
        terminal.Output.Write(table);
    }

    private static string StatusName(RunRecord run) => run.Status.ToString().ToLowerInvariant();

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
