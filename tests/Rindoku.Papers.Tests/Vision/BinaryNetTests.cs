using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn.Binary;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Papers.Vision.BinaryNet;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class BinaryNetTests
{
    [Fact]
    public void Shift_based_normalisation_is_that_of_the_sheet()
    {
        ShiftBatchNorm norm = new(1, epsilon: 1e-5);
        Tensor x = Tensor.From([0.5f, -1, 2, 1.5f], [4, 1]);
        Check.Close(norm.Forward(x), Tensor.From([-0.25f, -1.75f, 1.25f, 0.75f], [4, 1]));
        Assert.Equal(0.125 * 0.75, norm.RunningMean[0], 6);
        Assert.Equal(1 + 0.125 * (0.847995 - 1), norm.RunningRate[0], 6); // kept before it is rounded
        norm.Eval();
        Check.Close(norm.Forward(x), x - 0.09375f); // one over the deviation rounds to 1
    }

    [Fact]
    public void The_gradient_of_shift_based_normalisation_is_the_authors()
    {
        ShiftBatchNorm norm = new(1, epsilon: 1e-5);
        norm.Weight.Values[0] = 3; // AP2 gives 4
        norm.Bias.Values[0] = 0.5f;
        float[] c = [-0.25f, -1.75f, 1.25f, 0.75f], c2 = [-0.25f, -2, 1, 1], g = [1, -2, 0.5f, 3];
        Tensor x = Tensor.From([0.5f, -1, 2, 1.5f], [4, 1]).Tracked(), y = norm.Forward(x);
        Check.Close(y, Tensor.From([.. c.Select(v => 4 * v + 0.5f)], [4, 1]));
        Tensor[] gradients = Grad.Vjp(y, Tensor.From(g, [4, 1]), [x, norm.Weight, norm.Bias]);
        float mean = g.Average(), along = g.Zip(c2, (a, b) => a * b).Average();
        Check.Close(gradients[0], Tensor.From([.. g.Zip(c2, (a, b) => 4 * (a - mean - b * along))], [4, 1]));
        // Σ g AP2(x̂): x̂ is c here.
        Check.Close(gradients[1], Tensor.Of(g.Zip(c2, (a, b) => a * b).Sum()));
        Check.Close(gradients[2], Tensor.Of(2.5f));
    }

    [Fact]
    public void Shift_based_AdaMax_is_that_of_the_sheet()
    {
        Parameter theta = new(Tensor.Of(0.5f));
        ShiftAdaMax optimizer = new([theta], Math.Pow(2, -6));
        foreach ((float gradient, double expected) in new[] { (0.3f, 0.485), (-0.2f, 0.48325), (0.05f, 0.480425) })
        {
            theta.Grad = Tensor.Of(gradient);
            optimizer.Step();
            Assert.Equal(expected, theta[0], 1e-6);
            Assert.Equal(0.25, optimizer.State()["0.largest"][0], 1e-6);
        }
    }

    [Theory, InlineData(4096, 36_818_954, 24_596), InlineData(2048, 10_020_874, 12_308)]
    public void The_networks_for_MNIST_have_the_papers_counts(int width, long weights, long affine)
    {
        BinaryNet net = BinaryNet.Mlp(new(), 784, width, 3, 10, new Rng(1));
        Assert.Equal(weights, net.BinaryLayers.Sum(layer => (long)layer.Weight.Length + layer.Bias!.Length));
        Assert.Equal(weights + affine, net.ParameterCount);
    }

    [Fact]
    public void The_network_for_Cifar_has_the_papers_counts()
    {
        BinaryNet net = BinaryNet.ConvNet(new(), 3, 32, 128, 1024, 10, new Rng(1));
        Assert.Equal(14_022_016, net.BinaryLayers.Sum(layer => (long)layer.Weight.Length));
        Assert.Equal(14_025_866, net.BinaryLayers.Sum(layer => (long)layer.Weight.Length + layer.Bias!.Length));
        Assert.Equal(7_700, net.Blocks.Sum(block => block.Norm.ParameterCount));
        Assert.Equal([2, 10], net.Forward(new Rng(2).Uniform([2, 3, 32, 32])).Shape);
    }

    [Theory, InlineData(NormKind.Batch), InlineData(NormKind.Shift)]
    public void A_packed_network_of_dense_layers_gives_the_same_scores(NormKind norm)
    {
        LabelledSet images = Digits.Load().Train[..300];
        Tensor x = BinaryNet.FromPixels(images.Inputs);
        BinaryNet net = Trained(BinaryNet.Mlp(new() { Norm = norm }, 64, 70, 2, 10, new Rng(1)), x, images.Labels);
        Check.Same(new PackedBinaryNet(net, [1, 8, 8]).Forward(x), net.Infer(x));
    }

    [Theory, InlineData(NormKind.Batch), InlineData(NormKind.Shift)]
    public void A_packed_network_of_convolutions_gives_the_same_scores(NormKind norm)
    {
        LabelledSet images = Digits.Load().Train[..60];
        Tensor x = BinaryNet.FromPixels(images.Inputs);
        BinaryNet net = Trained(BinaryNet.ConvNet(new() { Norm = norm }, 1, 8, 9, 33, 10, new Rng(1)), x, images.Labels);
        Check.Same(new PackedBinaryNet(net, [1, 8, 8]).Forward(x), net.Infer(x));
    }

    // A few steps, so that the running statistics and scales are those of a network that learns; some scales are turned negative.
    private static BinaryNet Trained(BinaryNet net, Tensor x, IntTensor labels)
    {
        Adam optimizer = new(net.Parameters, 0.01);
        for (int step = 0; step < 12; step++)
        {
            optimizer.ZeroGrad();
            BinaryNet.Loss(net.Forward(x), labels).Backward();
            optimizer.Step();
            net.Clip();
        }
        foreach ((string name, Parameter p) in net.NamedParameters)
            if (name.EndsWith("norm.weight", StringComparison.Ordinal))
                for (int c = 0; c < p.Length; c += 3) p.Values[c] = -p[c];
        net.Eval();
        return net;
    }

    [Fact]
    public void Weights_stay_between_minus_one_and_one_and_signs_flip_only_across_zero()
    {
        LabelledSet images = Digits.Load().Train[..100];
        Tensor x = BinaryNet.FromPixels(images.Inputs);
        BinaryNet net = BinaryNet.Mlp(new(), 64, 20, 1, 10, new Rng(1));
        Adam optimizer = new(net.Parameters, 0.1);
        BinaryLayer layer = net.BinaryLayers.First();
        for (int step = 0; step < 20; step++)
        {
            float[] before = layer.Weight.ToArray();
            Tensor signs = SignTensor.Pack(layer.Weight).Unpack();
            optimizer.ZeroGrad();
            BinaryNet.Loss(net.Forward(x), images.Labels).Backward();
            optimizer.Step();
            net.Clip();
            Tensor now = SignTensor.Pack(layer.Weight).Unpack();
            for (int i = 0; i < before.Length; i++)
            {
                Assert.InRange(layer.Weight.Span[i], -1, 1);
                Assert.Equal(signs.Span[i] != now.Span[i], before[i] >= 0 != layer.Weight.Span[i] >= 0);
            }
        }
    }

    [Fact]
    public void The_loss_is_the_squared_hinge_of_one_against_all()
    {
        Tensor scores = Tensor.From([0.5f, -2, 3], [1, 3]);
        // Class 0: (1 - 0.5)², others: 0 and (1 + 3)².
        Assert.Equal((0.25 + 0 + 16) / 3, BinaryNet.Loss(scores, IntTensor.Of(0)).Item(), 5);
    }

    [Fact]
    public void Pixels_become_the_256_odd_steps_around_zero()
    {
        Tensor x = BinaryNet.FromPixels(Tensor.Generate([256], b => b / 255f));
        for (int b = 0; b < 256; b++) Assert.Equal((2 * b - 255) / 256f, x[b]);
    }

    [Fact]
    public void Drawn_activations_are_for_training_alone()
    {
        BinaryNet net = BinaryNet.Mlp(new() { Stochastic = true }, 64, 30, 2, 10, new Rng(1));
        Tensor x = BinaryNet.FromPixels(Digits.Load().Train[..20].Inputs);
        Assert.False(net.Infer(x).Span.SequenceEqual(net.Infer(x).Span));
        net.Eval();
        Check.Same(net.Infer(x), net.Infer(x));
    }

    [Fact]
    public void Statistics_taken_anew_forget_what_they_were()
    {
        LabelledSet images = Digits.Load().Train[..400];
        Tensor x = BinaryNet.FromPixels(images.Inputs);
        BinaryNet net = BinaryNet.Mlp(new(), 64, 30, 1, 10, new Rng(1));
        net.EstimateStatistics(Enumerable.Repeat(x, 200));
        Tensor sums = net.Blocks[0].Product.Forward(x.Reshape(400, 64));
        Check.Close(((Rindoku.Nn.BatchNorm)net.Blocks[0].Norm).RunningMean, sums.Mean([0]), 1e-3, 1e-3);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.StartsWith("BinaryNet: images of 28 pixels", Assert.Throws<ArgumentException>(() => BinaryNet.ConvNet(new(), 1, 28, 8, 8, 10, new Rng(1))).Message, StringComparison.Ordinal);
        Assert.Contains("real weights", Assert.Throws<ArgumentException>(() => new PackedBinaryNet(BinaryNet.Mlp(new() { Binary = false }, 4, 4, 1, 2, new Rng(1)), [4])).Message, StringComparison.Ordinal);
        Assert.Contains("multiple of 8", Assert.Throws<LabException>(() => new BinaryNetExperiment().Settings(Profile.Quick, "bnn",
            [KeyValuePair.Create("data", "mnist"), KeyValuePair.Create("network", "conv")])).Message, StringComparison.Ordinal);
    }
}
