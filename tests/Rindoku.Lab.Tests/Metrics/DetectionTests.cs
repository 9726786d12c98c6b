namespace Rindoku.Lab.Tests.Metrics;

public sealed class DetectionTests
{
    [Fact]
    public void Sets_that_lie_apart_are_told_apart_in_every_way()
    {
        Detection apart = Detection.Of([0.1f, 0.2f, 0.3f], [0.5f, 0.6f]);
        Assert.Equal(new Detection(1, 1, 1, 1, 1), apart);
        Assert.Equal(0, apart.FprAt95);
    }

    [Fact]
    public void One_score_for_all_tells_nothing()
    {
        Detection blind = Detection.Of([1, 1, 1], [1, 1, 1]);
        Assert.Equal((0.5, 0.5, 0.5), (blind.Auroc, blind.AuprOut, blind.AuprIn));
        Assert.Equal((0.0, 0.5), (blind.TnrAt95, blind.Accuracy));
    }

    [Fact]
    public void A_worked_case()
    {
        // From the highest: out 4, in 3, out 2, in 1. Of four pairs three are in order.
        Detection some = Detection.Of([1, 3], [2, 4]);
        Assert.Equal(0.75, some.Auroc);
        Assert.Equal((1 + 2.0 / 3) / 2, some.AuprOut, 1e-12);
        Assert.Equal((1 + 2.0 / 3) / 2, some.AuprIn, 1e-12);
        Assert.Equal(0.5, some.TnrAt95); // to let both from inside through, 2 passes as well
        Assert.Equal(0.75, some.Accuracy);
        Assert.Equal(["auroc x", "aupr out x", "aupr in x", "tnr at 95 x", "detection accuracy x"], some.Metrics("x").Select(m => m.Key));
    }

    [Fact]
    public void Empty_sets_and_NaN_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Detection.Of([], [1]));
        Assert.Throws<ArgumentException>(() => Detection.Of([1], []));
        Assert.Throws<ArgumentException>(() => Detection.Of([float.NaN], [1]));
    }

    [Fact]
    public void A_histogram_holds_all_of_each_set()
    {
        var chart = Detection.Histogram("t", "score", [("in", [0, 0.5f]), ("out", [1])]);
        Assert.All(chart.Series, series => Assert.Equal(100, series.Y.Sum(), 1e-9));
        Assert.Equal(100, chart.Series[1].Y[^1]);
    }
}
