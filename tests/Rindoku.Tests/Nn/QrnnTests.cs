using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

public sealed class QrnnTests
{
    [Fact]
    public void A_layer_is_a_causal_convolution_and_a_pooling()
    {
        QrnnLayer layer = new(3, 5, new Rng(1), window: 2);
        Tensor x = new Rng(2).Normal([2, 4, 3]), weight = layer.State()["weight"], bias = layer.State()["bias"];
        Tensor earlier = weight.Narrow(1, 0, 3), now = weight.Narrow(1, 3, 3);
        Tensor sums = x.Pad(1, 1, 0).Narrow(1, 0, 4).Linear(earlier) + x.Linear(now, bias);
        Check.Close(layer.Forward(x), sums.GatedPooling(PoolingKind.ForgetOutput).Output);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(4)]
    public void Pieces_with_the_state_carried_over_are_the_whole(int window)
    {
        Qrnn network = new(3, 6, new Rng(1), new QrnnSettings { Layers = 2, Window = window, FirstWindow = 3, Dense = true });
        Tensor x = new Rng(2).Normal([2, 9, 3]);
        QrnnOutput whole = network.Run(x);
        IReadOnlyList<QrnnState>? states = null;
        List<Tensor> pieces = [];
        foreach ((int from, int count) in ((int, int)[])[(0, 1), (1, 1), (2, 4), (6, 3)])
        {
            QrnnOutput piece = network.Run(x.Narrow(1, from, count), states);
            pieces.Add(piece.Output);
            states = piece.States;
        }
        Check.Close(Tensor.Concat([.. pieces], 1), whole.Output);
        for (int l = 0; l < 2; l++) Check.Close(states![l].Cell, whole.States[l].Cell);
    }

    [Fact]
    public void No_step_sees_the_future()
    {
        Qrnn network = new(2, 4, new Rng(1), new QrnnSettings { Layers = 2, Window = 3 });
        Tensor x = new Rng(2).Normal([1, 6, 2]).Tracked();
        for (int t = 0; t < 6; t++)
        {
            Tensor gradient = Grad.Of(network.Forward(x).Select(1, t).Sum(), x);
            for (int s = 0; s < 6; s++) Assert.Equal(s <= t, gradient.Select(1, s).ToArray().Any(g => g != 0));
        }
    }

    [Fact]
    public void A_sample_in_a_padded_batch_gives_what_it_gives_alone()
    {
        Qrnn network = new(3, 5, new Rng(1), new QrnnSettings { Layers = 2, Pooling = PoolingKind.InputForgetOutput });
        Tensor x = new Rng(2).Normal([2, 6, 3]);
        QrnnOutput both = network.Run(x, lengths: IntTensor.Of(6, 4)), alone = network.Run(x.Narrow(0, 1, 1).Narrow(1, 0, 4));
        Check.Close(both.Output.Narrow(0, 1, 1).Narrow(1, 0, 4), alone.Output);
        Check.Same(both.Output.Narrow(0, 1, 1).Narrow(1, 4, 2), Tensor.Zeros([1, 2, 5]));
        Check.Close(both.States[1].Cell.Narrow(0, 1, 1), alone.States[1].Cell);
    }

    [Fact]
    public void Zoneout_keeps_some_channels_and_is_its_expected_value_in_evaluation()
    {
        const double p = 0.3;
        QrnnLayer layer = new(2, 500, new Rng(1), window: 1, PoolingKind.Forget, zoneout: p), plain = new(2, 500, new Rng(1), window: 1, PoolingKind.Forget);
        Tensor x = new Rng(2).Normal([40, 1, 2]), all = plain.Forward(x), drawn = layer.Forward(x);
        // From nothing the first step gives (1 - f) z, or 0 where the old value is kept.
        int kept = 0;
        for (int i = 0; i < drawn.Length; i++)
        {
            if (drawn.Span[i] == 0) kept++;
            else Assert.Equal(all.Span[i], drawn.Span[i], 6);
        }
        Assert.InRange(kept / (double)drawn.Length, p - 0.02, p + 0.02);
        layer.Eval();
        Check.Close(layer.Forward(x), all * (float)(1 - p));
    }

    [Fact]
    public void Dense_layers_are_given_everything_below_them()
    {
        Qrnn network = new(3, 5, new Rng(1), new QrnnSettings { Layers = 3, Dense = true });
        Assert.Equal([3, 8, 13], network.Layers.Select(layer => layer.Inputs));
        Tensor x = new Rng(2).Normal([2, 4, 3]);
        QrnnOutput y = network.Run(x);
        Check.Same(y.Outputs[2], network.Layers[2].Forward(Tensor.Concat([x, y.Outputs[0], y.Outputs[1]], 2)));
    }

    [Fact]
    public void What_is_not_gated_times_the_gate_is_the_output()
    {
        QrnnLayer layer = new(3, 5, new Rng(1));
        Tensor x = new Rng(2).Normal([2, 4, 3]), added = new Rng(3).Normal([2, 1, 15]);
        (Tensor cells, Tensor gate, QrnnState state) = layer.RunUngated(x, added: added);
        (Tensor output, QrnnState other) = layer.Run(x, added: added);
        Check.Close(gate * cells, output);
        Check.Close(state.Cell, other.Cell);
        Assert.Throws<InvalidOperationException>(() => new QrnnLayer(3, 5, new Rng(1), pooling: PoolingKind.Forget).RunUngated(x));
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_words()
    {
        QrnnLayer layer = new(3, 5, new Rng(1));
        Assert.StartsWith("QrnnLayer(3 → 5, window 2) got x (2, 4); it must be (B, T, 3)", Assert.Throws<ShapeException>(() => layer.Forward(Tensor.Zeros([2, 4]))).Message);
        Assert.Contains("inputs carried over", Assert.Throws<ShapeException>(() => layer.Run(Tensor.Zeros([2, 4, 3]), new QrnnState(Tensor.Zeros([2, 5]), null))).Message, StringComparison.Ordinal);
        Assert.Contains("zoneout", Assert.Throws<ArgumentOutOfRangeException>(() => new QrnnLayer(3, 5, new Rng(1), zoneout: 1.5)).Message, StringComparison.Ordinal);
    }
}
