namespace Rindoku.Lab;

/// <summary>Whether a classifier is judged by what it gets right or by what it gets wrong; the names that metrics and units have.</summary>
public enum ClassifierMeasure
{
    /// <summary>The metric <c>test accuracy</c> in percent, with the units <c>correct</c>.</summary>
    Accuracy,

    /// <summary>The metric <c>test error</c> in percent, with the units <c>wrong</c>.</summary>
    Error,
}

internal static class ClassifierMeasures
{
    extension(ClassifierMeasure measure)
    {
        public string Metric => measure == ClassifierMeasure.Error ? "test error" : "test accuracy";

        public double Of(Answers answers) => measure == ClassifierMeasure.Error ? answers.PercentWrong : answers.PercentCorrect;

        public (string Name, float[] Values) Units(Answers answers) =>
            measure == ClassifierMeasure.Error ? ("wrong", answers.Wrong) : ("correct", answers.Correct);
    }
}
