using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.Binary;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Papers.Vision.XnorNet;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class XnorNetTests
{
    private static readonly Tensor Image = Tensor.From([1, -2, 0.5f, 0, 1, -1, 2, -0.5f, 1, -1, 1, 2, 0.5f, -0.5f, 1, 1, 1, -2], [1, 2, 3, 3]);
    private static readonly Tensor Filter = Tensor.From([0.2f, -0.4f, 0.1f, 0.3f, -0.5f, 0.2f, 0.1f, -0.2f], [1, 2, 2, 2]);

    [Fact]
    public void The_example_of_the_sheet()
    {
        Check.Close(Image.Abs().Mean([1], keep: true), Tensor.From([1, 1.5f, 1.25f, 0.25f, 0.75f, 1, 1.5f, 0.75f, 1.5f], [1, 1, 3, 3]));
        Tensor k = XnorBlock.ScaleMap(Image, kernel: 2, padding: 0);
        Check.Close(k, Tensor.From([0.875f, 1.125f, 0.8125f, 1], [1, 1, 2, 2]));
        BinaryConv2d conv = new(2, 1, 2, new Rng(1), scaled: true, bias: false, start: (_, _) => Filter);
        Assert.Equal(0.25f, conv.Scales[0]);
        Tensor signs = SignTensor.Pack(Image).Conv2d(conv.Pack()).Permute(0, 3, 1, 2);
        Check.Same(signs, Tensor.From([8, -4, -2, 6], [1, 1, 2, 2]));
        Check.Close(conv.Forward(Image.BinarySign()) * k, Tensor.From([1.75f, -1.125f, -0.40625f, 1.5f], [1, 1, 2, 2]));
        Check.Close(Image.Conv2d(Filter), Tensor.From([2.15f, -1.15f, -0.8f, 1.8f], [1, 1, 2, 2]));
    }

    [Fact]
    public void The_scale_of_the_inputs_is_smaller_at_borders()
    {
        Tensor k = XnorBlock.ScaleMap(Tensor.Ones([1, 3, 3, 3]), kernel: 3, padding: 1);
        Check.Close(k, Tensor.From([4 / 9f, 6 / 9f, 4 / 9f, 6 / 9f, 1, 6 / 9f, 4 / 9f, 6 / 9f, 4 / 9f], [1, 1, 3, 3]));
    }

    [Fact]
    public void A_filter_scaled_by_a_positive_number_scales_its_output()
    {
        BinaryConv2d one = new(2, 1, 2, new Rng(1), scaled: true, bias: false, start: (_, _) => Filter);
        BinaryConv2d other = new(2, 1, 2, new Rng(1), scaled: true, bias: false, start: (_, _) => Filter * 0.5f);
        Check.Same(other.Forward(Image.BinarySign()), one.Forward(Image.BinarySign()) * 0.5f);
        Check.Same(SignTensor.Pack(other.Weight).Unpack(), SignTensor.Pack(one.Weight).Unpack());
    }

    [Fact]
    public void A_normalisation_right_after_a_convolution_takes_the_scale_away()
    {
        Tensor x = new Rng(2).Normal([8, 4, 6, 6]);
        Tensor Normalised(bool scaled) => new BatchNorm(5, epsilon: 1e-12).Forward(new BinaryConv2d(4, 5, 3, new Rng(1), ofSigns: false, scaled: scaled, bias: false).Forward(x));
        Check.Close(Normalised(scaled: true), Normalised(scaled: false), 1e-4, 1e-5);
    }

    [Theory, InlineData(256, 9, 62.27), InlineData(3, 9, 18.99), InlineData(256, 1, 51.2)]
    public void The_model_of_the_speed_is_the_papers(int channels, int taps, double expected) => Assert.Equal(expected, XnorNet.ExpectedSpeedUp(channels, taps), 0.005);

    [Fact]
    public void AlexNet_has_the_counts_of_the_authors_network()
    {
        XnorNet net = XnorNet.AlexNet(new(), 1000, new Rng(1));
        long normalisations = net.NamedModules.Select(m => m.Module).OfType<BatchNorm>().Sum(norm => norm.ParameterCount);
        Assert.Equal(62_378_344, net.ParameterCount - normalisations);
        Assert.Equal(58_236_928, net.BinaryLayers.Sum(layer => (long)layer.Weight.Length));
        Assert.Equal(7_279_616, net.BinaryLayers.Sum(layer => (long)layer.Weight.Length) / 8);
        Assert.Equal([256, 384, 384, 256, 4096, 4096], net.Blocks.Select(block => block.Shape.Outputs));

        net.Eval();
        Tensor x = new Rng(2).Normal([1, 3, 224, 224]);
        PackedXnorNet packed = new(net);
        Check.Same(packed.Forward(x), net.Infer(x)); // packed, it gives the same scores
        Assert.InRange(packed.Bytes, 7_279_616, 7_500_000);
    }

    [Theory, InlineData(NetworkKind.Xnor, BlockOrder.NormSignConvPool, false), InlineData(NetworkKind.Xnor, BlockOrder.NormSignConvPool, true)]
    [InlineData(NetworkKind.Xnor, BlockOrder.ConvNormSignPool, false), InlineData(NetworkKind.Weights, BlockOrder.NormSignConvPool, false)]
    [InlineData(NetworkKind.Real, BlockOrder.NormSignConvPool, false), InlineData(NetworkKind.Everything, BlockOrder.NormSignConvPool, false)]
    public void Every_kind_gives_scores_and_has_the_binary_layers_that_it_should(NetworkKind kind, BlockOrder order, bool inputScale)
    {
        XnorNet net = XnorNet.Small(new() { Kind = kind, Order = order, InputScale = inputScale }, 3, 12, 5, 10, new Rng(1));
        Assert.Equal([4, 10], net.Forward(new Rng(2).Normal([4, 3, 12, 12])).Shape);
        Assert.Equal(kind switch { NetworkKind.Real => 0, NetworkKind.Everything => 5, _ => 3 }, net.BinaryLayers.Count());
        foreach (BinaryLayer layer in net.BinaryLayers)
        {
            Assert.Equal(kind != NetworkKind.Everything, layer.IsScaled);
            Assert.All(layer.Weight.ToArray(), w => Assert.InRange(w, -1, 1));
            // Centred by input channels at each tap.
            if (kind != NetworkKind.Everything) Check.Close(layer.Weight.Mean([1]), Tensor.Zeros(layer.Weight.Shape.Without(1)), 0, 1e-6);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_packed_network_gives_the_same_scores(bool scaled)
    {
        LabelledSet images = Digits.Load().Train[..200];
        XnorNet net = XnorNet.Small(new() { Scaled = scaled }, 1, 8, 13, 10, new Rng(1));
        Adam optimizer = new(net.Parameters, 0.01);
        for (int step = 0; step < 8; step++)
        {
            optimizer.ZeroGrad();
            net.Forward(images.Inputs).CrossEntropy(images.Labels).Backward();
            optimizer.Step();
            net.Constrain();
        }
        foreach (XnorBlock block in net.Blocks) block.Norm.Weight!.Values[1] = -0.7f; // a threshold from above
        net.Eval();
        Check.Same(new PackedXnorNet(net).Forward(images.Inputs), net.Infer(images.Inputs));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.StartsWith("XnorNet: images of 10 pixels", Assert.Throws<ArgumentException>(() => XnorNet.Small(new(), 1, 10, 4, 10, new Rng(1))).Message, StringComparison.Ordinal);
        Assert.Contains("everything is binary", Assert.Throws<ArgumentException>(() => XnorNet.AlexNet(new() { Kind = NetworkKind.Everything }, 10, new Rng(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PackedXnorNet(XnorNet.Small(new() { InputScale = true }, 1, 8, 4, 10, new Rng(1))));
        Assert.Contains("norm-sign-conv-pool", Assert.Throws<LabException>(() => new XnorNetExperiment().Settings(Profile.Quick, "bwn", [KeyValuePair.Create("inputScale", "true")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AlexNet_asks_for_ImageNet_and_has_no_second_network()
    {
        XnorNetExperiment experiment = new();
        Assert.Contains("few", Assert.Throws<LabException>(() => experiment.Settings(Profile.Quick, "xnor", [KeyValuePair.Create("alexNet", "true")])).Message, StringComparison.OrdinalIgnoreCase);
        using TemporaryFolder folder = new();
        RunContext context = new() { Folder = folder.Path, Data = new DataDirectory(folder.Path) };
        string message = Assert.Throws<DataException>(() => experiment.Run("xnor", new XnorNetSettings { AlexNet = true, Few = 0 }, context)).Message;
        Assert.Contains(Path.Combine(folder.Path, "imagenet", "train"), message, StringComparison.Ordinal);
        Assert.Contains("needed is ImageNet", message, StringComparison.Ordinal);
    }
}
