using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>What is measured of an arm, whatever it learned.</summary>
internal static class Measures
{
    public const string Accuracy = "test accuracy", CertaintyAtTest = "certainty at test";

    /// <summary>What every task has: accuracy, and whether what it is uncertain of are its mistakes.</summary>
    public static ArmResult OfTest(Predictor predictor, Tensor scores, LabelledSet test)
    {
        float[] correct = Classification.Correct(scores, test.Labels);
        ArmResult result = new()
        {
            [Accuracy] = 100 * Errors.Mean(correct),
            [CertaintyAtTest] = Errors.Mean(Predictor.Certainty(scores)),
            ["parameters"] = predictor.Parameters,
            ["training seconds"] = predictor.Seconds,
        };
        bool[] mistaken = [.. correct.Select(c => c == 0)];
        // On two moons there may be none.
        if (mistaken.Contains(true) && mistaken.Contains(false)) result["auroc mistakes"] = Ranking.Auroc(predictor.Uncertainty(scores), mistaken);
        return result;
    }

    /// <summary>The accuracy of what is left when the most uncertain are refused, images from outside counting as mistakes.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="correct">1 for each test image that was told rightly.</param>
    /// <param name="inside">The uncertainty of the test images.</param>
    /// <param name="outside">The uncertainty of images from outside.</param>
    public static LineChart Rejection(string title, float[] correct, float[] inside, float[] outside)
    {
        float[] uncertainty = [.. inside, .. outside], right = [.. correct, .. new float[outside.Length]];
        Array.Sort(uncertainty, right);
        double[] kept = [.. Enumerable.Range(1, 20).Select(twentieth => twentieth / 20.0)]; // from almost nothing to all
        double[] accuracy = [.. kept.Select(part => 100 * Errors.Mean(right.AsSpan(..(int)(part * right.Length))))];
        return new LineChart(title, new Axis("refused", "%"), new Axis("accuracy of the rest", "%"),
            [new LineSeries("accuracy", [.. kept.Reverse().Select(part => 100 * (1 - part))], [.. accuracy.Reverse()])]);
    }
}
