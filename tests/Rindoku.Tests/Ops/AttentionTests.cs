using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class AttentionTests
{
    private static readonly Golden Golden = Golden.Family("attention");

    [Fact]
    public void Attention_matches_PyTorch()
    {
        Golden.Check("plain", x => x[0].Attention(x[1], x[2]));
        Golden.Check("causal", x => x[0].Attention(x[1], x[2], new AttentionOptions { Causal = true }));
        Golden.Check("scaled", x => x[0].Attention(x[1], x[2], new AttentionOptions { Scale = 0.25f }));
    }

    [Fact]
    public void A_mask_and_a_learned_bias_match_PyTorch()
    {
        Tensor mask = Tensor.From([1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0], [3, 5]);
        Golden.Check("mask", x => x[0].Attention(x[1], x[2], new AttentionOptions { Mask = mask }));
        Golden.Check("bias", x => x[0].Attention(x[1], x[2], new AttentionOptions { Bias = x[3] }));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void The_fused_way_and_the_differentiable_way_agree_on_odd_shapes(int seed)
    {
        Rng rng = new(seed);
        int heads = 1 + rng.NextInt(3), queries = 1 + rng.NextInt(90), keys = 1 + rng.NextInt(300), width = 1 + rng.NextInt(20), values = 1 + rng.NextInt(20);
        Tensor bias = rng.Normal(seed % 2 == 0 ? [heads, 1, keys] : [queries, 1]);
        AttentionOptions options = new() { Causal = seed % 3 == 0, Bias = bias };
        Tensor q = rng.Normal([2, heads, queries, width]), k = rng.Normal([2, heads, keys, width]), v = rng.Normal([2, heads, keys, values]);
        TwoWays.Agree(t => t[0].Attention(t[1], t[2], options), q, k, v);
        // A learned bias takes the way by parts: the same values must come out of both.
        Check.Close(q.Attention(k, v, options), q.Attention(k, v, options with { Bias = bias.Tracked() }), rtol: 1e-4, atol: 1e-5);
    }

    [Fact]
    public void Scores_of_ten_thousand_pick_the_largest()
    {
        Tensor q = Tensor.From([1e4f], [1, 1, 1]), k = Tensor.From([1, -1, 0.5f], [1, 3, 1]), v = Tensor.From([1, 2, 3], [1, 3, 1]);
        Assert.Equal(1, q.Attention(k, v).Item());
        Assert.Equal(2, (-q).Attention(k, v).Item());
    }

    [Fact]
    public void A_query_that_may_look_at_nothing_gives_NaN_and_leaves_the_others_alone()
    {
        Tensor x = new Rng(seed: 1).Normal([1, 2, 3]);
        Tensor y = x.Attention(x, x, new AttentionOptions { Mask = Tensor.From([0, 0, 1, 0], [2, 2]) });
        Assert.All(y.Select(1, 0).ToArray(), v => Assert.True(float.IsNaN(v)));
        Check.Close(y.Select(1, 1), x.Select(1, 0));
    }

    [Fact]
    public void Dropout_of_the_weights_is_drawn_in_training_only()
    {
        Tensor x = new Rng(seed: 1).Normal([1, 8, 3]);
        AttentionOptions options = new() { Dropout = 0.5f };
        Check.Same(x.Attention(x, x, options), x.Attention(x, x));
        Assert.NotEqual(x.Attention(x, x).ToArray(), x.Attention(x, x, options with { Rng = new Rng(seed: 2) }).ToArray());
    }

    [Fact]
    public void Results_are_bitwise_equal_for_any_number_of_threads()
    {
        Tensor q = new Rng(seed: 1).Normal([5, 200, 16]).Tracked();
        Determinism.Check(() =>
        {
            Tensor y = q.Attention(q, q, new AttentionOptions { Causal = true });
            return [y, Grad.Of(y.Square().Sum(), q)];
        });
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_the_shapes()
    {
        var error = Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 3, 4]).Attention(Tensor.Zeros([2, 5, 3]), Tensor.Zeros([2, 5, 3])));
        Assert.Equal("Attention: query (2, 3, 4), key (2, 5, 3) and value (2, 5, 3) must be (*, T, D), (*, S, D) and (*, S, E)", error.Message);
        Tensor x = Tensor.Zeros([2, 3, 4]);
        error = Assert.Throws<ShapeException>(() => x.Attention(x, x, new AttentionOptions { Mask = Tensor.Ones([4, 3]) }));
        Assert.Contains("(4, 3)", error.Message, StringComparison.Ordinal);
    }
}
