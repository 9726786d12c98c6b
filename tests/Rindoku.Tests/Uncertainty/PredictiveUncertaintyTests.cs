using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Uncertainty;

namespace Rindoku.Tests.Uncertainty;

public sealed class PredictiveUncertaintyTests
{
    private static readonly Tensor Sure = Tensor.From([1, 0, 0, 0.5f, 0.5f, 0], [2, 3]), Unsure = Tensor.From([0, 1, 0, 0.5f, 0.5f, 0], [2, 3]);

    [Fact]
    public void A_sure_answer_has_no_entropy_and_two_equal_ones_ln_2()
    {
        Assert.Equal([0, 0.5f], PredictiveUncertainty.OfMaximum(Sure));
        Assert.Equal([0, MathF.Log(2)], PredictiveUncertainty.Entropy(Sure));
    }

    [Fact]
    public void Members_that_say_the_same_do_not_disagree_and_opposite_ones_do_by_ln_2()
    {
        Assert.Equal([0, 0], PredictiveUncertainty.Disagreement([Sure, Sure, Sure]));
        float[] disagreement = PredictiveUncertainty.Disagreement([Sure, Unsure]);
        Assert.Equal(MathF.Log(2), disagreement[0], 1e-6f);
        Assert.Equal(0, disagreement[1]);
    }

    [Fact]
    public void The_mean_of_an_ensemble_has_at_least_the_mean_entropy()
    {
        Rng rng = new(3);
        Tensor[] members = [.. Enumerable.Range(0, 4).Select(_ => rng.Normal([50, 10]).Softmax())];
        float[] whole = PredictiveUncertainty.Entropy(Ensemble.Mean(members));
        for (int i = 0; i < whole.Length; i++) Assert.True(whole[i] >= members.Average(m => PredictiveUncertainty.Entropy(m)[i]));
    }

    [Fact]
    public void A_mixture_of_normals_has_the_variance_between_its_members_too()
    {
        (Tensor mean, Tensor variance) = Ensemble.Mixture([Tensor.From([0, 3], [2]), Tensor.From([2, 3], [2])], [Tensor.From([1, 2], [2]), Tensor.From([1, 4], [2])]);
        Assert.Equal([1, 3], mean.ToArray());
        Assert.Equal([2, 3], variance.ToArray()); // the sheet's case: (0, 1) and (2, 1) give (1, 2)
    }

    [Fact]
    public void An_ensemble_refuses_members_of_different_shapes_and_none_at_all()
    {
        Assert.Contains("(2, 3) and (1, 3)", Assert.Throws<ShapeException>(() => Ensemble.Mean([Sure, Tensor.Zeros([1, 3])])).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => Ensemble.Mean([]));
        Assert.Throws<ShapeException>(() => Ensemble.Mixture([Sure], [Sure, Sure]));
        Assert.Throws<ShapeException>(() => PredictiveUncertainty.Entropy(Tensor.Zeros([3])));
    }

    [Fact]
    public void Passes_with_dropout_differ_and_the_rest_of_the_model_is_evaluated()
    {
        Rng rng = new(5);
        BatchNorm norm = new(6);
        Sequential model = new(new Linear(4, 6, rng), norm, new Dropout(0.5, rng.Split("dropout")), new Linear(6, 3, rng));
        Tensor x = rng.Normal([7, 4]).Keep(), before = norm.RunningMean.ToArray() is var m ? Tensor.From(m, [6]) : x;
        IReadOnlyList<Tensor> passes = McDropout.Sample(model, () => model.Forward(x).Softmax(), 3);
        Assert.Equal(3, passes.Count);
        Assert.NotEqual(passes[0].ToArray(), passes[1].ToArray());
        Assert.Equal(before.ToArray(), norm.RunningMean.ToArray());
        Assert.All(model.NamedModules, named => Assert.False(named.Module.IsTraining));
        Assert.Contains("no dropout", Assert.Throws<ArgumentException>(() => McDropout.Sample(new Linear(4, 3, rng), () => x, 2)).Message, StringComparison.Ordinal);
    }
}
