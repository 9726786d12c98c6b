using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>Digits or Fashion-MNIST with images from outside; with clothes inside and digits outside, the paper's first table.</summary>
internal static class Pictures
{
    public const string MeanAuroc = "mean auroc", DigitsAuroc = "auroc digits";

    // Of these every set has some; digits beside clothes are the headline's own.
    private static readonly string[] InMean = ["noise", "inverted", "permuted", "letters"];

    /// <summary>Images of the task, the training images drawn by the seed.</summary>
    public static OutsideTask Load(ArmRun<DuqSettings> run)
    {
        DuqSettings s = run.Settings;
        return OutsideTask.Load(SetOf(s.Task), run.Data, s.TrainingExamples, s.TestExamples, run.Rng, standardise: s.Task == DuqTask.FashionMnist);
    }

    /// <summary>The images of a task.</summary>
    public static ImageSet SetOf(DuqTask task) => task == DuqTask.Digits ? ImageSet.Digits : ImageSet.FashionMnist;

    /// <summary>Measures an arm.</summary>
    /// <param name="predictor">The trained arm.</param>
    /// <param name="task">The images.</param>
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
            result.Figures.Add(Measures.Rejection($"Accuracy on test images and {set.Name}, the most uncertain refused", correct, inside, predictor.Uncertainty(outside)));
        }
        result[MeanAuroc] = InMean.Average(name => result[$"auroc {name}"]);
        result.Figures.Add(Detection.Histogram("Uncertainty of test images and of images from outside", predictor.ShadeName, shades));
        result.Figures.Add(new BarChart("How well images from outside are told from test images", new Axis("AUROC"),
            [.. task.Outside.Select(set => new Bar(set.Name, result[$"auroc {set.Name}"]))]));
        return result;
    }
}
