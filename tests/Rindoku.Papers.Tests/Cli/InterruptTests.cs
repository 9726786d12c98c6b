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
        ProcessStartInfo start = new("dotnet", ["exec", typeof(CommandLine).Assembly.Location, "run", "stochastic-depth", "--arm", "constant", .. Program.Tiny, "epochs=1000", "--runs", program.Runs])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        string? progress = await child.StandardError.ReadLineAsync(); // it trains
        Assert.Contains("epoch 1/1000", progress, StringComparison.Ordinal);
        Assert.Equal(0, Kill(child.Id, Interrupt));
        string error = await child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();

        Assert.Equal(CommandLine.Failure, child.ExitCode);
        Assert.Contains("Stopped; a checkpoint is written. Go on with: rindoku run stochastic-depth --resume 1", error, StringComparison.Ordinal);
        Assert.DoesNotContain("\n   at ", error, StringComparison.Ordinal);
        Assert.Empty(await output);
        await Resumes(program);
    }

    // A thousand epochs would take minutes: that the resumed run goes on from where it was is seen when it is stopped once more.
    private static async Task Resumes(Program program)
    {
        using RunStore store = RunStore.Open(program.Runs);
        RunRecord run = Assert.Single(store.List());
        Assert.Equal(RunStatus.Interrupted, run.Status);
        long reached = store.Metrics(run.Id, "train/loss").LastOrDefault().Step;
        using CancellationTokenSource stop = new();
        Watch watch = new(stop, after: 300);
        Lab.Laboratory laboratory = new(store) { Progress = (_, _, _) => watch };
        await Task.Run(() => Assert.Throws<OperationCanceledException>(() => laboratory.Resume(PaperCatalogue.Find("stochastic-depth"), run.Id, stop.Token)));
        Assert.True(store.Metrics(run.Id, "train/loss")[^1].Step > reached);
    }

    private sealed class Watch(CancellationTokenSource stop, int after) : Lab.IProgressSink
    {
        private int reports;

        public void Report(in Lab.Progress progress)
        {
            if (++reports == after) stop.Cancel();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
