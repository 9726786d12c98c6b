using Rindoku.Data;

namespace Rindoku.Lab.Reports;

/// <summary>The pictures that most classifiers have in common.</summary>
public static class ClassifierFigures
{
    private const int MostClasses = 30; // of more, the numbers in the squares cannot be read

    /// <summary>The loss of the training steps.</summary>
    /// <param name="history">What a trainer logged.</param>
    /// <param name="loss">The name of the loss.</param>
    public static LineChart Loss(MetricHistory history, string loss = "cross-entropy")
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.Chart("Loss in training", loss, "train/loss");
    }

    /// <summary>The accuracy or error on the test set, over the steps.</summary>
    /// <param name="history">What a trainer logged.</param>
    /// <param name="measure">Which of the two.</param>
    public static LineChart Curve(MetricHistory history, ClassifierMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(history);
        (string title, string axis) = measure == ClassifierMeasure.Error ? ("Error on the test images", "error") : ("Accuracy on the test images", "accuracy");
        return history.Chart(title, new Axis(axis, "%"), measure.Metric);
    }

    /// <summary>How often images of each class were taken for each; nothing where there are so many classes that it cannot be read.</summary>
    /// <param name="answers">What a classifier took the test images for.</param>
    public static IEnumerable<Figure> Confusions(Answers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return answers.ClassNames.Count > MostClasses ? [] : [answers.Confusion().Figure("What the test images were taken for")];
    }

    /// <summary>The first images of a test set, each with what it was taken for.</summary>
    /// <param name="answers">The answers to the set.</param>
    /// <param name="test">The set: images (c, h, w) with one or three channels.</param>
    /// <param name="images">How many at the most.</param>
    public static ImageGrid Examples(Answers answers, LabelledSet test, int images = 24)
    {
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentNullException.ThrowIfNull(test);
        if (answers.Count != test.Count) throw new ArgumentException($"ClassifierFigures: {answers.Count} answers to {test.Count} images", nameof(test));
        int[] shown = [.. Enumerable.Range(0, Math.Min(images, test.Count))];
        return new ImageGrid("The first test images, with what they were taken for", test.Subset(shown).Inputs,
            [.. shown.Select(i => test.ClassNames[answers.Predicted[i]] + (answers.Predicted[i] == test.Labels[i] ? "" : " (wrong)"))]);
    }
}
