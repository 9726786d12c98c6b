using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

public sealed class CtcTests
{
    private static readonly Golden Golden = Golden.Family("ctc");
    private static readonly IntTensor Labels = IntTensor.From([1, 2, 2, 3, 1, 0, 2, 0, 0], [3, 3]);
    private static readonly IntTensor Steps = IntTensor.Of(7, 5, 6), Counts = IntTensor.Of(3, 2, 0);

    [Fact]
    public void CtcLoss_matches_PyTorch_with_repeated_labels_short_inputs_and_no_labels()
    {
        Golden.Check("ctc", x => x.LogSoftmax().CtcLoss(Labels, Steps, Counts, reduction: Reduction.None));
        Golden.Check("ctc_mean", x => x.LogSoftmax().CtcLoss(Labels, Steps, Counts));
    }

    [Fact]
    public void One_label_in_two_steps_has_three_alignments()
    {
        Tensor x = Tensor.Full([1, 2, 2], MathF.Log(0.5f)); // a blank, blank a, a a: three of four
        Assert.Equal(-Math.Log(0.75), x.CtcLoss(IntTensor.From([1], [1, 1]), IntTensor.Of(2), IntTensor.Of(1)).Item(), tolerance: 1e-6);
    }

    [Fact]
    public void The_fused_way_and_the_differentiable_way_agree_on_odd_shapes()
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            Rng rng = new(seed);
            int n = 1 + rng.NextInt(4), t = 8 + rng.NextInt(10), c = 2 + rng.NextInt(5), s = 1 + rng.NextInt(3);
            IntTensor labels = IntTensor.From([.. Enumerable.Range(0, n * s).Select(_ => 1 + rng.NextInt(c - 1))], [n, s]);
            IntTensor steps = IntTensor.From([.. Enumerable.Range(0, n).Select(_ => 7 + rng.NextInt(t - 6))], [n]);
            IntTensor counts = IntTensor.From([.. Enumerable.Range(0, n).Select(_ => rng.NextInt(s + 1))], [n]);
            TwoWays.Agree(x => x[0].CtcLoss(labels, steps, counts, reduction: Reduction.None), rng.Normal([n, t, c]).LogSoftmax());
        }
    }

    [Fact]
    public void Labels_that_do_not_fit_cost_infinity_or_nothing()
    {
        Tensor x = new Rng(seed: 1).Normal([2, 2, 3]).LogSoftmax().Tracked();
        IntTensor labels = IntTensor.From([1, 1, 1, 2], [2, 2]), two = IntTensor.Of(2, 2); // "1 1" needs a blank between, so three steps
        Assert.Equal(float.PositiveInfinity, x.CtcLoss(labels, two, two, reduction: Reduction.None)[0]);
        Tensor loss = x.CtcLoss(labels, two, two, zeroInfinity: true, reduction: Reduction.None);
        Assert.Equal(0, loss[0]);
        Check.Same(Grad.Of(loss.Sum(), x).Select(0, 0), Tensor.Zeros([2, 3]));
    }

    [Fact]
    public void Numbers_of_ten_thousand_stay_finite()
    {
        Tensor x = (new Rng(seed: 1).Normal([1, 6, 4]) * 1e4f).LogSoftmax().Tracked();
        Tensor loss = x.CtcLoss(IntTensor.From([1, 2], [1, 2]), IntTensor.Of(6), IntTensor.Of(2));
        Assert.True(float.IsFinite(loss.Item()));
        Assert.All(Grad.Of(loss, x).ToArray(), g => Assert.True(float.IsFinite(g)));
    }

    [Fact]
    public void Labels_and_lengths_out_of_range_are_refused_by_their_place()
    {
        Tensor x = Tensor.Zeros([1, 2, 3]);
        Refuses<ArgumentOutOfRangeException>(() => x.CtcLoss(IntTensor.From([0], [1, 1]), IntTensor.Of(2), IntTensor.Of(1)), "CtcLoss: label 0 of item 0 is the blank 0 or none of the 3 classes");
        Refuses<ArgumentOutOfRangeException>(() => x.CtcLoss(IntTensor.From([1], [1, 1]), IntTensor.Of(3), IntTensor.Of(1)), "CtcLoss: item 0 has 3 of 2 steps (at least 1) and 1 of 1 labels");
        Refuses<ShapeException>(() => x.CtcLoss(IntTensor.Of(1), IntTensor.Of(2), IntTensor.Of(1)), "CtcLoss: log-probabilities (1, 2, 3) need labels of (1, S) and lengths of (1), got (1), (1) and (1)");

        static void Refuses<E>(Func<object> act, string message) where E : Exception => Assert.StartsWith(message, Assert.Throws<E>(act).Message);
    }
}
