using System.Globalization;
using Rindoku.Autograd;
using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>How long a sample takes with queues and without, by turns, for networks of several depths. It does not depend on the weights.</summary>
internal static class DrawingSpeed
{
    // With queues a sample takes so much less that one alone could not be timed well.
    private const int CachedSamples = 20;

    private static readonly (int Blocks, int Layers)[] sizes = [(1, 4), (1, 6), (1, 8), (2, 8), (1, 10)];

    /// <summary>The metric of a receptive field.</summary>
    public static string Ratio(int receptiveField) => string.Create(CultureInfo.InvariantCulture, $"naive / cached seconds, receptive field {receptiveField}");

    public static void Measure(ArmRun<WaveNetSettings> run, ArmResult result)
    {
        List<(int Field, double Naive, double Cached)> points = [];
        foreach ((int blocks, int layers) in sizes)
        {
            WaveNet model = new(run.Settings.Plan(0, 0) with { Dilations = WaveNetPlan.Doubling(blocks, layers) }, run.Rng.Split("timing"));
            (double naive, double cached) = Time(model, run);
            result[Ratio(model.ReceptiveField)] = naive / cached;
            points.Add((model.ReceptiveField, naive, cached));
        }
        double[] fields = [.. points.Select(point => (double)point.Field)];
        result.Figures.Add(new LineChart("Time to draw a sample", new Axis("receptive field", "samples") { Logarithmic = true }, new Axis("time", "ms") { Logarithmic = true },
            [new("all layers anew (naive)", fields, [.. points.Select(point => 1000 * point.Naive)]), new("with queues (cached)", fields, [.. points.Select(point => 1000 * point.Cached)])])
        { Caption = "From the left: one block of 4, 6 and 8 layers, two of 8, one of 10." });
    }

    private static (double Naive, double Cached) Time(WaveNet model, ArmRun<WaveNetSettings> run)
    {
        using NoGrad noGrad = NoGrad.Enter();
        Rng rng = new(0);
        IntTensor window = IntTensor.Full([1, model.ReceptiveField], 0), one = IntTensor.Of(0);
        WaveNetMemory memory = model.Begin();
        (double naive, double cached) = PairedTiming.MeanSeconds(
            () => Drawing.Draw(model.Last(window), rng),
            () =>
            {
                for (int i = 0; i < CachedSamples; i++) Drawing.Draw(model.Step(memory, one), rng);
            },
            run.Settings.TimingRounds, run.Time, run.Stop);
        return (naive, cached / CachedSamples);
    }
}
