using System.Text.Json;
using Rindoku.Cli;
using Rindoku.Lab;
using Rindoku.Papers.Tests.Cli.Fixture;

namespace Rindoku.Papers.Tests.Cli;

/// <summary>The program with folders of its own, run in this process.</summary>
internal sealed class Program : IDisposable
{
    public TemporaryFolder Folder { get; } = new();

    public string Runs => Folder.File("runs");

    public string Data => Folder.File("data");

    /// <summary>The papers it knows; those of the house if null.</summary>
    public IReadOnlyList<Experiment>? Papers { get; init; }

    public static Program WithFixture(bool fails = false, Exception? error = null) => new() { Papers = [new FixtureExperiment { Fails = fails, Error = error }] };

    /// <summary>The settings that make a run of stochastic depth take a second.</summary>
    public static string[] Tiny { get; } = ["--set", "epochs=1", "depth=8", "width=4", "lesions=1"];

    public async Task<Ended> Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await CommandLine.RunAsync(arguments, output, error, Papers);
        Ended ended = new(code, output.ToString(), error.ToString());
        Assert.DoesNotContain("\n   at ", ended.Output + ended.Error, StringComparison.Ordinal); // no stack trace, whatever happens
        Assert.DoesNotContain("System.", ended.Output + ended.Error, StringComparison.Ordinal);
        return ended;
    }

    /// <summary>Runs a command that keeps or reads runs.</summary>
    public Task<Ended> RunHere(params string[] arguments) => Run([.. arguments, "--runs", Runs]);

    /// <summary>Runs a command with <c>--json</c> that must succeed with exactly one document.</summary>
    public async Task<JsonElement> Json(params string[] arguments) => (await Run([.. arguments, "--json"])).Document(CommandLine.Success);

    public void Dispose() => Folder.Dispose();
}

/// <summary>What a command line gave.</summary>
internal sealed record Ended(int Code, string Output, string Error)
{
    /// <summary>The one document on standard output; the parser refuses a second one.</summary>
    public JsonElement Document(int code)
    {
        Assert.True(code == Code, $"exit code {Code}: {Error}");
        using JsonDocument document = JsonDocument.Parse(Output);
        return document.RootElement.Clone();
    }

    /// <summary>A user's mistake: told on standard error, nothing on standard output.</summary>
    public void IsBadUsage(string message) => IsRefusal(CommandLine.BadUsage, message);

    /// <summary>Work that could not be done: told on standard error, nothing on standard output.</summary>
    public void IsFailure(string message) => IsRefusal(CommandLine.Failure, message);

    private void IsRefusal(int code, string message)
    {
        Assert.Contains(message, Error, StringComparison.Ordinal);
        Assert.Equal(code, Code);
        Assert.Empty(Output);
    }
}
