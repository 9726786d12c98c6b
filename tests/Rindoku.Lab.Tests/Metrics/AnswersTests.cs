using Rindoku.Data;
using Rindoku.Ops;

namespace Rindoku.Lab.Tests.Metrics;

public sealed class AnswersTests
{
    private static readonly Tensor Scores = Tensor.From([3, 2, 1, 0, 5, 4, 1, 1, 0, 2, 9, 7], [4, 3]);
    private static readonly IntTensor Labels = IntTensor.Of(0, 2, 1, 1);
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public void Answers_tell_what_each_example_was_taken_for()
    {
        Answers answers = new(Names);
        answers.Add(Scores, Labels);
        Assert.Equal([0, 1, 0, 1], answers.Predicted);
        Assert.Equal([0, 2, 1, 1], answers.Labels);
        Assert.Equal([1f, 0, 0, 1], answers.Correct);
        Assert.Equal([0f, 1, 1, 0], answers.Wrong);
        Assert.Equal((50, 50), (answers.PercentCorrect, answers.PercentWrong));
        ConfusionMatrix confusion = answers.Confusion();
        Assert.Equal((4, 1, 1), (confusion.Total, confusion[2, 1], confusion[1, 0]));
    }

    [Fact]
    public void Answers_taken_in_parts_are_those_of_the_whole_set()
    {
        LabelledSet set = new(Scores, Labels, Names);
        Answers parts = new(Names), whole = Answers.Of(x => x * 2f, set);
        foreach (Range part in (Range[])[0..1, 1..3, 3..4]) parts.Add(set[part].Inputs * 2f, set[part].Labels);
        Assert.Equal(whole.Predicted, parts.Predicted);
        Assert.Equal(whole.Correct, parts.Correct);
        Assert.Equal(4, parts.Count);
    }

    [Fact]
    public void Scores_of_another_number_of_classes_are_refused() =>
        Assert.Contains("scores (4, 3) for 2 classes", Assert.Throws<ShapeException>(() => new Answers(["a", "b"]).Add(Scores, Labels)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_cross_entropy_of_a_set_is_the_mean_over_its_examples()
    {
        LabelledSet set = new(Tensor.From([0, 0, MathF.Log(3), 0], [2, 2]), IntTensor.Of(0, 1), ["a", "b"]);
        Assert.Equal((Math.Log(2) + Math.Log(4)) / 2, Classification.CrossEntropy(x => x, set), 1e-6); // 1/2 and 1/4 for the right classes
    }
}
