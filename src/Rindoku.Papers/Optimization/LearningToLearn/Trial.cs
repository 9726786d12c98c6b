using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Optimization.LearningToLearn;

/// <summary>The test problems of a seed, the same for every arm, and how an optimizer does on them.</summary>
internal sealed class Trial
{
    private const double RanAway = 1e6;

    private readonly ArmRun<LearningToLearnSettings> run;
    private readonly Dictionary<string, (string Name, Problems Problems)[]> tasks;

    public Trial(ArmRun<LearningToLearnSettings> run, LabelledSet images)
    {
        this.run = run;
        LearningToLearnSettings s = run.Settings;
        Rng rng = run.Rng.Split("test");
        Networks Of(NetworkShape shape) => new(s.TestNetworks, shape, images, s.BatchSize, rng.Split("networks"));
        tasks = new()
        {
            ["quadratic"] = [("quadratic", new Quadratics(s.TestFunctions, s.Dimensions, rng.Split("quadratics")))],
            ["network"] = [("network", Of(new NetworkShape([s.Hidden])))],
        };
        if (s.OtherShapes)
            tasks["network"] =
            [
                .. tasks["network"], ("twice the hidden units", Of(new NetworkShape([2 * s.Hidden]))),
                ("two hidden layers", Of(new NetworkShape([s.Hidden, s.Hidden]))), ("ReLU", Of(new NetworkShape([s.Hidden], Relu: true))),
            ];
    }

    /// <summary>Measures the learned optimizer on all problems of a task.</summary>
    /// <returns>The losses over the steps of the first.</returns>
    public double[] MeasureLearned(LearnedOptimizer rule, string task, ArmResult result)
    {
        foreach ((string name, Problems problems) in tasks[task]) Measure(rule, name, problems, result, twice: name == task);
        return Unrolling.Follow(rule, tasks[task][0].Problems, run.Settings.Steps).Losses;
    }

    /// <summary>Measures an optimizer made by hand on all problems of a task, at the best of many rates for each.</summary>
    /// <returns>The losses over the steps of the first.</returns>
    public double[] MeasureHandMade(string arm, string task, ArmResult result)
    {
        foreach ((string name, Problems problems) in tasks[task])
        {
            double rate = Tune(arm, name, problems).Rate;
            result[$"{name} best rate"] = rate;
            Measure(Rule(arm, rate), name, problems, result, twice: name == task);
        }
        return Unrolling.Follow(Rule(arm, result[$"{task} best rate"]), tasks[task][0].Problems, run.Settings.Steps).Losses;
    }

    /// <summary>The losses over the steps of an optimizer made by hand, at its best rate.</summary>
    public double[] Losses(string arm, string task) => Tune(arm, task, tasks[task][0].Problems).Losses;

    // All but the rate as PyTorch has it.
    private static HandMade Rule(string arm, double rate) => new(theta => arm switch
    {
        "adam" => new Adam([theta], rate),
        "rmsprop" => new RmsProp([theta], rate),
        "sgd" => new Sgd([theta], rate),
        _ => new Sgd([theta], rate, momentum: 0.9, nesterov: true),
    });

    // The best for the very problems that are measured: generous to what is made by hand.
    private (double Rate, double[] Losses) Tune(string arm, string name, Problems problems)
    {
        (double Loss, double Rate, double[] Losses) best = (double.PositiveInfinity, 0, []);
        double[] rates = Rates(run.Settings.RatesPerDecade);
        for (int i = 0; i < rates.Length; i++)
        {
            run.Stop.ThrowIfCancellationRequested();
            (double[] losses, Tensor theta) = Unrolling.Follow(Rule(arm, rates[i]), problems, run.Settings.Steps);
            double loss = problems.Measure(theta).Mean().Item();
            if (loss < best.Loss) best = (loss, rates[i], losses);
            run.Progress.Report(new Progress($"{name}, {arm}, rate {i + 1}/{rates.Length}", (i + 1.0) / rates.Length, TimeSpan.Zero, null, 0,
                string.Create(CultureInfo.InvariantCulture, $"loss {best.Loss:G4}")));
        }
        return (best.Rate, best.Losses);
    }

    // From 0.001 to 31.6: what is too large for one task is soon seen to diverge.
    private static double[] Rates(int perDecade) => [.. Enumerable.Range(0, (int)(4.5 * perDecade) + 1).Select(i => Math.Pow(10, -3 + (double)i / perDecade))];

    private void Measure(IUpdateRule rule, string name, Problems problems, ArmResult result, bool twice)
    {
        float[] each = Final(rule, problems, run.Settings.Steps);
        result[$"{name} loss"] = Errors.Mean(each);
        if (!twice) return;
        result.Units[$"{name} losses"] = each;
        result[$"{name} loss, twice the steps"] = Errors.Mean(Final(rule, problems, 2 * run.Settings.Steps));
    }

    private static float[] Final(IUpdateRule rule, Problems problems, int steps) =>
        [.. problems.Measure(Unrolling.Follow(rule, problems, steps).Theta).ToArray().Select(loss => float.IsFinite(loss) ? (float)Math.Min(loss, RanAway) : (float)RanAway)];
}
