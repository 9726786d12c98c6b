using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class DigitsTests
{
    [Fact]
    public void The_set_is_the_1797_scans_of_uci()
    {
        LabelledSet all = Digits.LoadAll();

        Assert.Equal([1797, 1, 8, 8], all.Inputs.Shape);
        Assert.Equal([178, 182, 177, 183, 181, 182, 181, 179, 174, 180], all.ClassCounts());
        Assert.Equal(8, all[1796].Label);
        // The first line of scikit-learn's digits.csv, in sixteenths.
        Assert.Equal([0, 0, 5, 13, 9, 1, 0, 0], all[0].Input[..8].ToArray().Select(p => (int)(p * 16)));
        // The mean over all pixels, computed from that file in Python.
        Assert.Equal(0.30526028624, all.Inputs.ToArray().Average(p => (double)p), 9);
    }

    [Fact]
    public void The_split_is_fixed_and_covers_every_class()
    {
        (LabelledSet train, LabelledSet test) = Digits.Load();

        Assert.Equal((1352, 445), (train.Count, test.Count));
        Assert.Equal([44, 45, 44, 45, 45, 45, 45, 44, 43, 45], test.ClassCounts());
        Assert.Equal((0, 8), (train[0].Label, train[1351].Label));
        Assert.Equal((0, 9), (test[0].Label, test[444].Label));
        Assert.Equal(0.30488035665, train.Inputs.ToArray().Average(p => (double)p), 9);
        Assert.InRange(test.Inputs.ToArray().Max(), 1f, 1f);
    }
}
