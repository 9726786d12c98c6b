using Rindoku.Nn.Binary;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

/// <summary>Layers with weights of one bit: what they compute, how gradients reach the real weights, and that the packed form equals them.</summary>
public sealed class BinaryLayerTests
{
    [Fact]
    public void A_plain_layer_applies_the_gradient_of_the_signs_to_the_weights()
    {
        BinaryLinear layer = new(4, 2, new Rng(1), start: (_, shape) => Tensor.From([0.3f, -0.1f, 0, -1, 2, -3, 0.5f, 0.5f], shape));
        Tensor x = Tensor.From([1, -1, 1, 1], [1, 4]);
        Tensor y = layer.Forward(x);
        Check.Same(y, Tensor.From([2, 4], [1, 2]));
        Check.Same(Grad.Vjp(y, Tensor.From([1, 10], [1, 2]), [layer.Weight])[0], Tensor.From([1, -1, 1, 1, 10, -10, 10, 10], [2, 4]));
    }

    [Fact]
    public void A_scaled_layer_has_the_papers_scale_and_gradient()
    {
        float[] w = [0.3f, -0.1f, 0.5f, -0.7f];
        BinaryLinear layer = new(4, 1, new Rng(1), scaled: true, bias: false, start: (_, shape) => Tensor.From(w, shape));
        Check.Close(layer.Scales, Tensor.Of(0.4f));
        Tensor x = Tensor.From([1, -1, 1, 1], [1, 4]), y = layer.Forward(x);
        Assert.Equal(0.8, y.Item(), 5); // 0.4 (1 + 1 + 1 - 1)
        // The gradient by W̃ is x; times 1/n + α.
        Check.Close(Grad.Of(y, layer.Weight), x * (0.25f + 0.4f));

        layer.Weight.Values[0] = 1.5f; // beyond 1 the second term is gone; α is 0.7 now
        Check.Close(Grad.Of(layer.Forward(x), layer.Weight), x * Tensor.From([0.25f, 0.95f, 0.95f, 0.95f], [1, 4]));
    }

    [Fact]
    public void The_scale_is_the_best_of_all()
    {
        Tensor w = Tensor.From([0.3f, -0.1f, 0.5f, -0.7f], [1, 4]), b = w.BinarySign();
        double Error(float scale) => (w - b * scale).Square().Sum().Item();
        Assert.Equal(0.20, Error(0.4f), 6);
        Assert.Equal(1.64, Error(1), 6);
        for (int i = 0; i <= 100; i++) Assert.True(Error(i / 50f) >= Error(0.4f) - 1e-7);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_convolution_of_signs_gives_what_the_packed_one_gives(bool scaled)
    {
        foreach ((int stride, int padding) in new[] { (1, 1), (2, 1), (1, 0) })
        {
            BinaryConv2d layer = new(37, 11, 3, new Rng(1), stride, padding, scaled: scaled);
            Tensor x = new Rng(2).Normal([3, 37, 9, 12]).BinarySign();
            Tensor packed = SignTensor.Pack(x).Conv2d(layer.Pack(), stride, padding).Permute(0, 3, 1, 2);
            Check.Close(layer.Forward(x), scaled ? packed * layer.Scales.Reshape(11, 1, 1) : packed, 0, 0);
        }
    }

    [Fact]
    public void A_long_image_that_goes_the_fast_way_gives_whole_numbers_too()
    {
        BinaryConv2d layer = new(64, 64, 3, new Rng(1), padding: 1, bias: false);
        Tensor x = new Rng(2).Normal([2, 64, 32, 32]).BinarySign();
        Check.Close(layer.Forward(x), SignTensor.Pack(x).Conv2d(layer.Pack(), padding: 1).Permute(0, 3, 1, 2), 0, 0);
    }

    [Fact]
    public void Weights_that_are_scaled_signs_give_the_exact_convolution()
    {
        Tensor w = Tensor.Generate([3, 4, 3, 3], i => (i * 7 % 5 < 2 ? -1 : 1) * 0.25f * (1 + i / 36));
        BinaryConv2d layer = new(4, 3, 3, new Rng(1), padding: 1, ofSigns: false, scaled: true, bias: false, start: (_, _) => w);
        Tensor x = new Rng(2).Normal([2, 4, 6, 6]);
        Check.Close(layer.Forward(x), x.Conv2d(w, null, padding: 1), 1e-5, 1e-5);
    }

    [Fact]
    public void Centring_takes_the_mean_over_inputs_at_each_tap_and_clipping_ends_at_one()
    {
        BinaryConv2d layer = new(3, 2, 2, new Rng(1), start: (r, shape) => r.Uniform(shape, -3, 3));
        layer.Centre();
        Check.Close(layer.Weight.Mean([1]), Tensor.Zeros([2, 2, 2]), 0, 1e-6);
        layer.Clip();
        Assert.All(layer.Weight.ToArray(), w => Assert.InRange(w, -1, 1));
        Assert.Contains(1f, layer.Weight.ToArray().Select(Math.Abs));
    }

    [Fact]
    public void The_factor_of_the_learning_rate_is_Glorots()
    {
        Assert.Equal(1 / Math.Sqrt(1.5 / (784 + 4096)), new BinaryLinear(784, 4096, new Rng(1)).LearningRateFactor, 12);
        Assert.Equal(1 / Math.Sqrt(1.5 / (9 * (128 + 256))), new BinaryConv2d(128, 256, 3, new Rng(1)).LearningRateFactor, 12);
    }
}
