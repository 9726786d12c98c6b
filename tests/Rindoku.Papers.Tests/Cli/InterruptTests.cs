using System.Diagnostics;
using System.Runtime.InteropServices;
using Rindoku.Cli;
using Rindoku.Lab.Runs;

namespace Rindoku.Papers.Tests.Cli;

public sealed partial class InterruptTests
{
    private const int Interrupt = 2; // SIGINT, what Ctrl-C sends

    [Fact]
    public async Task Ctrl_C_ends_a_run_with_the_command_that_resumes_it()
    {
        if (OperatingSystem.IsWindows()) return; // kill(2) is not there
        using Program program = new();
        ProcessStartInfo start = new("dotnet", ["exec", typeof(CommandLine).Assembly.Location, "run", "stochastic-depth", "--arm", "constant", .. Program.Tiny, "epochs=30", "--runs", program.Runs])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        string? progress = await child.StandardError.ReadLineAsync(); // it trains
        Assert.Contains("epoch 1/30", progress, StringComparison.Ordinal);
        Assert.Equal(0, Kill(child.Id, Interrupt));
        string error = await child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();

        Assert.Equal(CommandLine.Failure, child.ExitCode);
        Assert.Contains($"Stopped; a checkpoint is written. Go on with: rindoku run stochastic-depth --resume 1 --runs {program.Runs}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("\n   at ", error, StringComparison.Ordinal);
        Assert.Empty(await output);

        using (RunStore store = RunStore.Open(program.Runs)) Assert.Equal(RunStatus.Interrupted, Assert.Single(store.List()).Status);
        Ended resumed = await program.RunHere("run", "stochastic-depth", "--resume", "1", "--json");
        Assert.Equal("done", resumed.Document(CommandLine.Success).GetProperty("status").GetString());
        Ended whole = await program.RunHere(["run", "stochastic-depth", "--arm", "constant", .. Program.Tiny, "epochs=30", "--json"]);
        Assert.Equal(Accuracy(whole), Accuracy(resumed));
    }

    private static double Accuracy(Ended ended) => ended.Document(CommandLine.Success).GetProperty("results").GetProperty("test accuracy").GetDouble();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
