using Rindoku.Autograd;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>How fast a QRNN layer is beside an LSTM layer of the same width, for several lengths and batch sizes, by turns (the paper's figure 4).</summary>
internal static class LayerSpeed
{
    /// <summary>How many times as fast the QRNN layer is in training, where it is least.</summary>
    public const string LeastTraining = "least speed-up of training seconds";

    /// <summary>How many times as fast the QRNN layer is in inference, where it is most.</summary>
    public const string MostInference = "largest speed-up of inference seconds";

    /// <summary>The same for the longest sequences in the smallest batch.</summary>
    public const string LongAndFew = "speed-up of inference seconds, longest and fewest";

    /// <summary>The same for the shortest sequences in the largest batch.</summary>
    public const string ShortAndMany = "speed-up of inference seconds, shortest and most";

    private const int StepsAtOnce = 1024;

    /// <summary>Times layers of all lengths and batch sizes, and draws the ratios.</summary>
    public static void Measure(ArmRun<QrnnExperimentSettings> run, ArmResult result)
    {
        QrnnExperimentSettings s = run.Settings;
        Rng rng = run.Rng.Split("speed");
        QrnnLayer qrnn = new(s.SpeedUnits, s.SpeedUnits, rng, s.Window, s.Pooling);
        Lstm lstm = new(s.SpeedUnits, s.SpeedUnits, rng);
        Dictionary<(int Batch, int Length), double> training = [], inference = [];
        foreach (int batch in s.SpeedBatches)
            foreach (int length in s.SpeedLengths)
            {
                Tensor x = rng.Normal([batch, length, s.SpeedUnits]).Keep();
                training[(batch, length)] = Ratio("training", () => Train(lstm, x), () => Train(qrnn, x));
                inference[(batch, length)] = Ratio("inference", () => Infer(lstm, x), () => Infer(qrnn, x));

                double Ratio(string what, Action baseline, Action ours)
                {
                    // What is over in a millisecond is done several times at once, or a busy machine would decide the mean.
                    int times = Math.Max(1, StepsAtOnce / (batch * length));
                    (double slow, double fast) = PairedTiming.MeanSeconds(() => Repeat(times, baseline), () => Repeat(times, ours), s.SpeedRounds, run.Time, run.Stop);
                    (result[$"lstm {what} seconds, {batch} x {length}"], result[$"qrnn {what} seconds, {batch} x {length}"]) = (slow / times, fast / times);
                    return slow / fast;
                }
            }
        result[LeastTraining] = training.Values.Min();
        result[MostInference] = inference.Values.Max();
        result[LongAndFew] = inference[(s.SpeedBatches[0], s.SpeedLengths[^1])];
        result[ShortAndMany] = inference[(s.SpeedBatches[^1], s.SpeedLengths[0])];
        result.Figures.Add(Chart("Inference: how many times as fast as an LSTM layer", inference, s));
        result.Figures.Add(Chart("Training: how many times as fast as an LSTM layer", training, s));
    }

    /// <summary>The mean seconds of a training step of two models on the same batch, optimizer included, by turns.</summary>
    public static (double Lstm, double Qrnn) Steps(ArmRun<QrnnExperimentSettings> run, (Module Model, Func<Tensor> Loss) lstm, (Module Model, Func<Tensor> Loss) qrnn) =>
        PairedTiming.MeanSeconds(Step(lstm), Step(qrnn), run.Settings.SpeedRounds, run.Time, run.Stop);

    private static Action Step((Module Model, Func<Tensor> Loss) of)
    {
        Adam optimizer = new(of.Model.Parameters);
        return () =>
        {
            optimizer.ZeroGrad();
            of.Loss().Backward();
            optimizer.Step();
        };
    }

    private static void Repeat(int times, Action work)
    {
        for (int i = 0; i < times; i++) MemoryScope.Run(work);
    }

    private static void Train(Layer layer, Tensor x)
    {
        layer.ZeroGrad();
        layer.Forward(x.Tracked()).Mean().Backward(); // the input has a gradient, as it has between other layers
    }

    private static void Infer(Layer layer, Tensor x)
    {
        using NoGrad noGrad = NoGrad.Enter();
        layer.Forward(x);
    }

    private static LineChart Chart(string title, Dictionary<(int Batch, int Length), double> ratios, QrnnExperimentSettings s) =>
        new(title, new Axis("steps of a sequence") { Logarithmic = true }, new Axis("times as fast"),
            [.. s.SpeedBatches.Select(batch => new LineSeries($"batch {batch}", [.. s.SpeedLengths.Select(length => (double)length)], [.. s.SpeedLengths.Select(length => ratios[(batch, length)])]))])
        {
            Caption = $"A layer of {s.SpeedUnits} units. The paper's figure 4 has 1.3 to 16.9 times on a GPU, more for long sequences and small batches.",
        };
}
