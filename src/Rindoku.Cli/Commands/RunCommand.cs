using System.CommandLine;
using System.Globalization;
using Rindoku.Lab;
using Rindoku.Lab.Runs;
using Rindoku.Papers;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku run PAPER</c>: train one arm with one seed.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal, IReadOnlyList<Experiment> papers)
    {
        Argument<string> paper = new("PAPER") { Description = "A paper of 'rindoku list'" };
        Option<string> profile = CommonOptions.Profile();
        Option<string?> arm = new("--arm") { Description = "Which of the paper's systems to train (default: the paper's own)", HelpName = "ARM" };
        Option<long> seed = new("--seed") { Description = "The seed of all randomness", HelpName = "N" };
        Option<string[]> set = new("--set") { Description = "Change a setting, e.g. --set epochs=5; 'rindoku show PAPER' lists them", HelpName = "key=value", AllowMultipleArgumentsPerToken = true };
        Option<long?> resume = new("--resume") { Description = "Go on with an interrupted run, with the settings it was started with", HelpName = "RUN" };
        Option<string?> data = CommonOptions.Data(), runs = CommonOptions.Runs();
        Option<string?> output = new("--out") { Description = "A folder to lay the run's files in as well: its report, and what an arm writes, such as sounds or pictures", HelpName = "DIR" };
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("run", "Train a paper's system, or one of its baselines") { paper, profile, arm, seed, set, resume, data, runs, output, threads, json }
            .WithExamples("rindoku run stochastic-depth", "rindoku run stochastic-depth --arm constant --seed 1 --set epochs=5 width=16",
                "rindoku run stochastic-depth --profile full --data ~/data", "rindoku run stochastic-depth --resume 12",
                "rindoku run wavenet --arm generate --set seconds=2 --out sounds");
        command.Does(terminal, (parsed, stop) =>
        {
            Experiment experiment = UsageException.From(() => PaperCatalogue.Find(parsed.GetValue(paper)!, papers));
            if (parsed.GetValue(resume) is not null) RefuseBesideResume(parsed, profile, arm, seed, set);
            RunRequest request = new()
            {
                Profile = CommonOptions.ParseProfile(parsed.GetValue(profile)!),
                Arm = parsed.GetValue(arm),
                Seed = parsed.GetValue(seed),
                Overrides = [.. (parsed.GetValue(set) ?? []).Select(Pair)],
            };
            UsageException.From(() => experiment.Settings(request.Profile, request.Arm ?? experiment.Arms[0].Name, request.Overrides));
            CommonOptions.UseThreads(parsed.GetValue(threads));
            OutFolder? folder = OutFolder.Prepare(parsed.GetValue(output));
            using RunStore store = RunStore.Open(parsed.GetValue(runs));
            string again = string.Concat(new[] { data, runs, output }.Select(option => Again(option.Name, parsed.GetValue(option))));
            RunOutcome outcome = Carry(terminal, store, experiment, request, parsed.GetValue(resume), parsed.GetValue(data), again, stop);
            IReadOnlyDictionary<string, string> files = folder?.Take(outcome) ?? new Dictionary<string, string>();
            if (parsed.GetValue(json)) WriteJson(terminal, outcome, files);
            else WriteTable(terminal, experiment, outcome, files);
            return CommandLine.Success;
        });
        return command;
    }

    private static RunOutcome Carry(Terminal terminal, RunStore store, Experiment experiment, RunRequest request, long? resume, string? data, string again, CancellationToken stop)
    {
        try
        {
            return ProgressDisplay.While(terminal, display =>
            {
                Laboratory laboratory = CommonOptions.Laboratory(store, data, display);
                return resume is { } id ? laboratory.Resume(experiment, id, stop) : laboratory.Run(experiment, request, stop);
            });
        }
        catch (RunInterruptedException stopped)
        {
            throw new LabException(string.Create(CultureInfo.InvariantCulture,
                $"Stopped; a checkpoint is written. Go on with: rindoku run {experiment.Slug} --resume {stopped.Run}{again}"), stopped);
        }
    }

    // An option as it has to be typed again.
    private static string Again(string option, string? value) =>
        value is null ? "" : value.Contains(' ', StringComparison.Ordinal) ? $" {option} \"{value}\"" : $" {option} {value}";

    private static void RefuseBesideResume(ParseResult parsed, params IEnumerable<Option> options)
    {
        string[] given = [.. options.Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name)];
        if (given.Length > 0)
            throw new UsageException($"--resume takes the settings that the run was started with; leave out {string.Join(", ", given)}, or start a new run without --resume.");
    }

    private static KeyValuePair<string, string> Pair(string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0) throw new UsageException($"--set: got '{text}'; needed key=value, e.g. --set epochs=5.");
        return KeyValuePair.Create(text[..at], text[(at + 1)..]);
    }

    private static void WriteTable(Terminal terminal, Experiment experiment, RunOutcome outcome, IReadOnlyDictionary<string, string> files)
    {
        RunRecord run = outcome.Run;
        terminal.Output.MarkupLineInterpolated($"[bold]{experiment.Card.Title}[/]");
        terminal.Line($"run {run.Id} · arm {run.Arm} · profile {run.Profile.Name()} · seed {run.Seed}");
        Table table = Terminal.NewTable("result", "value");
        table.Columns[1].RightAligned();
        foreach ((string name, double value) in outcome.Result.Metrics)
            table.AddRow(new Text(name), new Text(value.ToString("G6", CultureInfo.InvariantCulture)));
        terminal.Output.Write(table);
        foreach (string note in outcome.Result.Notes) terminal.Line(note);
        terminal.Line($"Report: {outcome.ReportFile}");
        foreach ((string name, string file) in files) terminal.Line($"Written: {file} ({name})");
        terminal.Line($"The paper's claims, measured: rindoku verify {experiment.Slug}");
    }

    private static void WriteJson(Terminal terminal, RunOutcome outcome, IReadOnlyDictionary<string, string> files) => terminal.Json(json =>
    {
        json.WriteStartObject();
        RunsCommand.WriteRun(json, outcome.Run);
        RunsCommand.WriteNumbers(json, "results", outcome.Result.Metrics);
        json.WriteStartArray("notes");
        foreach (string note in outcome.Result.Notes) json.WriteStringValue(note);
        json.WriteEndArray();
        json.WriteString("report", outcome.ReportFile);
        json.WriteStartObject("out");
        foreach ((string name, string file) in files) json.WriteString(name, file);
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
