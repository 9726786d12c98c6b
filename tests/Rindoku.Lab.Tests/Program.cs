using System.Globalization;
using Rindoku.Lab.Runs;
using Rindoku.Lab.Tests.Tiny;

namespace Rindoku.Lab.Tests;

/// <summary>The child process of <c>KillTests</c>: trains, or goes on training, and prints a line for each step.</summary>
public static class Program
{
    public static int Main(string[] args)
    {
        if (args is not ["train", var folder]) return 2;
        using RunStore store = RunStore.Open(folder);
        Laboratory laboratory = new(store) { Progress = (_, _, _) => new Lines() };
        TinyExperiment experiment = new();
        RunRecord? begun = store.List().SingleOrDefault();
        RunOutcome outcome = begun is null
            ? laboratory.Run(experiment, new RunRequest { Seed = 5, Overrides = [new("checkpoint-milliseconds", "0")] })
            : laboratory.Resume(experiment, begun.Id);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {outcome.Result["error"]:R}"));
        return 0;
    }

    private sealed class Lines : IProgressSink
    {
        public void Report(in Progress progress)
        {
            Console.Out.WriteLine("step");
            Console.Out.Flush();
        }
    }
}
