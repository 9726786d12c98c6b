using System.CommandLine;
using System.Globalization;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Lab.Runs;
using Rindoku.Papers;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku verify PAPER...</c>: measure what papers claim, against the baselines they claim it against.</summary>
internal static class VerifyCommand
{
    public static Command Create(Terminal terminal, IReadOnlyList<Experiment> known)
    {
        Argument<string[]> papers = new("PAPER") { Description = "Papers of 'rindoku list'", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> all = new("--all") { Description = "Verify all papers" };
        Option<string> profile = CommonOptions.Profile();
        Option<int?> seeds = new("--seeds") { Description = "How many seeds, from 0 on (default: the paper's own choice, at least 3)", HelpName = "N" };
        Option<string?> data = CommonOptions.Data(), runs = CommonOptions.Runs();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Option<string?> markdown = new("--markdown") { Description = "Also write the verdicts as a table to this Markdown file", HelpName = "FILE" };
        Command command = new Command("verify", "Measure a paper's claims again and say whether they hold; exit code 1 if one fails") { papers, all, profile, seeds, data, runs, threads, json, markdown }
            .WithExamples("rindoku verify stochastic-depth", "rindoku verify --all --profile quick --seeds 5 --json", "rindoku verify --all --markdown docs/results.md");
        command.Does(terminal, (parsed, stop) =>
        {
            Experiment[] chosen = Choose(known, parsed.GetValue(papers) ?? [], parsed.GetValue(all));
            Profile size = CommonOptions.ParseProfile(parsed.GetValue(profile)!);
            if (parsed.GetValue(seeds) is < 1) throw new UsageException($"--seeds: got {parsed.GetValue(seeds)}; needed 1 or more, and 3 or more for a verdict that means something.");
            CommonOptions.UseThreads(parsed.GetValue(threads));
            using RunStore store = RunStore.Open(parsed.GetValue(runs));
            Verification verification = ProgressDisplay.While(terminal, display =>
            {
                Laboratory laboratory = CommonOptions.Laboratory(store, parsed.GetValue(data), display);
                return new Verification(size, MachineInfo.Current, [.. chosen.Select(paper => laboratory.Verify(paper, size, parsed.GetValue(seeds), stop))]);
            });
            string report = Path.Combine(store.Folder, $"verify-{TimeProvider.System.GetLocalNow():yyyyMMdd-HHmmss}.html");
            VerificationReport.Write(report, verification, chosen.Select(paper => paper.Card));
            if (parsed.GetValue(markdown) is { } page) ResultsPage.Write(page, verification, Again(parsed));
            if (parsed.GetValue(json)) terminal.JsonText(verification.ToJson());
            else WriteTables(terminal, chosen, verification, report);
            return verification.Passed ? CommandLine.Success : CommandLine.Failure;
        });
        return command;
    }

    private static string Again(ParseResult parsed) => string.Join(' ', ["rindoku", .. parsed.Tokens.Select(token => token.Value)]);

    private static Experiment[] Choose(IReadOnlyList<Experiment> known, string[] names, bool all)
    {
        if (all && names.Length > 0) throw new UsageException("verify: name papers or give --all, not both.");
        if (all) return [.. known];
        if (names.Length == 0) throw new UsageException("verify: name a paper, or give --all. 'rindoku list' shows the papers.");
        return [.. names.Select(name => UsageException.From(() => PaperCatalogue.Find(name, known))).Distinct()];
    }

    private static void WriteTables(Terminal terminal, IReadOnlyList<Experiment> papers, Verification verification, string report)
    {
        foreach (PaperVerification paper in verification.Papers)
        {
            terminal.Output.MarkupLineInterpolated($"[bold]{PaperCatalogue.Find(paper.Paper, papers).Card.Title}[/]");
            Table table = Terminal.NewTable("verdict", "claim", "arms (mean over seeds)", "quantity", "measured", "95 % interval", "needed");
            foreach (ClaimResult claim in paper.Claims) AddRow(table, claim);
            terminal.Output.Write(table);
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{paper.Runs.Count} runs in {paper.Seconds:0.0} s"));
        }
        terminal.Line($"Report: {report}");
    }

    private static void AddRow(Table table, ClaimResult result)
    {
        string colour = result.Verdict switch { Verdict.Holds => "green", Verdict.Fails => "red", _ => "yellow" };
        string arms = string.Join(", ", result.Arms.Select(a => $"{a.Key} {Number(a.Value.Average())}"));
        string needed = $"{(result.Claim.Better == Better.Higher ? "above" : "below")} {Number(result.Claim.Bar)}";
        table.AddRow(new Markup($"[{colour}]{result.Verdict.Name()}[/]"), new Text(result.Claim.Statement), new Text(arms), new Text(result.Claim.Quantity),
            new Text(Number(result.Difference)), new Text($"{Number(result.Interval.Low)} to {Number(result.Interval.High)}"), new Text(needed));
    }

    private static string Number(double value) =>
        value == Math.Round(value) && Math.Abs(value) < 1e12 ? value.ToString("N0", CultureInfo.InvariantCulture) : value.ToString("G5", CultureInfo.InvariantCulture);
}
