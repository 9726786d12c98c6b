using Rindoku.IO;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

/// <summary>Layers that load PyTorch's state dict and give its outputs and gradients; tests/golden/nn.py writes the cases.</summary>
public sealed class GoldenLayerTests
{
    private static readonly SafetensorsFile File = Safetensors.Read(Path.Combine(Golden.RepositoryRoot(), "tests", "golden", "nn.safetensors"));
    private static readonly Rng Start = new(seed: 1);

    private static readonly TransformerSettings PostNorm = new(8, 2, 12) { Dropout = 0.1 };
    private static readonly TransformerSettings PreNorm = PostNorm with { NormFirst = true, Activation = x => x.Gelu() };
    private static readonly AttentionOptions Causal = new() { Causal = true };
    private static readonly AttentionOptions Padding = new() { Mask = MultiHeadAttention.MaskOfLengths(IntTensor.Of(5, 3), 5) };

    private static readonly Dictionary<string, (Module Module, Func<Tensor[], Tensor> Call)> Cases = new Dictionary<string, (Module, Func<Tensor[], Tensor>)>
    {
        ["linear"] = Of(new Linear(3, 4, Start)),
        ["layer_norm"] = Of(new LayerNorm([3, 4])),
        ["group_norm"] = Of(new GroupNorm(2, 4)),
        ["instance_norm"] = Of(new InstanceNorm(3, affine: true)),
        ["prelu"] = Of(new PRelu(3)),
        ["embedding"] = Of(new Embedding(7, 3, Start, paddingIndex: 2), (m, _) => m.Forward(File.Integers["embedding/in0"])),
        ["conv_transpose1d"] = Of(new ConvTranspose1d(4, 6, 3, Start, stride: 2, padding: 1, outputPadding: 1, groups: 2)),
        ["conv_transpose2d"] = Of(new ConvTranspose2d(3, 2, (3, 2), Start, stride: 2)),
        ["conv_transpose3d"] = Of(new ConvTranspose3d(2, 3, 2, Start, dilation: 2)),
        ["weight_norm"] = Of(new WeightNorm(new Conv2d(2, 3, 2, Start))),
        ["weight_norm_transpose"] = Of(new WeightNorm(new ConvTranspose1d(2, 3, 2, Start))),
        ["spectral_norm"] = Of(new SpectralNorm(new Linear(4, 3, Start), Start)),
        ["spectral_norm_transpose"] = Of(new SpectralNorm(new ConvTranspose2d(2, 3, 2, Start), Start)),
        ["spectral_norm_evaluation"] = Of(new SpectralNorm(new Conv1d(2, 3, 2, Start), Start)),
        ["attention_self"] = Of(new MultiHeadAttention(8, 2, Start)),
        ["attention_causal"] = Of(new MultiHeadAttention(8, 4, Start, bias: false), (m, x) => m.Forward(x[0], Causal)),
        ["attention_padding"] = Of(new MultiHeadAttention(8, 2, Start), (m, x) => m.Forward(x[0], Padding)),
        ["attention_cross"] = Of(new MultiHeadAttention(8, 2, Start), (m, x) => m.Forward(x[0], x[1], x[2], Padding)),
        ["attention_widths"] = Of(new MultiHeadAttention(8, 2, Start, keyWidth: 3, valueWidth: 5), (m, x) => m.Forward(x[0], x[1], x[2])),
        ["encoder_layer"] = Of(new TransformerEncoderLayer(PostNorm, Start), (m, x) => m.Forward(x[0], Padding)),
        ["encoder_layer_first"] = Of(new TransformerEncoderLayer(PreNorm, Start), (m, x) => m.Forward(x[0], Causal)),
        ["decoder_layer"] = Of(new TransformerDecoderLayer(PostNorm, Start), (m, x) => m.Forward(x[0], x[1])),
        ["decoder_layer_first"] = Of(new TransformerDecoderLayer(PreNorm, Start), (m, x) => m.Forward(x[0], x[1])),
        ["encoder"] = Of(new TransformerEncoder(PostNorm with { NormFirst = true }, 2, Start)),
        ["decoder"] = Of(new TransformerDecoder(PostNorm, 2, Start), (m, x) => m.Forward(x[0], x[1])),
        ["rnn"] = Of(new Rnn(3, 4, Start, new RecurrentSettings { Layers = 2 }, relu: true), (m, x) => Flat(m.Run(x[0], x[1]))),
        ["lstm"] = Of(new Lstm(3, 4, Start, new RecurrentSettings { Layers = 2, Bidirectional = true }), (m, x) => Flat(m.Run(x[0], x[1], x[2]), cell: true)),
        ["gru"] = Of(new Gru(3, 4, Start, new RecurrentSettings { Layers = 2, Bidirectional = true, Bias = false }), (m, x) => Flat(m.Run(x[0], x[1]))),
        ["rnn_cell"] = Of(new RnnCell(3, 4, Start), (m, x) => m.Forward(x[0], x[1])),
        ["lstm_cell"] = Of(new LstmCell(3, 4, Start), (m, x) => Both(m.Forward(x[0], x[1], x[2]))),
        ["gru_cell"] = Of(new GruCell(3, 4, Start), (m, x) => m.Forward(x[0], x[1])),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Fact]
    public void Every_golden_case_is_tested() =>
        Assert.Equal(File.Tensors.Keys.Select(key => key.Split('/')[0]).Distinct().Order(StringComparer.Ordinal), Cases.Keys.Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Names))]
    public void A_layer_with_the_state_of_PyTorchs_gives_its_outputs_and_gradients(string name)
    {
        (Module module, Func<Tensor[], Tensor> call) = Cases[name];
        module.Load(Under($"{name}/state."));
        module.Eval();
        if (name is "spectral_norm" or "spectral_norm_transpose") module.Train(); // the power iteration is a part of the case
        Tensor[] inputs = [.. Enumerable.Range(0, 4).Where(i => File.Tensors.ContainsKey($"{name}/in{i}")).Select(i => File.Tensors[$"{name}/in{i}"].Tracked())];

        Tensor y = call(inputs);
        Check.Close(y, File.Tensors[$"{name}/y"], rtol: 1e-4, atol: 1e-5, "output");

        (string Name, Parameter Parameter)[] parameters = [.. module.NamedParameters];
        Tensor[] gradients = Grad.Vjp(y, File.Tensors[$"{name}/dy"], [.. inputs, .. parameters.Select(p => p.Parameter)], allowUnused: true);
        for (int i = 0; i < inputs.Length; i++) Check.Close(gradients[i], File.Tensors[$"{name}/g{i}"], rtol: 1e-4, atol: 3e-5, $"gradient by input {i}");
        for (int i = 0; i < parameters.Length; i++)
            Check.Close(gradients[inputs.Length + i], File.Tensors[$"{name}/grad.{parameters[i].Name}"], rtol: 1e-4, atol: 3e-5, $"gradient by {parameters[i].Name}");
    }

    private static Dictionary<string, Tensor> Under(string prefix) => File.Tensors
        .Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[prefix.Length..], t => t.Value);

    private static (Module, Func<Tensor[], Tensor>) Of(Layer layer) => (layer, x => layer.Forward(x[0]));

    private static (Module, Func<Tensor[], Tensor>) Of<M>(M module, Func<M, Tensor[], Tensor> call) where M : Module => (module, x => call(module, x));

    private static Tensor Flat(RecurrentOutput y, bool cell = false) => cell
        ? Tensor.Concat([y.Output.Reshape(-1), y.Hidden.Reshape(-1), y.Cell.Reshape(-1)])
        : Tensor.Concat([y.Output.Reshape(-1), y.Hidden.Reshape(-1)]);

    private static Tensor Both((Tensor Hidden, Tensor Cell) state) => Tensor.Stack([state.Hidden, state.Cell]);
}
