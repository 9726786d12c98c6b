using System.Diagnostics;
using Rindoku.IO;
using Rindoku.Lab.Runs;

namespace Rindoku.Lab.Tests.Training;

public sealed class KillTests
{
    [Fact]
    public void A_run_killed_at_random_instants_and_resumed_ends_with_bitwise_the_weights_of_one_left_alone()
    {
        using TemporaryFolder quiet = new(), killed = new();
        Assert.True(Train(quiet.Path, killAfterSteps: int.MaxValue, 0));

        Rng rng = new(Environment.TickCount64);
        int kills = 0;
        while (!Train(killed.Path, killAfterSteps: 5 + rng.NextInt(30), rng.NextInt(4000))) kills++;

        Assert.True(kills >= 2, $"only {kills} kills: the test does not test");
        Assert.Equal(Weights(quiet.Path), Weights(killed.Path));
        Assert.Equal(Metrics(quiet.Path), Metrics(killed.Path));
    }

    /// <summary>Lets a child train; true if it came to the end before it was killed.</summary>
    private static bool Train(string folder, int killAfterSteps, int thenMicroseconds)
    {
        ProcessStartInfo start = new("dotnet", ["exec", typeof(KillTests).Assembly.Location, "train", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        int steps = 0;
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("done", StringComparison.Ordinal)) break;
            if (++steps != killAfterSteps) continue;
            Thread.Sleep(TimeSpan.FromMicroseconds(thenMicroseconds));
            child.Kill(); // SIGKILL: no handler, no finally
            child.WaitForExit();
            return false;
        }
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, errors.Result);
        return true;
    }

    private static string[] Weights(string folder)
    {
        using RunStore store = RunStore.Open(folder);
        RunRecord run = Assert.Single(store.List());
        Assert.Equal(RunStatus.Done, run.Status);
        SafetensorsFile file = Safetensors.Read(Path.Combine(run.Folder, "checkpoints", "last.safetensors"));
        string[] tensors = [.. file.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(t.Value.Span))}")];
        Assert.Contains(tensors, t => t.StartsWith("optimizer.optimizer.0.momentum", StringComparison.Ordinal));
        return [.. tensors, .. file.Longs.Where(l => l.Key != "position").OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key} {string.Join(' ', l.Value.ToArray())}")];
    }

    private static MetricPoint[] Metrics(string folder)
    {
        using RunStore store = RunStore.Open(folder);
        return [.. store.Metrics(store.List()[0].Id)];
    }
}
