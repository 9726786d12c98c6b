using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class RecurrentTests
{
    private static readonly Golden Golden = Golden.Family("recurrent");

    [Theory, InlineData("lstm"), InlineData("gru"), InlineData("rnn_tanh"), InlineData("rnn_relu")]
    public void A_layer_matches_PyTorch(string kind) =>
        Golden.Check(kind, x => Flat(kind, Run(kind, x[0], Weights(x, Starts(kind) + 1, bias: true), Start(kind, x))), atol: 1e-4);

    [Theory, InlineData("lstm"), InlineData("gru"), InlineData("rnn_tanh"), InlineData("rnn_relu")]
    public void Both_directions_with_lengths_match_PyTorch(string kind) => Golden.Check($"{kind}_lengths", x => Flat(kind,
        Run(kind, x[0], Weights(x, Starts(kind) + 1, bias: true), Start(kind, x) with { Bidirectional = true, Lengths = IntTensor.Of(5, 3, 1) })), atol: 1e-4);

    [Theory, InlineData("lstm"), InlineData("gru"), InlineData("rnn_tanh"), InlineData("rnn_relu")]
    public void Two_layers_in_both_directions_without_bias_match_PyTorch(string kind) => Golden.Check($"{kind}_deep", x => Flat(kind,
        Run(kind, x[0], Weights(x, 1, bias: false), new RecurrentOptions { Bidirectional = true })), atol: 1e-4);

    [Theory, InlineData("lstm", 4), InlineData("gru", 3), InlineData("rnn_tanh", 1)]
    public void A_layer_equals_its_cell_step_by_step(string kind, int gates)
    {
        Rng rng = new(seed: 4);
        const int batch = 3, steps = 6, inputs = 5, size = 17;
        Tensor x = rng.Normal([batch, steps, inputs]);
        RecurrentWeights weights = RandomWeights(rng, gates, inputs, size);
        RecurrentOutput actual = Run(kind, x, [weights], new RecurrentOptions());
        Tensor h = Tensor.Zeros([batch, size]), c = h;
        for (int t = 0; t < steps; t++)
        {
            Tensor step = x.Select(1, t);
            if (kind == "lstm") (h, c) = step.LstmCell(h, c, weights);
            else h = kind == "gru" ? step.GruCell(h, weights) : step.RnnCell(h, weights);
            Check.Close(actual.Output.Select(1, t), h, atol: 1e-5, what: $"step {t}");
        }
        Check.Close(actual.Hidden.Select(0, 0), h, atol: 1e-5);
    }

    [Theory, InlineData("lstm", 4), InlineData("gru", 3), InlineData("rnn_tanh", 1), InlineData("rnn_relu", 1)]
    public void The_fused_way_and_the_differentiable_way_agree_on_odd_shapes(string kind, int gates)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            Rng rng = new(seed);
            int batch = 1 + rng.NextInt(6), steps = 1 + rng.NextInt(7), inputs = 1 + rng.NextInt(9), size = 1 + rng.NextInt(40);
            IntTensor lengths = IntTensor.From([.. Enumerable.Range(0, batch).Select(_ => rng.NextInt(steps + 1))], [batch]);
            RecurrentWeights w = RandomWeights(rng, gates, inputs, size);
            TwoWays.Agree(t => Flat(kind, Run(kind, t[0], [new(t[1], t[2], t[3], t[4])], new RecurrentOptions { Lengths = lengths })),
                rng.Normal([batch, steps, inputs]), w.InputHidden, w.HiddenHidden, w.InputBias!, w.HiddenBias!);
        }
    }

    [Fact]
    public void A_sample_in_a_padded_batch_gives_what_it_gives_alone()
    {
        Rng rng = new(seed: 9);
        RecurrentWeights[] weights = [RandomWeights(rng, 4, 3, 5), RandomWeights(rng, 4, 3, 5)];
        Tensor x = rng.Normal([2, 6, 3]), alone = x.Narrow(0, 1, 1).Narrow(1, 0, 4);
        RecurrentOutput both = x.Lstm(weights, new RecurrentOptions { Bidirectional = true, Lengths = IntTensor.Of(6, 4) });
        RecurrentOutput one = alone.Lstm(weights, new RecurrentOptions { Bidirectional = true });
        Check.Close(both.Output.Narrow(0, 1, 1).Narrow(1, 0, 4), one.Output);
        Check.Same(both.Output.Narrow(0, 1, 1).Narrow(1, 4, 2), Tensor.Zeros([1, 2, 10]));
        Check.Close(both.Hidden.Narrow(1, 1, 1), one.Hidden);
        Check.Close(both.Cell.Narrow(1, 1, 1), one.Cell);
    }

    [Fact]
    public void Results_are_bitwise_equal_for_any_number_of_threads()
    {
        Rng rng = new(seed: 2);
        Tensor x = rng.Normal([37, 5, 8]).Tracked();
        RecurrentWeights lstm = RandomWeights(rng, 4, 8, 65), gru = RandomWeights(rng, 3, 8, 65);
        Determinism.Check(() =>
        {
            Tensor a = x.Lstm([lstm]).Output, b = x.Gru([gru]).Output;
            return [a, b, Grad.Of(a.Sum(), x), Grad.Of(b.Sum(), x)];
        });
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_the_shapes()
    {
        RecurrentWeights w = RandomWeights(new Rng(1), 4, 3, 5);
        Refuses<ShapeException>(() => Tensor.Zeros([2, 3]).Lstm([w]), "Lstm: x must be (B, T, In) with at least one step, got (2, 3)");
        Refuses<ShapeException>(() => Tensor.Zeros([2, 4, 7]).Lstm([w]), "Lstm: inputs of size 7 and 5 units need an input weight of (20, 7), got (20, 3)");
        Refuses<ShapeException>(() => Tensor.Zeros([2, 4, 3]).Gru([w]), "Gru: the hidden weight must be (3 H, H), got (20, 5)");
        Refuses<ShapeException>(() => Tensor.Zeros([2, 4, 3]).Lstm([w], new RecurrentOptions { Hidden = Tensor.Zeros([1, 3, 5]) }), "Lstm: the start must be (1, 2, 5), got (1, 3, 5)");
        Refuses<ArgumentOutOfRangeException>(() => Tensor.Zeros([2, 4, 3]).Lstm([w], new RecurrentOptions { Lengths = IntTensor.Of(4, 5) }), "Lstm: length 5 is not from 0 to 4 steps");
        Refuses<ShapeException>(() => Tensor.Zeros([2, 3]).GruCell(Tensor.Zeros([2, 4]), RandomWeights(new Rng(1), 3, 3, 5)), "GruCell: x (2, 3) and 5 units need a state of (2, 5), got (2, 4)");

        static void Refuses<E>(Func<object> act, string message) where E : Exception => Assert.StartsWith(message, Assert.Throws<E>(act).Message);
    }

    private static int Starts(string kind) => kind == "lstm" ? 2 : 1;

    private static RecurrentOptions Start(string kind, Tensor[] x) => new() { Hidden = x[1], Cell = kind == "lstm" ? x[2] : null };

    private static RecurrentWeights[] Weights(Tensor[] x, int first, bool bias) =>
        [.. x[first..].Chunk(bias ? 4 : 2).Select(w => new RecurrentWeights(w[0], w[1], bias ? w[2] : null, bias ? w[3] : null))];

    private static RecurrentOutput Run(string kind, Tensor x, RecurrentWeights[] weights, RecurrentOptions options) => kind switch
    {
        "lstm" => x.Lstm(weights, options),
        "gru" => x.Gru(weights, options),
        _ => x.Rnn(weights, kind == "rnn_relu", options),
    };

    private static Tensor Flat(string kind, RecurrentOutput y) => kind == "lstm"
        ? Tensor.Concat([y.Output.Reshape(-1), y.Hidden.Reshape(-1), y.Cell.Reshape(-1)])
        : Tensor.Concat([y.Output.Reshape(-1), y.Hidden.Reshape(-1)]);

    private static RecurrentWeights RandomWeights(Rng rng, int gates, int inputs, int size) => new(rng.Normal([gates * size, inputs], 0, 0.3f),
        rng.Normal([gates * size, size], 0, 0.3f), rng.Normal([gates * size]), rng.Normal([gates * size]));
}
