using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

public sealed class AttentionLayerTests
{
    [Fact]
    public void What_is_masked_has_no_influence()
    {
        MultiHeadAttention layer = new(8, 2, new Rng(1));
        Tensor x = new Rng(2).Normal([2, 5, 8]), other = Tensor.Concat([x.Narrow(1, 0, 3), new Rng(3).Normal([2, 2, 8])], 1);
        AttentionOptions three = new() { Mask = MultiHeadAttention.MaskOfLengths(IntTensor.Of(3, 3), 5) };
        Check.Close(layer.Forward(x, three).Narrow(1, 0, 3), layer.Forward(other, three).Narrow(1, 0, 3));
        AttentionOptions causal = new() { Causal = true };
        Check.Close(layer.Forward(x, causal).Narrow(1, 0, 3), layer.Forward(other, causal).Narrow(1, 0, 3));
        Assert.False(layer.Forward(x).Narrow(1, 0, 3).Span.SequenceEqual(layer.Forward(other).Narrow(1, 0, 3).Span));
    }

    [Fact]
    public void One_product_for_all_three_projections_gives_what_three_products_give()
    {
        MultiHeadAttention layer = new(8, 4, new Rng(1));
        Tensor x = new Rng(2).Normal([2, 5, 8]);
        Check.Close(layer.Forward(x), layer.Forward(x, x.Detach(), x.Detach()));
    }

    [Fact]
    public void A_decoder_looks_neither_ahead_nor_away_from_its_memory()
    {
        TransformerDecoder decoder = new(new TransformerSettings(8, 2, 12) { NormFirst = true }, 2, new Rng(1));
        Assert.Equal(["norm.weight", "norm.bias"], decoder.NamedParameters.Select(p => p.Name).Where(n => n.StartsWith("norm.", StringComparison.Ordinal)));
        Tensor target = new Rng(2).Normal([1, 5, 8]), memory = new Rng(3).Normal([1, 4, 8]);
        Tensor later = Tensor.Concat([target.Narrow(1, 0, 3), new Rng(4).Normal([1, 2, 8])], 1), y = decoder.Forward(target, memory);
        Check.Close(decoder.Forward(later, memory).Narrow(1, 0, 3), y.Narrow(1, 0, 3));
        Assert.False(decoder.Forward(target, memory * 2).Span.SequenceEqual(y.Span));
        Tensor[] gradients = Grad.Vjp(y, new Rng(5).Normal(y.Shape), decoder.Parameters);
        Assert.All(gradients, g => Assert.Contains(g.ToArray(), v => v != 0));
    }

    [Fact]
    public void Sinusoidal_encodings_are_the_papers_waves()
    {
        Tensor y = new SinusoidalEncoding(4).Forward(Tensor.Zeros([1, 3, 4]));
        float[] second = [MathF.Sin(2), MathF.Cos(2), MathF.Sin(0.02f), MathF.Cos(0.02f)]; // 10,000^(2/4) = 100
        Check.Close(y.Select(0, 0).Select(0, 2), Tensor.Of(second));
        Check.Close(y.Select(0, 0).Select(0, 0), Tensor.Of(0, 1, 0, 1));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Rotary_products_depend_on_the_distance_only(bool halves)
    {
        RotaryEncoding rotary = new(6, halves);
        Tensor q = new Rng(1).Normal([1, 6]).Expand([9, 6]), k = new Rng(2).Normal([1, 6]).Expand([9, 6]);
        Tensor products = rotary.Forward(q).MatMul(rotary.Forward(k), transposeB: true);
        for (int i = 1; i < 9; i++)
            for (int j = 1; j < 9; j++) Assert.Equal(products[i - 1, j - 1], products[i, j], 4);
        Assert.NotEqual(products[0, 1], products[0, 2], 3);
        Check.Close(rotary.Forward(q).Norm(2, [-1]), q.Norm(2, [-1])); // a turn changes no length
    }

    [Fact]
    public void Rotary_turns_the_pairs_that_its_layout_names()
    {
        Tensor x = Tensor.From([0, 0, 0, 0, 1, 2, 3, 4], [2, 4]);
        float c = MathF.Cos(1), s = MathF.Sin(1), c2 = MathF.Cos(0.01f), s2 = MathF.Sin(0.01f);
        Check.Close(new RotaryEncoding(4).Forward(x).Select(0, 1), Tensor.Of(c - 2 * s, 2 * c + s, 3 * c2 - 4 * s2, 4 * c2 + 3 * s2));
        Check.Close(new RotaryEncoding(4, halves: true).Forward(x).Select(0, 1), Tensor.Of(c - 3 * s, 2 * c2 - 4 * s2, 3 * c + s, 4 * c2 + 2 * s2));
    }

    // Worked by hand from the formula of T5's code (_relative_position_bucket), for 32 buckets and a furthest distance of 128.
    [Theory, InlineData(true, 0, 0), InlineData(true, -7, 7), InlineData(true, -8, 8), InlineData(true, -20, 10), InlineData(true, -200, 15),
     InlineData(true, 1, 17), InlineData(true, 200, 31), InlineData(false, 5, 0), InlineData(false, -15, 15), InlineData(false, -16, 16), InlineData(false, -127, 31)]
    public void Relative_distances_fall_into_T5s_buckets(bool twoDirections, int distance, int bucket) =>
        Assert.Equal(bucket, new RelativePositionBias(2, new Rng(1), twoDirections: twoDirections).Bucket(distance));

    [Fact]
    public void A_relative_bias_is_learned_through_the_attention()
    {
        RelativePositionBias bias = new(2, new Rng(1), buckets: 8, furthest: 16);
        MultiHeadAttention layer = new(8, 2, new Rng(2));
        Tensor scores = bias.Forward(3, 5);
        Assert.Equal([2, 3, 5], scores.Shape);
        Assert.Equal(bias.Weight[bias.Bucket(4), 1], scores[1, 0, 4]);
        Tensor y = layer.Forward(new Rng(3).Normal([2, 5, 8]), new AttentionOptions { Bias = bias.Forward(5, 5) });
        Assert.Contains(Grad.Vjp(y, new Rng(4).Normal(y.Shape), [bias.Weight])[0].ToArray(), g => g != 0);
    }
}
