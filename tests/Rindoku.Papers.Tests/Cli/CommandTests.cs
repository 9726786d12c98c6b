using System.Text.Json;
using Rindoku.Cli;

namespace Rindoku.Papers.Tests.Cli;

public sealed class CommandTests
{
    [Fact]
    public async Task List_shows_every_paper()
    {
        using Program program = new();
        Ended table = await program.Run("list");
        JsonElement json = await program.Json("list", "--shelf", "vision");
        Assert.Contains("Deep Networks with Stochastic Depth", table.Output, StringComparison.Ordinal);
        JsonElement paper = json.GetProperty("papers").EnumerateArray().Single(p => p.GetProperty("paper").GetString() == "stochastic-depth");
        Assert.Equal((2016, "Vision", "1603.09382"), (paper.GetProperty("year").GetInt32(), paper.GetProperty("shelf").GetString(), paper.GetProperty("arxiv").GetString()));
        Assert.Equal(2, paper.GetProperty("arms").GetArrayLength());
    }

    [Theory, InlineData("en", "Purpose"), InlineData("ja", "目的")]
    public async Task Show_gives_the_five_lines_and_the_claims_in_a_language(string language, string label)
    {
        using Program program = new();
        Ended text = await program.Run("show", "stochastic-depth", "--lang", language);
        Assert.Equal(CommandLine.Success, text.Code);
        foreach (string part in (string[])[label, "headline", "learning-rate", "constant"]) Assert.Contains(part, text.Output, StringComparison.Ordinal);
        JsonElement json = await program.Json("show", "stochastic-depth", "--lang", language);
        Assert.Contains(json.GetProperty("purpose").GetString()![..6], text.Output, StringComparison.Ordinal);
        Assert.Equal(38, json.GetProperty("arms")[0].GetProperty("settings").GetProperty("depth").GetInt32());
        Assert.NotEmpty(json.GetProperty("claims").EnumerateArray());
    }

    [Fact]
    public async Task Show_draws_the_published_architecture_or_that_of_the_profile_asked_for()
    {
        using Program program = new();
        Ended text = await program.Run("show", "stochastic-depth");
        Assert.Contains("1,727,962", text.Output, StringComparison.Ordinal);
        Assert.Contains("(64, 8, 8)", text.Output, StringComparison.Ordinal);
        JsonElement quick = await program.Json("show", "stochastic-depth", "--profile", "quick", "--arm", "constant");
        Assert.Equal([8, 8, 8], quick.GetProperty("architecture")[0].GetProperty("output").EnumerateArray().Select(size => size.GetInt32()));
        Ended wrong = await program.Run("show", "stochastic-depth", "--arm", "constand");
        Assert.Equal(CommandLine.BadUsage, wrong.Code);
        Assert.Contains("Did you mean 'constant'?", wrong.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_trains_reports_and_is_listed_shown_and_compared()
    {
        using Program program = new();
        Ended text = await program.RunHere(["run", "stochastic-depth", .. Program.Tiny]);
        Assert.Equal(CommandLine.Success, text.Code);
        Assert.Contains("test accuracy", text.Output, StringComparison.Ordinal);
        Assert.Contains("100 %", text.Error, StringComparison.Ordinal);
        JsonElement run = await program.Json(["run", "stochastic-depth", "--arm", "constant", "--seed", "4", .. Program.Tiny, "--runs", program.Runs]);
        Assert.Equal((2, "constant", 4, "done"), (run.GetProperty("run").GetInt32(), run.GetProperty("arm").GetString(), run.GetProperty("seed").GetInt32(), run.GetProperty("status").GetString()));
        Assert.Equal(1, run.GetProperty("settings").GetProperty("epochs").GetInt32());
        Assert.InRange(run.GetProperty("results").GetProperty("test accuracy").GetDouble(), 0, 100);
        Assert.True(File.Exists(run.GetProperty("report").GetString()));

        JsonElement list = await program.Json("runs", "list", "--paper", "stochastic-depth", "--runs", program.Runs);
        Assert.Equal([2, 1], list.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("run").GetInt32()));
        JsonElement shown = await program.Json("runs", "show", "2", "--runs", program.Runs);
        Assert.Equal("report.html", shown.GetProperty("artefacts").GetProperty("report").GetString());
        JsonElement compared = await program.Json("runs", "compare", "1", "2", "--runs", program.Runs);
        Assert.Equal(["stochastic", "constant"], compared.GetProperty("settings").GetProperty("arm").EnumerateArray().Select(v => v.GetString()));
        Assert.Equal(2, compared.GetProperty("results").GetProperty("test accuracy").GetArrayLength());
        foreach (string[] command in (string[][])[["runs", "list"], ["runs", "show", "1"], ["runs", "compare", "1", "2"]])
            Assert.Contains("stochastic", (await program.RunHere(command)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_lays_its_files_in_the_folder_of_out_as_well()
    {
        using Program program = Program.WithFixture();
        string folder = program.Folder.File("a/new/folder"), words = Path.Combine(folder, "words.txt");
        Ended text = await program.RunHere("run", "fixture", "--out", folder);
        Assert.Equal(CommandLine.Success, text.Code);
        Assert.Contains($"Written: {words} (words)", text.Output.ReplaceLineEndings(""), StringComparison.Ordinal);
        Assert.Equal("what the run wrote", await File.ReadAllTextAsync(words));
        Assert.True(File.Exists(Path.Combine(folder, "report.html")));

        await File.WriteAllTextAsync(words, "something older"); // which a further run replaces
        JsonElement json = await program.Json("run", "fixture", "--out", folder, "--runs", program.Runs);
        Assert.Equal(words, json.GetProperty("out").GetProperty("words").GetString());
        Assert.Equal("what the run wrote", await File.ReadAllTextAsync(words));
        Assert.Equal(["report.html", "words.txt"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Verify_prints_the_documents_of_the_contract()
    {
        using Program program = Program.WithFixture();
        Ended ended = await program.RunHere("verify", "fixture", "--json");
        JsonElement json = ended.Document(CommandLine.Success);
        Assert.Equal("quick", json.GetProperty("profile").GetString());
        Assert.NotEmpty(json.GetProperty("machine").GetString()!);
        JsonElement paper = Assert.Single(json.GetProperty("papers").EnumerateArray());
        Assert.Equal("fixture", paper.GetProperty("paper").GetString());
        Assert.True(paper.GetProperty("seconds").GetDouble() >= 0);
        JsonElement claim = paper.GetProperty("claims")[0];
        foreach (string key in (string[])["id", "statement", "metric", "better", "arms", "difference", "ci95", "margin", "verdict"]) Assert.True(claim.TryGetProperty(key, out _), key);
        Assert.Equal(("better", "higher", "holds"), (claim.GetProperty("id").GetString(), claim.GetProperty("better").GetString(), claim.GetProperty("verdict").GetString()));
        Assert.Equal(3, claim.GetProperty("arms").GetProperty("ours").GetArrayLength());
        Assert.Equal(2, claim.GetProperty("ci95").GetArrayLength());
        Assert.Equal("not shown", paper.GetProperty("claims")[1].GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task Verify_all_writes_tables_and_a_report()
    {
        using Program program = Program.WithFixture();
        string page = Path.Combine(program.Runs, "docs", "results.md");
        Ended ended = await program.RunHere("verify", "--all", "--seeds", "4", "--markdown", page);
        Assert.Equal(CommandLine.Success, ended.Code);
        Assert.Contains("not shown", ended.Output, StringComparison.Ordinal);
        Assert.Contains("8 runs", ended.Output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(program.Runs, "verify-*.html"));
        string results = await File.ReadAllTextAsync(page);
        Assert.Contains("Written by `rindoku verify --all --seeds 4 --markdown", results, StringComparison.Ordinal);
        Assert.Equal(2, results.Split("| `fixture` | ").Length - 1 - 1); // a row for each claim, one for the times
        Assert.Contains("**not shown**", results, StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_claim_that_fails_makes_the_exit_code_one(bool json)
    {
        using Program program = Program.WithFixture(fails: true);
        Ended ended = await program.RunHere(["verify", "fixture", .. json ? ["--json"] : (string[])[]]);
        Assert.Equal(CommandLine.Failure, ended.Code);
        if (json) Assert.Equal("fails", ended.Document(CommandLine.Failure).GetProperty("papers")[0].GetProperty("claims")[2].GetProperty("verdict").GetString());
        else Assert.Contains("fails", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_sets_are_listed_with_where_they_are()
    {
        using Program program = new();
        Assert.Contains("cifar10", (await program.Run("data", "list", "--data", program.Data)).Output, StringComparison.Ordinal);
        JsonElement json = await program.Json("data", "list", "--data", program.Data);
        Assert.Equal(program.Data, json.GetProperty("folder").GetString());
        JsonElement cifar = json.GetProperty("sets").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "cifar10");
        Assert.Equal(JsonValueKind.Null, cifar.GetProperty("here").ValueKind);
        Assert.True(cifar.GetProperty("downloadable").GetBoolean());
    }

    [Fact]
    public async Task A_data_set_that_lies_there_is_used_as_it_is_and_checked()
    {
        using Program program = new();
        // The right size and wrong content: get looks at sizes only, check reads.
        CifarFiles.Write(program.Data, damaged: false);
        JsonElement got = await program.Json("data", "get", "cifar10", "--data", program.Data);
        Assert.Equal(("cifar10", "reduced"), (got.GetProperty("name").GetString(), got.GetProperty("edition").GetString()));
        Ended check = await program.Run("data", "check", "cifar10", "--data", program.Data);
        Assert.Equal(CommandLine.Failure, check.Code);
        Assert.Contains("differs from", check.Output, StringComparison.Ordinal);
        JsonElement json = (await program.Run("data", "check", "cifar10", "--data", program.Data, "--json")).Document(CommandLine.Failure);
        Assert.False(json.GetProperty("files")[0].GetProperty("ok").GetBoolean());
    }
}
