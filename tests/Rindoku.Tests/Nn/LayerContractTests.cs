using Rindoku.IO;
using Rindoku.Nn;
using Rindoku.Nn.Binary;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

/// <summary>What every layer must do, whichever it is: its shape, its keys, gradients to all parameters, files, evaluation without chance.</summary>
public sealed class LayerContractTests
{
    private static readonly TransformerSettings Transformer = new(8, 2, 12) { Dropout = 0.5 };

    private static readonly Dictionary<string, Contract> Contracts = new()
    {
        ["Linear"] = Of(r => new Linear(3, 4, r), [2, 5, 3], [2, 5, 4], "weight bias"),
        ["Conv2d"] = Of(r => new Conv2d(2, 4, 3, r, padding: 1, groups: 2), [2, 2, 5, 4], [2, 4, 5, 4], "weight bias"),
        ["BinaryLinear"] = Of(r => new BinaryLinear(3, 4, r), [2, 3], [2, 4], "weight bias"),
        ["BinaryConv2d"] = Of(r => new BinaryConv2d(2, 4, 3, r, padding: 1, scaled: true, bias: false), [2, 2, 5, 4], [2, 4, 5, 4], "weight"),
        ["ConvTranspose1d"] = Of(r => new ConvTranspose1d(2, 3, 4, r, stride: 2, padding: 1), [2, 2, 5], [2, 3, 10], "weight bias"),
        ["ConvTranspose2d"] = Of(r => new ConvTranspose2d(2, 3, 2, r, bias: false), [2, 2, 5, 4], [2, 3, 6, 5], "weight"),
        ["ConvTranspose3d"] = Of(r => new ConvTranspose3d(2, 3, (1, 2, 3), r), [2, 2, 3, 3, 3], [2, 3, 3, 4, 5], "weight bias"),
        ["BatchNorm"] = Of(_ => new BatchNorm(3), [4, 3, 5], [4, 3, 5], "weight bias running_mean running_var"),
        ["LayerNorm"] = Of(_ => new LayerNorm(6), [4, 3, 6], [4, 3, 6], "weight bias"),
        ["LayerNorm without shift"] = Of(_ => new LayerNorm(6, bias: false), [4, 6], [4, 6], "weight"),
        ["RmsNorm"] = Of(_ => new RmsNorm(6), [4, 6], [4, 6], "weight"),
        ["GroupNorm"] = Of(_ => new GroupNorm(2, 6), [4, 6, 3], [4, 6, 3], "weight bias"),
        ["InstanceNorm"] = Of(_ => new InstanceNorm(3, affine: true), [4, 3, 5], [4, 3, 5], "weight bias"),
        ["WeightNorm"] = Of(r => new WeightNorm(new Linear(3, 4, r)), [2, 3], [2, 4], "bias weight_g weight_v"),
        ["SpectralNorm"] = Of(r => new SpectralNorm(new Conv1d(2, 3, 3, r, bias: false), r), [2, 2, 5], [2, 3, 3], "weight_orig weight_u weight_v"),
        ["PRelu"] = Of(_ => new PRelu(3), [2, 3, 4], [2, 3, 4], "weight"),
        ["Dropout"] = Of(r => new Dropout(0.5, r), [4, 6], [4, 6], ""),
        ["Dropout2d"] = Of(r => new Dropout2d(0.5, r), [4, 6, 2, 2], [4, 6, 2, 2], ""),
        ["AlphaDropout"] = Of(r => new AlphaDropout(0.5, r), [4, 6], [4, 6], ""),
        ["DropPath"] = Of(r => new DropPath(0.5, r), [16, 3], [16, 3], ""),
        ["Identity"] = Of(_ => new Identity(), [2, 3], [2, 3], ""),
        ["Flatten"] = Of(_ => new Flatten(), [2, 3, 4], [2, 12], ""),
        ["Residual"] = Of(r => new Residual(new Linear(3, 4, r), new Linear(3, 4, r, bias: false)), [2, 3], [2, 4], "body.weight body.bias shortcut.weight"),
        ["Sequential"] = Of(r => new Sequential(new Linear(3, 4, r), Activation.Tanh, new Linear(4, 2, r)), [2, 3], [2, 2], "0.weight 0.bias 2.weight 2.bias"),
        ["SinusoidalEncoding"] = Of(_ => new SinusoidalEncoding(6), [2, 5, 6], [2, 5, 6], ""),
        ["LearnedEncoding"] = Of(r => new LearnedEncoding(5, 6, r), [2, 5, 6], [2, 5, 6], "weight"),
        ["RotaryEncoding"] = Of(_ => new RotaryEncoding(6), [2, 5, 6], [2, 5, 6], ""),
        ["MultiHeadAttention"] = Of(r => new MultiHeadAttention(8, 2, r, dropout: 0.5), [3, 5, 8], [3, 5, 8],
            "in_proj_weight in_proj_bias out_proj.weight out_proj.bias"),
        ["TransformerEncoderLayer"] = Of(r => new TransformerEncoderLayer(Transformer, r), [3, 5, 8], [3, 5, 8], EncoderKeys("")),
        ["TransformerEncoder"] = Of(r => new TransformerEncoder(Transformer with { NormFirst = true, Rotary = new RotaryEncoding(4) }, 2, r), [3, 5, 8], [3, 5, 8],
            $"{EncoderKeys("layers.0.")} {EncoderKeys("layers.1.")} norm.weight norm.bias"),
        ["Rnn"] = Of(r => new Rnn(3, 4, r), [2, 5, 3], [2, 5, 4], "weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0"),
        ["Lstm"] = Of(r => new Lstm(3, 4, r, new RecurrentSettings { Layers = 2, Dropout = 0.5 }), [2, 5, 3], [2, 5, 4],
            "weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0 weight_ih_l1 weight_hh_l1 bias_ih_l1 bias_hh_l1"),
        ["Gru"] = Of(r => new Gru(3, 4, r, new RecurrentSettings { Bidirectional = true, Bias = false }), [2, 5, 3], [2, 5, 8],
            "weight_ih_l0 weight_hh_l0 weight_ih_l0_reverse weight_hh_l0_reverse"),
        ["QrnnLayer"] = Of(r => new QrnnLayer(3, 4, r, window: 3, PoolingKind.InputForgetOutput), [2, 5, 3], [2, 5, 4], "weight bias"),
        ["Qrnn"] = Of(r => new Qrnn(3, 4, r, new QrnnSettings { Layers = 2, Zoneout = 0.3, Dropout = 0.3, Dense = true, FirstWindow = 1 }), [2, 5, 3], [2, 5, 4],
            "layers.0.weight layers.0.bias layers.1.weight layers.1.bias"),
        ["ConvLstm"] = Of(r => new ConvLstm(2, [3, 4], 3, r), [2, 3, 2, 5, 4], [2, 3, 4, 5, 4],
            "cells.0.conv.weight cells.0.conv.bias cells.1.conv.weight cells.1.conv.bias"),
    };

    public static TheoryData<string> Names => [.. Contracts.Keys];

    [Theory, MemberData(nameof(Names))]
    public void The_output_has_its_shape_and_the_state_has_its_keys(string name)
    {
        (Layer layer, Tensor x) = Make(name);
        Assert.Equal(Contracts[name].Output, layer.Forward(x).Shape);
        Assert.Equal(Contracts[name].Keys.Order(StringComparer.Ordinal), layer.State().Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("Rindoku.", layer.ToString(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_parameter_and_the_input_receive_a_gradient(string name)
    {
        (Layer layer, Tensor x) = Make(name);
        Tensor leaf = x.Tracked(), y = layer.Forward(leaf);
        (string Name, Parameter Parameter)[] parameters = [.. layer.NamedParameters];
        Tensor[] gradients = Grad.Vjp(y, new Rng(3).Normal(y.Shape), [leaf, .. parameters.Select(p => p.Parameter)]);
        for (int i = 0; i < gradients.Length; i++)
        {
            string what = i == 0 ? "the input" : parameters[i - 1].Name;
            Assert.True(gradients[i].ToArray().All(float.IsFinite), $"{name}: the gradient by {what} is not finite");
            Assert.True(gradients[i].ToArray().Any(g => g != 0), $"{name}: the gradient by {what} is 0 everywhere");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_layer_loaded_from_a_file_is_the_same_layer(string name)
    {
        (Layer layer, Tensor x) = Make(name);
        layer.Forward(x); // moves running statistics and singular vectors
        layer.Eval();
        using MemoryStream file = new();
        Safetensors.Write(file, layer.State());
        file.Position = 0;

        Layer other = Contracts[name].Create(new Rng(seed: 77));
        other.Eval();
        other.Load(Safetensors.Read(file).Tensors);
        Check.Same(other.Forward(x), layer.Forward(x));
    }

    [Theory, MemberData(nameof(Names))]
    public void Evaluation_draws_nothing_and_training_differs_where_there_is_chance(string name)
    {
        (Layer layer, Tensor x) = Make(name);
        bool random = layer.NamedRandomness.Any();
        Tensor first = layer.Forward(x), second = layer.Forward(x);
        Assert.Equal(random || name == "SpectralNorm", !first.Span.SequenceEqual(second.Span)); // its u and v move in training

        layer.Eval();
        (long, long, long)[] before = [.. layer.NamedRandomness.Select(r => r.Randomness.State)];
        Check.Same(layer.Forward(x), layer.Forward(x));
        Assert.Equal(before, layer.NamedRandomness.Select(r => r.Randomness.State));
        if (random || name == "BatchNorm") Assert.False(first.Span.SequenceEqual(layer.Forward(x).Span), $"{name} is the same in training and evaluation");
    }

    [Theory, MemberData(nameof(Names))]
    public void A_state_with_a_key_too_few_or_too_many_is_refused(string name)
    {
        (Layer layer, _) = Make(name);
        Dictionary<string, Tensor> state = new(layer.State()) { ["stranger"] = Tensor.Ones([1]) };
        Assert.Contains("1 not known: stranger", Assert.Throws<StateException>(() => layer.Load(state)).Message, StringComparison.Ordinal);
        if (Contracts[name].Keys is not [string key, ..]) return;
        state.Remove("stranger");
        state.Remove(key);
        Assert.Contains($"1 missing: {key}", Assert.Throws<StateException>(() => layer.Load(state)).Message, StringComparison.Ordinal);
    }

    private static (Layer Layer, Tensor Input) Make(string name) => (Contracts[name].Create(new Rng(seed: 5)), new Rng(seed: 6).Normal(Contracts[name].Input));

    private static Contract Of(Func<Rng, Layer> create, Shape input, Shape output, string keys) =>
        new(create, input, output, keys.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string EncoderKeys(string prefix) => string.Join(' ', new[]
    {
        "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias", "linear1.weight", "linear1.bias",
        "linear2.weight", "linear2.bias", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias",
    }.Select(key => prefix + key));

    private sealed record Contract(Func<Rng, Layer> Create, Shape Input, Shape Output, string[] Keys);
}
