using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>Fashion-MNIST with images from outside: the paper's first table.</summary>
internal static class Clothes
{
    public const string MeanAuroc = "mean auroc", DigitsAuroc = "auroc digits";

    // Those of the reading sheet, with letters in place of photos; digits are the headline's own.
    private static readonly string[] InMean = ["noise", "inverted", "permuted", "letters"];

    /// <summary>Images of the task, the training images drawn by the seed.</summary>
    public static OutsideTask Load(ArmRun<DuqSettings> run) =>
        OutsideTask.Load(ImageSet.FashionMnist, run.Data, run.Settings.TrainingExamples, run.Settings.TestExamples, run.Rng, standardise: true);

    /// <summary>Measures an arm.</summary>
    public static ArmResult Measure(Predictor predictor, OutsideTask task)
    {
        Tensor scores = predictor.Scores(task.Test.Inputs);
        ArmResult result = Measures.OfTest(predictor, scores, task.Test);
        float[] inside = predictor.Uncertainty(scores), correct = Classification.Correct(scores, task.Test.Labels);
        result.Units["correct"] = correct;
        List<(string, float[])> shades = [("test images", predictor.Shade(scores))];
        foreach (OutsideSet set in task.Outside)
        {
            Tensor outside = predictor.Scores(set.Inputs);
            result.With(Detection.Of(inside, predictor.Uncertainty(outside)).Metrics(set.Name));
            if (set.Name is not ("digits" or "letters")) continue;
            shades.Add((set.Name, predictor.Shade(outside)));
            result.Figures.Add(Measures.Rejection($"Accuracy on clothes and {set.Name}, the most uncertain refused", correct, inside, predictor.Uncertainty(outside)));
        }
        result[MeanAuroc] = InMean.Average(name => result[$"auroc {name}"]);
        result.Figures.Add(Detection.Histogram("Uncertainty of clothes, and of what is none", predictor.ShadeName, shades));
        result.Figures.Add(new BarChart("How well images from outside are told from clothes", new Axis("AUROC"),
            [.. task.Outside.Select(set => new Bar(set.Name, result[$"auroc {set.Name}"]))]));
        return result;
    }
}
