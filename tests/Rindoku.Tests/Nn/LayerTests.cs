using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

/// <summary>What single layers do beyond the contract of all.</summary>
public sealed class LayerTests
{
    [Fact]
    public void A_wrapped_weight_starts_as_it_was()
    {
        Linear plain = new(3, 4, new Rng(1)), wrapped = new(3, 4, new Rng(1));
        Tensor x = new Rng(2).Normal([5, 3]);
        Check.Close(new WeightNorm(wrapped).Forward(x), plain.Forward(x));
    }

    [Fact]
    public void Spectral_norm_comes_to_a_largest_singular_value_of_one()
    {
        SpectralNorm layer = new(new Linear(4, 4, new Rng(1), bias: false), new Rng(2), iterations: 100);
        layer.Forward(Tensor.Eye(4));
        layer.Eval();
        (_, Tensor singular, _) = layer.Forward(Tensor.Eye(4)).Svd();
        Assert.Equal(1, singular[0], 4);
    }

    [Theory]
    [InlineData("BatchNorm")]
    [InlineData("SpectralNorm")]
    public void What_a_layer_remembers_moves_once_when_it_is_checkpointed(string name)
    {
        Layer plain = Create(), checkpointed = Create();
        Tensor x = new Rng(2).Normal([4, 3]);
        plain.Forward(x).Square().Sum().Backward();
        Checkpoint.Run(checkpointed.Forward, x).Square().Sum().Backward();
        foreach ((string key, BufferTensor buffer) in plain.NamedBuffers) Check.Same(checkpointed.NamedBuffers.First(b => b.Name == key).Buffer, buffer, key);
        foreach ((Parameter a, Parameter b) in checkpointed.Parameters.Zip(plain.Parameters)) Check.Same(a.Grad!, b.Grad!, "gradient");

        Layer Create() => name == "BatchNorm" ? new BatchNorm(3) : new SpectralNorm(new Linear(3, 5, new Rng(1)), new Rng(3));
    }

    [Fact]
    public void The_padding_row_of_an_embedding_is_zero_and_stays_so()
    {
        Embedding table = new(5, 3, new Rng(1), paddingIndex: 1);
        IntTensor words = IntTensor.From([1, 4, 1, 0], [2, 2]);
        Tensor y = table.Forward(words);
        Assert.Equal([2, 2, 3], y.Shape);
        Check.Same(y.Select(0, 0).Select(0, 0), Tensor.Zeros([3]));
        Tensor gradient = Grad.Of(y.Sum(), table.Weight);
        Check.Same(gradient, Tensor.From([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1], [5, 3]));
    }

    [Fact]
    public void Layers_that_share_a_source_of_randomness_drop_different_places_and_save_it_once()
    {
        Rng shared = new(seed: 4);
        Sequential model = new(new Dropout(0.5, shared), new Dropout(0.5, shared));
        Assert.Equal(["0.rng"], model.NamedRandomness.Select(r => r.Name));
        Tensor x = Tensor.Ones([1000]);
        Assert.False(model.Layers[0].Forward(x).Span.SequenceEqual(model.Layers[1].Forward(x).Span));
        Assert.InRange(model.Forward(x).ToArray().Count(v => v != 0), 200, 300); // a quarter stays, as 4
    }

    [Fact]
    public void Dropped_channels_and_samples_are_dropped_whole()
    {
        float[][] channels = [.. new Dropout2d(0.5, new Rng(1)).Forward(Tensor.Ones([8, 8, 9])).ToArray().Chunk(9)];
        Assert.All(channels, c => Assert.True(c.All(v => v == 0) || c.All(v => v == 2)));
        Assert.Equal(2, channels.Select(c => c[0]).Distinct().Count());
        float[][] samples = [.. new DropPath(0.25, new Rng(1)).Forward(Tensor.Ones([64, 9])).ToArray().Chunk(9)];
        Assert.All(samples, s => Assert.True(s.All(v => v == 0) || s.All(v => v == 1 / 0.75f)));
        Assert.Equal(2, samples.Select(s => s[0]).Distinct().Count());
    }

    [Fact]
    public void A_residual_adds_its_body()
    {
        Residual block = new(new Lambda("double", x => x * 2));
        Check.Same(block.Forward(Tensor.Of(1, 2)), Tensor.Of(3, 6));
    }

    [Fact]
    public void A_recurrent_layer_is_its_cell_step_by_step()
    {
        Tensor x = new Rng(1).Normal([2, 4, 3]);
        Lstm layer = new(3, 5, new Rng(2));
        LstmCell cell = new(3, 5, new Rng(2)); // the same draws in the same order
        RecurrentOutput whole = layer.Run(x);
        Tensor? h = null, c = null;
        for (int t = 0; t < 4; t++)
        {
            (h, c) = cell.Forward(x.Select(1, t), h, c);
            Check.Close(whole.Output.Select(1, t), h);
        }
        Check.Close(whole.Hidden.Select(0, 0), h!);
        Check.Close(whole.Cell.Select(0, 0), c!);
    }

    [Fact]
    public void A_padded_sample_of_a_recurrent_layer_gives_what_it_gives_alone()
    {
        Gru layer = new(3, 5, new Rng(2), new RecurrentSettings { Layers = 2, Bidirectional = true });
        Tensor x = new Rng(1).Normal([2, 6, 3]);
        RecurrentOutput both = layer.Run(x, lengths: IntTensor.Of(6, 4)), alone = layer.Run(x.Narrow(0, 1, 1).Narrow(1, 0, 4));
        Check.Close(both.Output.Narrow(0, 1, 1).Narrow(1, 0, 4), alone.Output);
        Check.Close(both.Hidden.Narrow(1, 1, 1), alone.Hidden);
    }

    [Fact]
    public void A_ConvLstm_of_single_pixels_is_an_Lstm()
    {
        ConvLstmCell maps = new(3, 5, 1, new Rng(2));
        LstmCell cell = new(3, 5, new Rng(3), bias: false);
        Tensor w = Tensor.Concat([cell.Weights.InputHidden, cell.Weights.HiddenHidden], 1), swapped = Swapped(w);
        maps.Load(new Dictionary<string, Tensor> { ["conv.weight"] = swapped.Reshape(20, 8, 1, 1), ["conv.bias"] = Tensor.Zeros([20]) });
        Tensor x = new Rng(4).Normal([2, 3]), h = new Rng(5).Normal([2, 5]), c = new Rng(6).Normal([2, 5]);
        (Tensor hidden, Tensor next) = cell.Forward(x, h, c);
        (Tensor hiddenMap, Tensor nextMap) = maps.Forward(x.Reshape(2, 3, 1, 1), h.Reshape(2, 5, 1, 1), c.Reshape(2, 5, 1, 1));
        Check.Close(hiddenMap.Reshape(2, 5), hidden);
        Check.Close(nextMap.Reshape(2, 5), next);

        // PyTorch's gates come in the order i, f, g, o; ConvLstm's as i, f, o, g.
        static Tensor Swapped(Tensor rows) => Tensor.Concat([rows.Narrow(0, 0, 10), rows.Narrow(0, 15, 5), rows.Narrow(0, 10, 5)], 0);
    }

    [Fact]
    public void A_ConvLstm_goes_on_from_its_states()
    {
        ConvLstm layer = new(2, [3, 4], 3, new Rng(1));
        Tensor x = new Rng(2).Normal([2, 5, 2, 4, 4]);
        (Tensor whole, _) = layer.Run(x);
        (_, IReadOnlyList<(Tensor, Tensor)> states) = layer.Run(x.Narrow(1, 0, 3));
        Check.Close(layer.Run(x.Narrow(1, 3, 2), states).Output, whole.Narrow(1, 3, 2));
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "linear", "Linear: " },
        { "batch", "BatchNorm(3) got x (2, 4); its second axis must be 3" },
        { "group", "GroupNorm: 3 groups do not divide 4 channels" },
        { "group input", "GroupNorm(2 groups, 4) got x (2, 3); its second axis must be 4" },
        { "instance", "InstanceNorm(3) got x (2, 3); it must be (N, 3, *)" },
        { "residual", "Residual: x (2, 3) becomes (2, 4) in the body but (2, 3) in the shortcut; give a shortcut that makes them equal" },
        { "heads", "MultiHeadAttention: 3 heads do not divide a width of 8" },
        { "attention", "MultiHeadAttention(8, 2 heads) got query (1, 4, 8), key (2, 4, 8) and value (2, 4, 8); needs (B, T, 8), (B, S, 8) and (B, S, 8)" },
        { "mask", "Attention: (3, 3) and (1, 2, 4, 4) do not" },
        { "lstm", "Lstm(3 → 4) got x (2, 5, 6); it must be (B, T, 3)" },
        { "cell", "GruCell(3 → 4) got x (2, 5); it must be (B, 3)" },
        { "maps", "ConvLstmCell(2 → 3) got x (2, 2, 4, 4) with h (2, 3, 4, 5) and c (2, 3, 4, 4); both must be (2, 3, 4, 4)" },
        { "places", "LearnedEncoding(5 × 6) got x (2, 6, 6); it must be (*, T, 6) with T up to 5" },
        { "rotary", "RotaryEncoding: the width must be even, got 5" },
        { "transposed", "ConvTranspose1d: 3 input and 4 output channels cannot be cut into 2 groups" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void What_does_not_fit_is_refused_with_the_shapes(string what, string message)
    {
        Rng rng = new(1);
        Tensor x = Tensor.Zeros([1, 4, 8]), y = Tensor.Zeros([2, 4, 8]);
        Action act = what switch
        {
            "linear" => () => new Linear(3, 4, rng).Forward(Tensor.Zeros([2, 5])),
            "batch" => () => new BatchNorm(3).Forward(Tensor.Zeros([2, 4])),
            "group" => () => _ = new GroupNorm(3, 4),
            "group input" => () => new GroupNorm(2, 4).Forward(Tensor.Zeros([2, 3])),
            "instance" => () => new InstanceNorm(3).Forward(Tensor.Zeros([2, 3])),
            "residual" => () => new Residual(new Linear(3, 4, rng)).Forward(Tensor.Zeros([2, 3])),
            "heads" => () => _ = new MultiHeadAttention(8, 3, rng),
            "attention" => () => new MultiHeadAttention(8, 2, rng).Forward(x, y, y),
            "mask" => () => new MultiHeadAttention(8, 2, rng).Forward(x, new AttentionOptions { Mask = Tensor.Ones([3, 3]) }),
            "lstm" => () => new Lstm(3, 4, rng).Forward(Tensor.Zeros([2, 5, 6])),
            "cell" => () => new GruCell(3, 4, rng).Forward(Tensor.Zeros([2, 5])),
            "maps" => () => new ConvLstmCell(2, 3, 3, rng).Forward(Tensor.Zeros([2, 2, 4, 4]), Tensor.Zeros([2, 3, 4, 5])),
            "places" => () => new LearnedEncoding(5, 6, rng).Forward(Tensor.Zeros([2, 6, 6])),
            "rotary" => () => _ = new RotaryEncoding(5),
            _ => () => _ = new ConvTranspose1d(3, 4, 3, rng, groups: 2),
        };
        Assert.StartsWith(message, Assert.Throws<ShapeException>(act).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(-0.1), InlineData(1.1), InlineData(double.NaN)]
    public void A_probability_outside_0_to_1_is_refused(double p)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(p, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultiHeadAttention(8, 2, new Rng(1), dropout: p));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lstm(3, 4, new Rng(1), new RecurrentSettings { Dropout = p }));
    }
}
