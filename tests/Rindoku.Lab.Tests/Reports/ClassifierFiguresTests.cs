using Rindoku.Data;
using Rindoku.Lab.Reports;
using Rindoku.Ops;

namespace Rindoku.Lab.Tests.Reports;

public sealed class ClassifierFiguresTests
{
    [Fact]
    public void Examples_say_what_they_were_taken_for_and_whether_that_is_wrong()
    {
        LabelledSet set = new(Tensor.Zeros([3, 1, 2, 2]), IntTensor.Of(0, 1, 1), ["cat", "dog"]);
        Answers answers = Answers.Of(x => Tensor.From([1, 0], [1, 2]).Expand([x.Shape[0], 2]), set);
        Assert.Equal(["cat", "cat (wrong)"], ClassifierFigures.Examples(answers, set, images: 2).Labels);
        Assert.Throws<ArgumentException>(() => ClassifierFigures.Examples(answers, set[..2]));
    }

    [Theory, InlineData(30, 1), InlineData(31, 0)]
    public void Confusions_are_drawn_where_they_can_be_read(int classes, int figures)
    {
        Answers answers = new([.. Enumerable.Range(0, classes).Select(c => $"class {c}")]);
        answers.Add(Tensor.Zeros([2, classes]), IntTensor.Of(0, classes - 1));
        Assert.Equal(figures, ClassifierFigures.Confusions(answers).Count());
    }
}
