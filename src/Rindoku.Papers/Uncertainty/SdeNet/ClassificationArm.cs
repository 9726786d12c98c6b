using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.SdeNet;

/// <summary>Classifies images, and tells which it should not have been asked about.</summary>
internal static class ClassificationArm
{
    private const int SweepImages = 100;

    // What the means over sets are about; rotated digits are digits still, and are reported apart.
    private static readonly string[] Far = ["noise", "inverted", "permuted", "letters"];

    public static ArmResult Run(ArmRun<SdeNetSettings> run)
    {
        SdeNetSettings s = run.Settings;
        OutsideTask task = OutsideTask.Load(s.Data, run.Data, s.TrainingExamples, s.TestExamples, run.Rng);
        LoaderOptions options = new(Math.Min(s.BatchSize, s.TrainingExamples)) { DropLast = true, Threads = 0 };
        BatchSource<Batch> batches = new Loader(task.Train, options, run.Rng.Split("batches")).ToSource();
        if (s.Method != Method.SdeNet) return Baseline(run, task, batches);

        SdeNet model = SdeNetworks.Images(s.Layout, task.Train.InputShape[0], s.Channels, task.Train.ClassCount, s.Time, s.HeadDeviation, run.Rng.Split("weights"));
        TrainingOutcome outcome = Training.SdeNet(run, model, batches, batch => batch.X, (answers, batch) => answers.CrossEntropy(batch.Y));
        model.Eval();
        ArmResult result = Measure(task, images => Probabilities(model, images, s.TestSigma, s.Passes, run.Rng.Split("draws")));
        result["parameters"] = model.ParameterCount;
        result["training seconds"] = outcome.Seconds;
        TellDiffusion(result, model, task);
        result.Figures.Add(Sweep(run, model, task));
        return result;
    }

    /// <summary>The mean of softmax over draws.</summary>
    private static Tensor Probabilities(SdeNet model, Tensor images, double sigma, int passes, Rng noise) =>
        Ensemble.Mean([.. Enumerable.Range(0, passes).Select(_ => Classification.Scores(x => model.Forward(x, sigma, noise).Softmax(), images))]);

    private static ArmResult Baseline(ArmRun<SdeNetSettings> run, OutsideTask task, BatchSource<Batch> batches)
    {
        SdeNetSettings s = run.Settings;
        int count = s.Method == Method.Ensemble ? s.Members : 1;
        Layer[] members = [.. Enumerable.Range(0, count).Select(i => SdeNetworks.Residual(s.Layout, task.Train.InputShape[0], s.Channels, task.Train.ClassCount, s.Time,
            s.Method == Method.McDropout ? s.Dropout : 0, s.HeadDeviation, run.Rng.Split("weights").Split(i)))];
        double seconds = 0;
        for (int i = 0; i < count; i++)
        {
            Layer member = members[i];
            seconds += Training.Plain(run, count > 1 ? $"member {i + 1}" : "", member, batches, batch => member.Forward(batch.X).CrossEntropy(batch.Y)).Seconds;
            member.Eval();
        }
        ArmResult result = Measure(task, images => s.Method == Method.McDropout
            ? Ensemble.Mean(McDropout.Sample(members[0], () => Classification.Scores(x => members[0].Forward(x).Softmax(), images), s.Passes))
            : Ensemble.Mean([.. members.Select(member => Classification.Scores(x => member.Forward(x).Softmax(), images))]));
        result["parameters"] = members.Sum(member => member.ParameterCount);
        result["training seconds"] = seconds;
        return result;
    }

    /// <summary>Accuracy, calibration, and how well the largest probability tells the sets from outside and the own mistakes.</summary>
    private static ArmResult Measure(OutsideTask task, Func<Tensor, Tensor> probabilities)
    {
        Tensor inside = probabilities(task.Test.Inputs);
        float[] score = PredictiveUncertainty.OfMaximum(inside), correct = Classification.Correct(inside, task.Test.Labels);
        ArmResult result = new() { ["accuracy"] = 100 * Errors.Mean(correct), ["ece"] = Calibration.Ece(inside, task.Test.Labels), Units = { ["correct"] = correct } };
        float[] wrong = [.. score.Where((_, i) => correct[i] == 0)], right = [.. score.Where((_, i) => correct[i] == 1)];
        result["auroc of mistakes"] = wrong.Length == 0 || right.Length == 0 ? 1 : Detection.Of(right, wrong).Auroc;
        List<(string, float[])> scores = [("test images", score)];
        foreach (OutsideSet outside in task.Outside)
        {
            float[] theirs = PredictiveUncertainty.OfMaximum(probabilities(outside.Inputs));
            result.With(Detection.Of(score, theirs).Metrics(outside.Name));
            scores.Add((outside.Name, theirs));
        }
        result["mean auroc"] = FarOf(task).Average(name => result[$"auroc {name}"]);
        result["mean tnr at 95"] = FarOf(task).Average(name => result[$"tnr at 95 {name}"]);
        result.Figures.Add(Detection.Histogram("One minus the largest probability", "1 - max p", scores));
        return result;
    }

    /// <summary>The sets from outside over which means are taken.</summary>
    private static IEnumerable<string> FarOf(OutsideTask task) => task.Outside.Select(o => o.Name).Where(Far.Contains);

    /// <summary>What g says by itself, without a single draw.</summary>
    private static void TellDiffusion(ArmResult result, SdeNet model, OutsideTask task)
    {
        float[] inside = Spread(task.Test.Inputs);
        result["g inside"] = Errors.Mean(inside);
        foreach (OutsideSet outside in task.Outside)
        {
            float[] theirs = Spread(outside.Inputs);
            result[$"g {outside.Name}"] = Errors.Mean(theirs);
            result[$"auroc of g {outside.Name}"] = Detection.Of(inside, theirs).Auroc;
        }
        result["least auroc of g"] = FarOf(task).Min(name => result[$"auroc of g {name}"]);

        float[] Spread(Tensor images) => Classification.Scores(x => model.Spread(model.Start.Forward(x)), images).ToArray();
    }

    /// <summary>Accuracy and detection at several σ: too little does not reach the answers, too much drowns them.</summary>
    private static LineChart Sweep(ArmRun<SdeNetSettings> run, SdeNet model, OutsideTask task)
    {
        SdeNetSettings s = run.Settings;
        double[] sigmas = [s.TestSigma / 100, s.TestSigma / 10, s.TestSigma, s.TestSigma * 10];
        LabelledSet test = task.Test[..Math.Min(SweepImages, task.Test.Count)];
        string[] names = [.. FarOf(task)];
        double[] accuracy = new double[sigmas.Length], auroc = new double[sigmas.Length];
        int passes = Math.Max(2, s.Passes / 2);
        for (int i = 0; i < sigmas.Length; i++)
        {
            Rng noise = run.Rng.Split("sweep");
            Tensor inside = Probabilities(model, test.Inputs, sigmas[i], passes, noise);
            accuracy[i] = 100 * Classification.Accuracy(inside, test.Labels);
            auroc[i] = 100 * task.Outside.Where(o => names.Contains(o.Name)).Average(o =>
                Detection.Of(PredictiveUncertainty.OfMaximum(inside), PredictiveUncertainty.OfMaximum(Probabilities(model, FirstOf(o.Inputs), sigmas[i], passes, noise))).Auroc);
        }
        return new LineChart("Too much diffusion at test drowns the answers", new Axis("σ at test") { Logarithmic = true }, new Axis("", "%"),
            [new LineSeries("accuracy", sigmas, accuracy), new LineSeries("mean AUROC", sigmas, auroc)]);

        static Tensor FirstOf(Tensor images) => images.Shape[0] <= SweepImages ? images : Tensor.From(images.Span[..(SweepImages * images.Shape.Count(1..))], images.Shape.With(0, SweepImages));
    }
}
