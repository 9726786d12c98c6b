using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class LabelledSetTests
{
    // Example i holds the numbers 10 i and 10 i + 1.
    internal static LabelledSet Make(params int[] labels) => new(
        Tensor.Generate([labels.Length, 2], i => 10 * (i / 2) + i % 2), IntTensor.Of(labels), ["a", "b", "c"]);

    [Fact]
    public void An_example_is_read_where_it_lies()
    {
        LabelledSet set = Make(0, 1, 2);

        Assert.Equal([20f, 21f], set[2].Input.ToArray());
        Assert.Equal(2, set[2].Label);
        Assert.Equal([2], set.InputShape);
        Assert.Contains("no example 3; there are 3", Assert.Throws<ArgumentOutOfRangeException>(() => set[3]).Message);
    }

    [Fact]
    public void A_label_that_is_no_class_is_refused_with_its_place()
    {
        var error = Assert.Throws<ArgumentException>(() => Make(0, 3));
        Assert.Contains("label 3 of example 1", error.Message);
        Assert.Contains("label -1 of example 0", Assert.Throws<ArgumentException>(() => Make(-1)).Message);
    }

    [Fact]
    public void Inputs_and_labels_of_different_lengths_are_refused_with_their_shapes()
    {
        var error = Assert.Throws<ShapeException>(() => new LabelledSet(Tensor.Zeros([3, 2]), IntTensor.Of(0, 0), ["a"]));
        Assert.Contains("(3, 2)", error.Message);
        Assert.Contains("(2)", error.Message);
    }

    [Fact]
    public void A_subset_keeps_the_given_order_and_may_repeat()
    {
        LabelledSet subset = Make(0, 1, 2).Subset([2, 0, 2]);

        Assert.Equal([20f, 21f, 0f, 1f, 20f, 21f], subset.Inputs.ToArray());
        Assert.Equal([2, 0, 2], subset.Labels.ToArray());
        Assert.Equal(3, subset.ClassCount);
    }

    [Fact]
    public void A_range_shares_the_memory_of_the_set()
    {
        LabelledSet set = Make(0, 1, 2, 1);
        LabelledSet middle = set[1..3];

        Assert.Equal([10f, 11f, 20f, 21f], middle.Inputs.ToArray());
        Assert.Equal([1, 2], middle.Labels.ToArray());
        Assert.True(set.Inputs.Span[2..].Overlaps(middle.Inputs.Span, out int offset) && offset == 0);
    }

    [Fact]
    public void Concat_appends_and_refuses_other_classes()
    {
        LabelledSet both = LabelledSet.Concat(Make(0, 1), Make(2));

        Assert.Equal([0f, 1f, 10f, 11f, 0f, 1f], both.Inputs.ToArray());
        Assert.Equal([0, 1, 2], both.Labels.ToArray());
        LabelledSet other = new(Tensor.Zeros([1, 2]), IntTensor.Of(0), ["x"]);
        Assert.Contains("a, b, c and x", Assert.Throws<ArgumentException>(() => LabelledSet.Concat(Make(0), other)).Message);
    }

    [Fact]
    public void A_split_is_a_partition_that_keeps_the_order_and_depends_on_the_seed_only()
    {
        LabelledSet set = new(Tensor.Range(100).ToArray() is var x ? Tensor.From(x, [100, 1]) : null!, IntTensor.Full([100], 0), ["a"]);
        (LabelledSet first, LabelledSet second) = set.Split(0.7, new Rng(1));
        float[] again = set.Split(0.7, new Rng(1)).First.Inputs.ToArray();
        float[] other = set.Split(0.7, new Rng(2)).First.Inputs.ToArray();

        Assert.Equal(70, first.Count);
        Assert.Equal(first.Inputs.ToArray().Order(), first.Inputs.ToArray());
        Assert.Equal(set.Inputs.ToArray(), first.Inputs.ToArray().Concat(second.Inputs.ToArray()).Order());
        Assert.Equal(first.Inputs.ToArray(), again);
        Assert.NotEqual(first.Inputs.ToArray(), other);
    }

    [Fact]
    public void A_stratified_split_cuts_every_class_and_keeps_the_total()
    {
        // 10 of a, 5 of b, 3 of c: 0.5 gives 5, 2.5 and 1.5; of 9 in all, the place left over goes to b.
        LabelledSet set = Make([.. Enumerable.Repeat(0, 10), .. Enumerable.Repeat(1, 5), .. Enumerable.Repeat(2, 3)]);
        LabelledSet first = set.Split(0.5, new Rng(3), stratified: true).First;

        Assert.Equal([5, 3, 1], first.ClassCounts());
    }

    [Theory, InlineData(-0.1), InlineData(1.1), InlineData(double.NaN)]
    public void A_fraction_outside_0_to_1_is_refused(double fraction) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(0, 1).Split(fraction, new Rng(0)));

    [Fact]
    public void A_set_of_nothing_is_a_set()
    {
        LabelledSet empty = Make(0, 1)[..0];
        Assert.Equal(0, empty.Count);
        Assert.Equal([0, 0, 0], empty.ClassCounts());
        Assert.Empty(new Loader(empty, new LoaderOptions(4)).Epoch(0));
    }

    [Fact]
    public void The_inputs_outlive_the_scope_they_were_made_in()
    {
        LabelledSet? set = null;
        MemoryScope.Run(() => { set = new LabelledSet(Tensor.Full([2000, 2], 7), IntTensor.Full([2000], 0), ["a"]); });
        Assert.Equal(7, set![1999].Input[1]);
    }
}
