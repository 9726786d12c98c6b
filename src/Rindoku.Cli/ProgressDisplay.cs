using System.Globalization;
using Rindoku.Lab;
using Spectre.Console;

namespace Rindoku.Cli;

/// <summary>Draws how far runs are: one bar a run on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class ProgressDisplay
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5), BetweenDrawings = TimeSpan.FromMilliseconds(100);

    private readonly Terminal terminal;
    private readonly ProgressContext? bars;

    private ProgressDisplay(Terminal terminal, ProgressContext? bars) => (this.terminal, this.bars) = (terminal, bars);

    /// <summary>Shows progress while <paramref name="work"/> goes on.</summary>
    public static T While<T>(Terminal terminal, Func<ProgressDisplay, T> work)
    {
        if (!terminal.Error.Profile.Capabilities.Interactive) return work(new ProgressDisplay(terminal, null));
        return terminal.Error.Progress().AutoClear(false).HideCompleted(false)
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => work(new ProgressDisplay(terminal, context)));
    }

    /// <summary>The sink of one run.</summary>
    public IProgressSink ForRun(Experiment experiment, ArmSettings settings, long seed) =>
        new Sink(this, string.Create(CultureInfo.InvariantCulture, $"{experiment.Slug} {settings.Arm.Name}, seed {seed}"));

    private sealed class Sink(ProgressDisplay display, string name) : IProgressSink
    {
        private readonly ProgressTask? bar = display.bars?.AddTask(Markup.Escape(name), maxValue: 1);
        private long lastShown;

        public void Report(in Progress progress)
        {
            bool done = progress.Fraction >= 1;
            if (!done && lastShown != 0 && TimeProvider.System.GetElapsedTime(lastShown) < (bar is null ? BetweenLines : BetweenDrawings)) return;
            lastShown = TimeProvider.System.GetTimestamp();
            string text = $"{name}: {progress.Stage}{(progress.Note.Length > 0 ? " · " + progress.Note : "")} · {TimeOf(progress, done)}";
            if (bar is null)
            {
                display.terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Fraction,4:P0} {text}"));
                return;
            }
            bar.Value = progress.Fraction;
            bar.Description = Markup.Escape(text);
        }

        private static string TimeOf(in Progress progress, bool done) =>
            done ? $"{Text(progress.Elapsed)}" : progress.Remaining is { } left ? $"{Text(left)} left" : Text(progress.Elapsed);

        private static string Text(TimeSpan time) => time.TotalSeconds < 100
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s")
            : time.ToString(time.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
    }
}
