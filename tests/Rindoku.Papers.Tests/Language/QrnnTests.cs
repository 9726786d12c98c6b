using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Papers.Language.Qrnn;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Language;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class QrnnTests
{
    private static readonly float[] Z = [1, -0.5f, 0.25f, 2], F = [0, 1, -1, 2], O = [0.5f, -0.5f, 0, 1], I = [-1, 0, 1, 2];

    [Theory]
    [InlineData(PoolingKind.Forget, 0.380797f, 0.154103f, 0.220494f, 0.309126f)]
    [InlineData(PoolingKind.ForgetOutput, 0.237031f, 0.058180f, 0.110247f, 0.225989f)]
    [InlineData(PoolingKind.InputForgetOutput, 0.127495f, -0.030702f, 0.078590f, 0.721961f)]
    public void The_worked_pooling_of_the_sheet(PoolingKind kind, params float[] expected) =>
        Check.Close(Sums(kind, Z, F, O, I).GatedPooling(kind).Output.Reshape(4), Tensor.Of(expected), atol: 1e-6);

    [Fact]
    public void Closed_gates_keep_the_start_for_ever_and_open_ones_let_everything_through()
    {
        Tensor start = Tensor.Of(0.7f).Reshape(1, 1);
        GatedPoolingOptions from = new() { Start = start };
        float[] shut = [100, 100, 100, 100], open = [-100, -100, -100, -100];
        Check.Close(Sums(PoolingKind.Forget, Z, open).GatedPooling(PoolingKind.Forget, from).Output.Reshape(4), Tensor.Of(Z).Tanh(), rtol: 1e-6);
        Check.Same(Sums(PoolingKind.Forget, Z, shut).GatedPooling(PoolingKind.Forget, from).Output.Reshape(4), Tensor.Full([4], 0.7f));
        // σ(-x) = 1 - σ(x): an input gate of the opposite sum makes ifo-pooling fo-pooling, and an open output gate makes that f-pooling.
        Tensor fo = Sums(PoolingKind.ForgetOutput, Z, F, O).GatedPooling(PoolingKind.ForgetOutput, from).Output;
        Check.Close(Sums(PoolingKind.InputForgetOutput, Z, F, O, [.. F.Select(f => -f)]).GatedPooling(PoolingKind.InputForgetOutput, from).Output, fo, atol: 1e-6);
        Check.Close(Sums(PoolingKind.ForgetOutput, Z, F, shut).GatedPooling(PoolingKind.ForgetOutput, from).Output,
            Sums(PoolingKind.Forget, Z, F).GatedPooling(PoolingKind.Forget, from).Output, atol: 1e-6);
    }

    [Fact]
    public void Pairs_of_steps_combined_in_any_order_give_the_same_as_step_by_step()
    {
        // (a, b) then (a', b') is (a a', a' b + b'): halves are scanned apart and put together.
        Rng rng = new(1);
        Tensor sums = rng.Normal([1, 16, 2]), c = sums.GatedPooling(PoolingKind.Forget).Output;
        for (int t = 0; t < 16; t++) Assert.Equal(Combined(0, t).B, c[0, t, 0], 1e-6);

        (double A, double B) Combined(int from, int to)
        {
            if (from == to)
            {
                double f = 1 / (1 + Math.Exp(-sums[0, from, 1]));
                return (f, (1 - f) * Math.Tanh(sums[0, from, 0]));
            }
            int middle = (from + to) / 2;
            ((double a, double b), (double a2, double b2)) = (Combined(from, middle), Combined(middle + 1, to));
            return (a * a2, a2 * b + b2);
        }
    }

    [Fact]
    public void The_way_back_is_the_authors()
    {
        // dz_t = (1 - f_t) g_t, df_t = (h_{t-1} - z_t) g_t, g_{t-1} += f_t g_t, and what is left of g is the gradient of the start.
        Tensor sums = Sums(PoolingKind.Forget, Z, F).Tracked(), start = Tensor.Of(0.3f).Reshape(1, 1).Tracked();
        Tensor h = sums.GatedPooling(PoolingKind.Forget, new() { Start = start }).Output, dh = Tensor.Of(1, -2, 0.5f, 3).Reshape(1, 4, 1);
        Tensor[] gradients = Grad.Vjp(h, dh, [sums, start]);
        double g = 0;
        for (int t = 3; t >= 0; t--)
        {
            double z = Math.Tanh(Z[t]), f = 1 / (1 + Math.Exp(-F[t])), before = t > 0 ? h.Span[t - 1] : 0.3;
            g += dh.Span[t];
            Assert.Equal((1 - f) * g * (1 - z * z), gradients[0][0, t, 0], 1e-5);
            Assert.Equal((before - z) * g * f * (1 - f), gradients[0][0, t, 1], 1e-5);
            g *= f;
        }
        Assert.Equal(g, gradients[1].Item(), 1e-5);
    }

    [Fact]
    public void Channels_in_another_order_come_out_in_that_order()
    {
        Tensor sums = new Rng(1).Normal([2, 5, 3, 7]);
        IntTensor order = IntTensor.Of(new Rng(2).Permutation(7));
        Tensor plain = sums.Reshape(2, 5, 21).GatedPooling(PoolingKind.ForgetOutput).Output;
        Check.Same(sums.IndexSelect(3, order).Reshape(2, 5, 21).GatedPooling(PoolingKind.ForgetOutput).Output, plain.IndexSelect(2, order));
    }

    [Theory, InlineData(10, 64, 2), InlineData(300, 256, 2), InlineData(640, 640, 2), InlineData(64, 64, 1)]
    public void A_layer_has_3_m_times_k_n_plus_1_parameters(int n, int m, int k) =>
        Assert.Equal(3L * m * (k * n + 1), new QrnnLayer(n, m, new Rng(1), k).ParameterCount);

    [Theory, InlineData(RecurrentKind.Lstm, PoolingKind.ForgetOutput, 2, 74_945), InlineData(RecurrentKind.Qrnn, PoolingKind.ForgetOutput, 2, 57_921)]
    [InlineData(RecurrentKind.Qrnn, PoolingKind.ForgetOutput, 1, 33_345), InlineData(RecurrentKind.Qrnn, PoolingKind.Forget, 2, 41_409)]
    public void Language_models_of_the_sheet_have_its_parameters(RecurrentKind network, PoolingKind pooling, int window, long expected)
    {
        QrnnExperimentSettings s = new() { Network = network, Pooling = pooling, Window = window };
        Assert.Equal(expected, new LanguageModel(s, 65, new Rng(1)).ParameterCount);
    }

    [Fact]
    public void Zoneout_of_everything_keeps_the_start()
    {
        QrnnLayer layer = new(3, 4, new Rng(1), pooling: PoolingKind.Forget, zoneout: 1);
        Tensor start = new Rng(2).Normal([2, 4]), y = layer.Run(new Rng(3).Normal([2, 5, 3]), new QrnnState(start, Tensor.Zeros([2, 1, 3]))).Output;
        for (int t = 0; t < 5; t++) Check.Same(y.Select(1, t), start);
    }

    [Fact]
    public void Without_bridges_and_attention_a_decoder_is_a_plain_qrnn()
    {
        QrnnExperimentSettings s = new() { Units = 6, Embedding = 5, Layers = 2, Attention = false };
        Translator model = Translator.Of(s, 10, 11, new Rng(1));
        foreach ((string name, Parameter p) in model.NamedParameters)
            if (name.StartsWith("bridges", StringComparison.Ordinal)) p.Values.Clear();
        IntTensor inputs = IntTensor.From([1, 4, 2, 7, 3, 3], [2, 3]);
        Nn.Qrnn plain = new(5, 6, new Rng(2), new QrnnSettings { Layers = 2 });
        plain.Load(model.State().Where(p => p.Key.StartsWith("decoder", StringComparison.Ordinal)).ToDictionary(p => p.Key.Replace("decoder", "layers", StringComparison.Ordinal), p => p.Value));
        Linear answer = new(6, 11, new Rng(3));
        answer.Load(new Dictionary<string, Tensor> { ["weight"] = model.State()["answer.weight"], ["bias"] = model.State()["answer.bias"] });
        Tensor expected = answer.Forward(plain.Forward(model.State()["target.weight"].Embedding(inputs)));
        foreach (int[] source in (int[][])[[1, 2, 3, 4], [9, 9, 9, 9]])
            Check.Close(model.Decode(inputs, model.Encode(IntTensor.From(source, [2, 2]), IntTensor.Of(2, 2))).Logits, expected);
    }

    [Theory, InlineData(RecurrentKind.Qrnn), InlineData(RecurrentKind.Lstm)]
    public void Attention_to_a_single_position_sees_that_position_and_padding_is_not_seen(RecurrentKind network)
    {
        QrnnExperimentSettings s = new() { Units = 6, Embedding = 5, Layers = 2, Network = network };
        Translator model = Translator.Of(s, 10, 11, new Rng(1));
        IntTensor inputs = IntTensor.From([1, 4, 2], [1, 3]);
        Encoded one = model.Encode(IntTensor.From([7], [1, 1]), IntTensor.Of(1)), padded = model.Encode(IntTensor.From([7, 0, 0], [1, 3]), IntTensor.Of(1));
        Check.Same(model.Attention(inputs, one), Tensor.Ones([1, 3, 1]));
        Check.Close(model.Attention(inputs, padded), Tensor.Of(1, 0, 0, 1, 0, 0, 1, 0, 0).Reshape(1, 3, 3));
        Check.Close(model.Decode(inputs, padded).Logits, model.Decode(inputs, one).Logits);
    }

    [Theory, InlineData(RecurrentKind.Qrnn, true), InlineData(RecurrentKind.Qrnn, false), InlineData(RecurrentKind.Lstm, true)]
    public void Decoding_step_by_step_gives_what_decoding_at_once_gives(RecurrentKind network, bool attention)
    {
        QrnnExperimentSettings s = new() { Units = 6, Embedding = 5, Layers = 3, Network = network, Attention = attention, FirstWindow = 4 };
        Translator model = Translator.Of(s, 10, 11, new Rng(1));
        model.Eval();
        Encoded source = model.Encode(IntTensor.From([1, 2, 3, 4, 5, 0], [2, 3]), IntTensor.Of(3, 2));
        IntTensor inputs = IntTensor.From([1, 4, 2, 8, 7, 3, 3, 5], [2, 4]);
        Tensor whole = model.Decode(inputs, source).Logits;
        Tensor[]? state = null;
        for (int t = 0; t < 4; t++)
        {
            (Tensor logits, state) = model.Decode(IntTensor.From([inputs[t], inputs[4 + t]], [2, 1]), source, state);
            Check.Close(logits.Select(1, 0), whole.Select(1, t), atol: 1e-5);
        }
    }

    [Theory, InlineData(RecurrentKind.Qrnn), InlineData(RecurrentKind.Lstm)]
    public void A_beam_of_one_writes_what_is_likeliest_at_each_step(RecurrentKind network)
    {
        QrnnExperimentSettings s = new() { Units = 6, Embedding = 5, Network = network, Beam = 1, Longest = 6, Window = 3 };
        Vocabulary vocabulary = CharacterTokenizer.Train("abcdefg", symbols: SpecialSymbols.All).Vocabulary;
        Translator model = Translator.Of(s, vocabulary.Count, vocabulary.Count, new Rng(5));
        model.Eval();
        Encoded source = model.Encode(IntTensor.From([4, 5, 6, 7, 8, 0], [2, 3]), IntTensor.Of(3, 2));
        int[][] greedy = TranslationArm.SideBySide(model, source, 2, vocabulary, 2 * s.Longest);
        for (int i = 0; i < 2; i++) Assert.Equal(greedy[i], TranslationArm.ByBeam(model, source.Rows(IntTensor.Of(i)), vocabulary, s));
        Assert.Contains(greedy, tokens => tokens.Length > 0);
    }

    [Theory, InlineData(RecurrentKind.Qrnn), InlineData(RecurrentKind.Lstm)]
    public void A_language_model_in_segments_is_the_same_as_at_once(RecurrentKind network)
    {
        LanguageModel model = new(new QrnnExperimentSettings { Units = 6, Embedding = 5, Network = network }, 11, new Rng(1));
        IntTensor text = IntTensor.Of([.. Enumerable.Range(0, 25).Select(i => i * i % 11)]);
        Assert.Equal(Bits(24), Bits(5), 4);

        double Bits(int length)
        {
            Perplexity perplexity = new();
            CarriedState carried = new();
            foreach (TextSegment segment in new BpttBatches(text, 1, length).Epoch(0, scoped: false))
                perplexity.Add(model.Loss(segment, carried, Reduction.Sum).Item(), segment.Targets.Length);
            return perplexity.BitsPerToken;
        }
    }

    [Fact]
    public void Reviews_of_the_grammar_mean_what_they_are_labelled()
    {
        IReadOnlyList<Review> reviews = ReviewGrammar.Make(400, new Rng(1));
        Assert.Equal(200, reviews.Count(review => review.Positive));
        Assert.All(reviews, review => Assert.Equal(review.Positive, Judge(review.Text)));
        Assert.Contains(reviews, review => review.Text.Contains("although", StringComparison.Ordinal));
        Assert.Equal(reviews, ReviewGrammar.Make(400, new Rng(1)));
    }

    // A reader of its own: the clause that counts, its adjective, turned round by a negation.
    private static bool Judge(string text)
    {
        string[] bad = ["bad", "dull", "silly", "tedious", "awful", "stale", "clumsy", "boring", "shallow", "ugly", "fake", "dreadful", "weak", "cold", "lazy", "poor"];
        string[] negations = ["not", "never", "hardly", "anything"];
        string[] openings = ["rainy evening , ", "read of it , ", "to be honest , ", "series , and ", "thought : "];
        string opening = openings.FirstOrDefault(words => text.Contains(words, StringComparison.Ordinal)) ?? "";
        string body = opening.Length == 0 ? text : text[(text.IndexOf(opening, StringComparison.Ordinal) + opening.Length)..];
        if (body.StartsWith("although ", StringComparison.Ordinal)) body = body[(body.IndexOf(" , ", StringComparison.Ordinal) + 3)..];
        else if (body.Contains(" , but ", StringComparison.Ordinal)) body = body[(body.IndexOf(" , but ", StringComparison.Ordinal) + 7)..];
        else if (body.Contains(" , although ", StringComparison.Ordinal)) body = body[..body.IndexOf(" , although ", StringComparison.Ordinal)];
        string clause = body.Split(" and ")[0];
        string[] words = clause.Split(' ');
        return !words.Any(bad.Contains) != words.Any(negations.Contains);
    }

    [Fact]
    public void Reversed_letters_are_the_letters_from_back_to_front()
    {
        Translation[] pairs = PairTask.Reversals(50, new QrnnExperimentSettings { Shortest = 8, Longest = 12 }, new Rng(1));
        Assert.All(pairs, pair => Assert.InRange(pair.Source.Length, 8, 12));
        Assert.All(pairs, pair => Assert.Equal(pair.Target, string.Concat(pair.Source.Reverse())));
        Assert.Equal(5, pairs.Select(pair => pair.Source.Length).Distinct().Count());
    }

    [Theory]
    [InlineData("pooling=max", "needed one of"), InlineData("units=0", "needed a value from"), InlineData("speed-lengths=64,16", "growing"), InlineData("shortest=20", "at most the longest"), InlineData("zoneout=1.5", "zoneout"), InlineData("batch-size=30000", "fewer streams")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new QrnnExperiment().Settings(Profile.Quick, "lm-fo", [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    // (1, T, G): the gates' sums of one channel.
    private static Tensor Sums(PoolingKind kind, params float[][] gates)
    {
        int count = TensorOps.GatesOf(kind), steps = gates[0].Length;
        return Tensor.Generate([1, steps, count], i => gates[i % count][i / count]);
    }
}
