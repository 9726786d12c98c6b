using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class LossesTests
{
    private static readonly Golden Golden = Golden.Family("losses");
    private static readonly Tensor Weights = Tensor.Of(0.5f, 1, 2, 0.25f, 1.5f);

    private static void CheckLabels(string name, Func<Tensor, IntTensor, Tensor> f, string part = "in1", double atol = 1e-5) =>
        Golden.Check(name, x => f(x, Golden.Integers(name, part)), atol: atol);

    [Fact]
    public void CrossEntropy_of_labels_matches_PyTorch()
    {
        CheckLabels("ce", (x, y) => x.CrossEntropy(y));
        CheckLabels("ce_sum", (x, y) => x.CrossEntropy(y, reduction: Reduction.Sum));
        CheckLabels("ce_none", (x, y) => x.CrossEntropy(y, reduction: Reduction.None));
        CheckLabels("ce_images", (x, y) => x.CrossEntropy(y));
        CheckLabels("ce_one", (x, y) => x.CrossEntropy(y));
    }

    [Fact]
    public void CrossEntropy_with_smoothing_weights_and_ignored_labels_matches_PyTorch()
    {
        CheckLabels("ce_smooth", (x, y) => x.CrossEntropy(y, smoothing: 0.25f));
        CheckLabels("ce_weights", (x, y) => x.CrossEntropy(y, Weights));
        CheckLabels("ce_all", (x, y) => x.CrossEntropy(y, Weights, 0.25f));
        CheckLabels("ce_all_images", (x, y) => x.CrossEntropy(y, Weights, 0.25f, ignoreIndex: 2));
    }

    [Fact]
    public void CrossEntropy_of_logits_of_ten_thousand_is_exact() =>
        CheckLabels("ce_extreme", (x, y) => (x * 1e4f).CrossEntropy(y), atol: 1e-3);

    [Fact]
    public void CrossEntropy_of_distributions_matches_PyTorch()
    {
        Golden.Check("ce_soft", (x, t) => x.CrossEntropy(t));
        Golden.Check("ce_soft_all", (x, t) => x.CrossEntropy(t, Weights, 0.25f, Reduction.Sum));
    }

    [Fact]
    public void CrossEntropy_without_any_label_that_counts_is_NaN_as_in_PyTorch() =>
        Assert.True(float.IsNaN(Tensor.Zeros([2, 3]).CrossEntropy(IntTensor.Of(-100, -100)).Item()));

    [Fact]
    public void NllLoss_matches_PyTorch()
    {
        CheckLabels("nll", (x, y) => x.NllLoss(y));
        CheckLabels("nll_all", (x, y) => x.NllLoss(y, Weights, ignoreIndex: 3));
        CheckLabels("nll_none", (x, y) => x.NllLoss(y, reduction: Reduction.None));
    }

    [Fact]
    public void Regression_losses_match_PyTorch()
    {
        Golden.Check("mse", (x, t) => x.MseLoss(t));
        Golden.Check("mse_none", (x, t) => x.MseLoss(t, Reduction.None));
        Golden.Check("l1", (x, t) => x.L1Loss(t));
        Golden.Check("huber", (x, t) => x.HuberLoss(t, 0.5f));
        Golden.Check("smooth_l1", (x, t) => x.SmoothL1Loss(t, 0.5f, Reduction.Sum));
        Check.Same(Weights.SmoothL1Loss(Tensor.Zeros([5]), beta: 0), Weights.L1Loss(Tensor.Zeros([5])));
    }

    [Fact]
    public void Binary_losses_match_PyTorch()
    {
        Golden.Check("bce_logits", (x, t) => x.BinaryCrossEntropyWithLogits(t));
        Golden.Check("bce_logits_weights", x => x[0].BinaryCrossEntropyWithLogits(x[1], x[2], x[3], Reduction.Sum));
        Golden.Check("bce", (x, t) => x.BinaryCrossEntropy(t));
        Golden.Check("bce_ends", (x, t) => x.BinaryCrossEntropy(t));
    }

    [Fact]
    public void Binary_losses_of_extreme_inputs_are_finite()
    {
        Tensor x = Tensor.Of(1e4f, -1e4f, 1e4f, -1e4f).Tracked(), t = Tensor.Of(1, 0, 0, 1);
        Tensor loss = x.BinaryCrossEntropyWithLogits(t, reduction: Reduction.None);
        Check.Close(loss, Tensor.Of(0, 0, 1e4f, 1e4f));
        Check.Close(Grad.Of(loss.Sum(), x), Tensor.Of(0, 0, 1, -1));
        Tensor p = Tensor.Of(0, 1, 0, 1).Tracked();
        Check.Close(Grad.Of(p.BinaryCrossEntropy(Tensor.Of(0, 1, 1, 0), reduction: Reduction.Sum), p), Tensor.Of(0, 0, -1e12f, 1e12f));
    }

    [Fact]
    public void KlDivergence_matches_PyTorch()
    {
        Golden.Check("kl", (x, t) => x.KlDivergence(t));
        Golden.Check("kl_log", (x, t) => x.KlDivergence(t, logTarget: true, Reduction.Sum));
        Assert.Equal(0, Tensor.Of(-1).KlDivergence(Tensor.Of(0)).Item());
    }

    [Fact]
    public void Similarity_losses_match_PyTorch()
    {
        Golden.Check("cosine", (a, b) => a.CosineSimilarity(b, 1));
        Golden.Check("cosine_row", (a, b) => a.CosineSimilarity(b));
        Golden.Check("cosine_embedding", (a, b) => a.CosineEmbeddingLoss(b, Golden.Integers("cosine_embedding", "in2"), 0.1f));
        Golden.Check("triplet", x => x[0].TripletMarginLoss(x[1], x[2]));
        Golden.Check("triplet_swap", x => x[0].TripletMarginLoss(x[1], x[2], 0.5f, swap: true, reduction: Reduction.None));
    }

    [Fact]
    public void A_vector_of_zeros_has_cosine_zero_and_a_finite_gradient()
    {
        Tensor zero = Tensor.Zeros([3]).Tracked();
        Tensor cosine = zero.CosineSimilarity(Tensor.Ones([3]));
        Assert.Equal(0, cosine.Item());
        Assert.All(Grad.Of(cosine, zero).ToArray(), g => Assert.True(float.IsFinite(g)));
    }

    [Fact]
    public void Margin_losses_match_PyTorch()
    {
        CheckLabels("hinge", (x, y) => x.HingeLoss(y));
        CheckLabels("hinge_embedding", (x, y) => x.HingeEmbeddingLoss(y));
        CheckLabels("multi_margin", (x, y) => x.MultiMarginLoss(y));
        CheckLabels("multi_margin_all", (x, y) => x.MultiMarginLoss(y, squared: true, 0.5f, Weights, Reduction.None));
    }

    [Fact]
    public void BeliefMatching_matches_PyTorch()
    {
        CheckLabels("belief", (x, y) => x.BeliefMatching(y, 0.01));
        CheckLabels("belief_prior", (x, y) => x.BeliefMatching(y, 0.3, 0.5, Reduction.Sum), atol: 1e-4);
        CheckLabels("belief_images", (x, y) => x.BeliefMatching(y, 0.003, reduction: Reduction.None), atol: 1e-4);
        CheckLabels("belief_likelihood", (x, y) => x.BeliefMatching(y, 0));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void BeliefMatching_has_the_same_gradient_both_ways_on_odd_shapes(int seed)
    {
        Rng rng = new(seed);
        int n = 1 + rng.NextInt(40), classes = 1 + rng.NextInt(60), inner = 1 + rng.NextInt(30);
        IntTensor labels = IntTensor.From([.. Enumerable.Range(0, n * inner).Select(_ => rng.NextInt(classes))], [n, inner]);
        TwoWays.Agree(t => t[0].BeliefMatching(labels, 0.2, 0.7), rng.Normal([n, classes, inner]));
        TwoWays.Agree(t => t[0].BeliefMatching(labels.Reshape([n * inner]), 0), rng.Normal([n * inner, classes]));
    }

    // Expected values: mpmath, 60 digits. lgamma(e⁴⁰) is about 1e19: of a difference of such numbers no digit would be left.
    [Theory, MemberData(nameof(FarOut))]
    public void BeliefMatching_of_logits_far_out_loses_no_digits(float[] logits, double coefficient, float expected, float[] slopes)
    {
        Tensor x = Tensor.From(logits, [1, logits.Length]).Tracked();
        Tensor loss = x.BeliefMatching(IntTensor.Of(0), coefficient);
        Check.Close(loss, Tensor.Scalar(expected));
        Check.Close(Grad.Of(loss, x), Tensor.From(slopes, x.Shape));
    }

    public static TheoryData<float[], double, float, float[]> FarOut => new()
    {
        { [40, 0], 1, 39, [1, -1] },
        { [40, 40, -3], 0.5, 39.1180448f, [-0.125f, 0.875f, -9.60391924f] },
        { [-20, 0], 1, 970330369.8f, [-970330389.8f, 3.28986812f] },
    };

    [Fact]
    public void BeliefMatching_of_logits_beyond_any_sense_is_infinite_and_not_NaN() =>
        Assert.True(float.IsPositiveInfinity(Tensor.From([-1000, 1000, 0], [1, 3]).BeliefMatching(IntTensor.Of(1), 0.1).Item()));

    [Fact]
    public void BeliefMatching_is_bitwise_equal_for_any_number_of_threads()
    {
        Tensor x = new Rng(seed: 5).Normal([1000, 70]).Tracked();
        IntTensor labels = IntTensor.From([.. Enumerable.Range(0, 1000).Select(i => i % 70)], [1000]);
        Determinism.Check(() =>
        {
            Tensor loss = x.BeliefMatching(labels, 0.01);
            return [loss, Grad.Of(loss, x)];
        });
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void CrossEntropy_has_the_same_gradient_both_ways_on_odd_shapes(int seed)
    {
        Rng rng = new(seed);
        int n = 1 + rng.NextInt(40), classes = 1 + rng.NextInt(60), inner = 1 + rng.NextInt(30);
        IntTensor labels = IntTensor.From([.. Enumerable.Range(0, n * inner).Select(_ => rng.NextInt(classes))], [n, inner]);
        Tensor weights = rng.Uniform([classes], 0.5f, 2);
        TwoWays.Agree(t => t[0].CrossEntropy(labels, weights, 0.1f), rng.Normal([n, classes, inner]));
        TwoWays.Agree(t => t[0].CrossEntropy(labels.Reshape([n * inner])), rng.Normal([n * inner, classes]));
    }

    [Fact]
    public void CrossEntropy_is_bitwise_equal_for_any_number_of_threads()
    {
        Tensor x = new Rng(seed: 5).Normal([1000, 70]).Tracked();
        IntTensor labels = IntTensor.From([.. Enumerable.Range(0, 1000).Select(i => i % 70)], [1000]);
        Determinism.Check(() =>
        {
            Tensor loss = x.CrossEntropy(labels, smoothing: 0.1f);
            return [loss, Grad.Of(loss, x)];
        });
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused_with_their_shapes()
    {
        Tensor x = Tensor.Zeros([2, 5]);
        Refuses<ShapeException>(() => x.CrossEntropy(IntTensor.Of(1, 2, 3)), "CrossEntropy: logits (2, 5) need labels of (2), got (3)");
        Refuses<ShapeException>(() => x.CrossEntropy(IntTensor.Of(1, 2), Tensor.Ones([2])), "CrossEntropy: logits (2, 5) need class weights of (5), got (2)");
        Refuses<ArgumentOutOfRangeException>(() => x.CrossEntropy(IntTensor.Of(1, 5)), "CrossEntropy: label 5 at place 1 is none of the 5 classes of logits (2, 5)");
        Refuses<ShapeException>(() => x.BeliefMatching(IntTensor.Of(1, 2, 3), 1), "BeliefMatching: logits (2, 5) need labels of (2), got (3)");
        Refuses<ArgumentOutOfRangeException>(() => x.BeliefMatching(IntTensor.Of(1, -1), 1), "BeliefMatching: label -1 at place 1 is none of the 5 classes of logits (2, 5)");
        Refuses<ArgumentOutOfRangeException>(() => x.BeliefMatching(IntTensor.Of(1, 2), -1), "BeliefMatching: the coefficient must be 0 or more");
        Refuses<ArgumentOutOfRangeException>(() => x.BeliefMatching(IntTensor.Of(1, 2), 1, 0), "BeliefMatching: the prior must be above 0");
        Refuses<ShapeException>(() => x.MseLoss(Tensor.Zeros([5])), "MseLoss: the prediction is (2, 5), the target (5); they must be the same");
        Refuses<ShapeException>(() => x.BinaryCrossEntropyWithLogits(x, Tensor.Zeros([3, 2, 5])),
            "BinaryCrossEntropyWithLogits: the prediction is (2, 5), and a weight would stretch it to (3, 2, 5)");
        Refuses<ArgumentOutOfRangeException>(() => Tensor.Of(1, 2).HingeLoss(IntTensor.Of(1, 0)), "HingeLoss: label 0 at place 1 is neither 1 nor -1");

        static void Refuses<E>(Func<object> act, string message) where E : Exception => Assert.StartsWith(message, Assert.Throws<E>(act).Message);
    }
}
