using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>What a classifier took the examples of a test set for, example by example: accuracy, error and confusions come from here.</summary>
/// <example><code>
/// Answers answers = Answers.Of(model.Forward, test);
/// result["test error"] = answers.PercentWrong;
/// result.Units["wrong"] = answers.Wrong;
/// </code></example>
public sealed class Answers
{
    private readonly List<int> predicted = [], labels = [];
    private readonly List<float> correct = [];

    /// <summary>No answers yet.</summary>
    /// <param name="classNames">The names of the classes.</param>
    public Answers(IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentOutOfRangeException.ThrowIfZero(classNames.Count);
        ClassNames = classNames;
    }

    /// <summary>The answers to a whole set.</summary>
    /// <param name="model">From inputs (m, ...) to scores (m, classes). Layers should be in evaluation mode.</param>
    /// <param name="set">The set, with at least one example.</param>
    public static Answers Of(Func<Tensor, Tensor> model, LabelledSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        Answers answers = new(set.ClassNames);
        answers.Add(Classification.Scores(model, set), set.Labels);
        return answers;
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many examples there are.</summary>
    public int Count => labels.Count;

    /// <summary>The class that each example was taken for.</summary>
    public IReadOnlyList<int> Predicted => predicted;

    /// <summary>The class that each example is of.</summary>
    public IReadOnlyList<int> Labels => labels;

    /// <summary>1 for each example that was taken for what it is, else 0: the units of a claim on accuracy.</summary>
    public float[] Correct => [.. correct];

    /// <summary>1 for each example that was taken for something else, else 0: the units of a claim on the error.</summary>
    public float[] Wrong => [.. correct.Select(c => 1 - c)];

    /// <summary>The accuracy in percent.</summary>
    public double PercentCorrect => 100 * Errors.Mean(Correct);

    /// <summary>The error in percent.</summary>
    public double PercentWrong => 100 * Errors.Mean(Wrong);

    /// <summary>Takes the answers to further examples.</summary>
    /// <param name="scores">(n, classes): logits or probabilities; the largest is the answer.</param>
    /// <param name="labels">(n): the right classes.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public void Add(Tensor scores, IntTensor labels)
    {
        int classes = Classification.RequireScores(scores, labels);
        ShapeException.Require(classes == ClassNames.Count, $"Answers: scores {scores.Shape} for {ClassNames.Count} classes");
        correct.AddRange(Classification.Correct(scores, labels));
        predicted.AddRange(Classification.Predictions(scores));
        this.labels.AddRange(labels.Span);
    }

    /// <summary>How often each class was taken for each.</summary>
    public ConfusionMatrix Confusion()
    {
        ConfusionMatrix confusion = new(ClassNames);
        confusion.Add([.. labels], [.. predicted]);
        return confusion;
    }
}
