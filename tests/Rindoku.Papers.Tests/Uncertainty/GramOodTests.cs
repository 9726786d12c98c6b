using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Papers.Uncertainty.GramOod;
using Rindoku.Papers.Vision.DenseNet;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Tests.Uncertainty;

/// <summary>The exact checks of the paper's sheet that need its networks; those of the method itself are in Rindoku.Tests.</summary>
public sealed class GramOodTests
{
    [Theory, InlineData(18, 11_173_962), InlineData(34, 21_282_122)]
    public void Residual_networks_with_a_stem_for_small_images_have_the_published_sizes(int depth, long expected) =>
        Assert.Equal(expected, ResNet.ImageNet(depth, 10, new Rng(1), smallImages: true).ParameterCount);

    [Fact]
    public void ResNet_34_is_looked_at_in_96_tensors_six_of_each_unit()
    {
        GramOodSettings s = new() { Network = Network.ResNet34, Data = ImageSet.Cifar10, Orders = 2 };
        Tensor images = new Rng(1).Normal([2, 3, 32, 32]);
        GramDetector detector = OutOfDistribution.FromGramMatrices(s.Build([3, 32, 32], 10, new Rng(2)), images, images, s.Options());
        Assert.Equal(96, detector.Layers.Count);
        Assert.All(detector.Layers.GroupBy(name => name[..name.LastIndexOf('.')]), unit =>
            Assert.Equal(["shortcut", "conv1", "relu1", "conv2", "bn2", "output"], unit.Select(name => name[(name.LastIndexOf('.') + 1)..])));
        // 2 P Σ_l C_l: six tensors of 3, 4, 6 and 3 units of 64, 128, 256 and 512 channels.
        Assert.Equal(2 * 2 * 6 * (3 * 64 + 4 * 128 + 6 * 256 + 3 * 512), detector.NumbersPerClass);
    }

    [Fact]
    public void Of_the_network_for_digits_three_convolutions_and_three_activations_are_looked_at()
    {
        GramOodSettings s = new();
        LabelledSet digits = Digits.LoadAll()[..40];
        Layer network = s.Build(digits.InputShape, 10, new Rng(1));
        GramDetector detector = OutOfDistribution.FromGramMatrices(network, digits.Inputs, digits.Inputs, s.Options());
        Assert.Equal(2 * 10 * (16 + 16 + 4 * 32), detector.NumbersPerClass);
        Assert.Equal(128 * 10 + 10, ((Sequential)network).Layers[^1].ParameterCount);
    }

    // The stem, 3 blocks of 2 layers with 4 steps each, 2 transitions of 2, and the last activation.
    [Fact]
    public void A_DenseNet_is_watched_as_it_is()
    {
        Tensor images = new Rng(1).Normal([30, 1, 8, 8]).Keep(), others = new Rng(2).Normal([30, 1, 8, 8]).Keep();
        DenseNet dense = new(DenseNetShape.Cifar(16, 4, bottleneckAndCompression: true), 3, new Rng(3), channels: 1);
        GramDetector detector = OutOfDistribution.FromGramMatrices(dense, images, others);
        Assert.Equal(1 + 3 * 2 * 4 + 2 * 2 + 1, detector.Layers.Count);
        Assert.Contains("features.denseblock2.denselayer1.relu2", detector.Layers);
        Assert.All(detector.Score(images), score => Assert.Equal(0, score));
        Assert.All(detector.IsOutside(others * 6), Assert.True);
    }

    [Fact]
    public void Divisions_of_classes_keep_their_numbers()
    {
        LabelledSet digits = Digits.LoadAll()[..200], known = GramOodData.Classes(digits, ..8), unknown = GramOodData.Classes(digits, 8..);
        Assert.Equal(200, known.Count + unknown.Count);
        Assert.Equal((8, 10), (known.ClassCount, unknown.ClassCount));
        Assert.All(known.Labels.ToArray(), label => Assert.InRange(label, 0, 7));
        Assert.All(unknown.Labels.ToArray(), label => Assert.InRange(label, 8, 9));
    }

    [Theory]
    [InlineData("gram", "depth=9", "6n + 2"), InlineData("gram-preactivation", "depth=8", "6n + 4"), InlineData("gram-preactivation", "width=8", "multiple of 16")]
    [InlineData("gram", "network=res-net34", "sees colours"), InlineData("gram", "shifts-and-mirrors=true", "not to be mirrored"), InlineData("gram", "new-classes=9", "new-classes")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string arm, string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new GramOodExperiment().Settings(Profile.Quick, arm, [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
