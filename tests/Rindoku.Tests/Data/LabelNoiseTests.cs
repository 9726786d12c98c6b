using Rindoku.Data;
using Rindoku.Testing;

namespace Rindoku.Tests.Data;

public sealed class LabelNoiseTests
{
    private static readonly LabelledSet Set = new(Tensor.Range(2000), IntTensor.Of([.. Enumerable.Repeat(7, 2000)]), [.. "0123456789".Select(c => c.ToString())]);

    [Fact]
    public void As_many_labels_are_replaced_as_asked_for_and_a_tenth_of_them_stay_by_luck()
    {
        LabelledSet noisy = LabelNoise.Replace(Set, 0.5, new Rng(1));
        int[] counts = noisy.ClassCounts();
        Assert.InRange(counts[7], 1060, 1140); // 1000 left alone, 1000 drawn from ten classes: deviation 9.5
        Assert.All(Enumerable.Range(0, 10).Where(c => c != 7), c => Assert.InRange(counts[c], 60, 140));
        Check.Same(noisy.Inputs, Set.Inputs);
        Assert.Equal(2000, Set.ClassCounts()[7]); // the set itself is as it was
    }

    [Fact]
    public void Nothing_or_all_can_be_replaced_and_the_same_rng_replaces_the_same()
    {
        Assert.Equal(Set.Labels.ToArray(), LabelNoise.Replace(Set, 0, new Rng(1)).Labels.ToArray());
        Assert.InRange(LabelNoise.Replace(Set, 1, new Rng(1)).ClassCounts()[7], 140, 260);
        Assert.Equal(LabelNoise.Replace(Set, 0.2, new Rng(3)).Labels.ToArray(), LabelNoise.Replace(Set, 0.2, new Rng(3)).Labels.ToArray());
    }

    [Theory, InlineData(-0.1), InlineData(1.1), InlineData(double.NaN)]
    public void A_part_outside_0_to_1_is_refused(double part) =>
        Assert.Contains("must lie from 0 to 1", Assert.Throws<ArgumentOutOfRangeException>(() => LabelNoise.Replace(Set, part, new Rng(1))).Message, StringComparison.Ordinal);
}
