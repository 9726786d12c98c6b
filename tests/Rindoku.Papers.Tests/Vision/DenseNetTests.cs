using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Papers.Tests.Contract;
using Rindoku.Papers.Vision.DenseNet;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class DenseNetTests
{
    [Theory]
    [InlineData(40, 12, false, 1_019_722, 448), InlineData(100, 12, false, 6_979_642, 1168), InlineData(100, 24, false, 27_249_082, 2320)]
    [InlineData(40, 12, true, 176_122, 132), InlineData(100, 12, true, 769_162, 342), InlineData(250, 24, true, 15_324_406, 1734), InlineData(190, 40, true, 25_624_430, 2190)]
    public void Networks_for_small_images_have_the_published_sizes(int depth, int growth, bool bc, long parameters, int features)
    {
        DenseNet model = new(DenseNetShape.Cifar(depth, growth, bc), 10, new Rng(1));
        Assert.Equal((parameters, features), (model.ParameterCount, model.FeatureCount));
    }

    [Theory, InlineData(40, 12, false, 1_060_132), InlineData(100, 12, true, 800_032)]
    public void With_a_hundred_classes_too(int depth, int growth, bool bc, long parameters) =>
        Assert.Equal(parameters, new DenseNet(DenseNetShape.Cifar(depth, growth, bc), 100, new Rng(1)).ParameterCount);

    [Theory]
    [InlineData(121, 7_978_856, 1024, 2.83), InlineData(169, 14_149_480, 1664, 3.36), InlineData(201, 20_013_928, 1920, 4.29), InlineData(161, 28_681_000, 2208, 7.73)]
    public void Networks_for_large_images_have_the_published_sizes_and_costs(int depth, long parameters, int features, double billions)
    {
        DenseNet model = new(DenseNetShape.ImageNet(depth), 1000, new Rng(1));
        model.Eval();
        Assert.Equal((parameters, features), (model.ParameterCount, model.FeatureCount));
        using MemoryScope scope = MemoryScope.Open();
        using LayerTrace trace = LayerTrace.Open();
        Assert.Equal([1, 1000], model.Forward(Tensor.Zeros([1, 3, 224, 224])).Shape);
        Assert.InRange(trace.MultiplyAdds / 1e9, billions - 0.01, billions + 0.01);
    }

    [Fact]
    public void The_blocks_of_the_121_layers_have_the_papers_channels_and_sizes()
    {
        DenseNet model = new(DenseNetShape.ImageNet(121), 1000, new Rng(1));
        using LayerTrace trace = LayerTrace.Open();
        model.Forward(Tensor.Zeros([1, 3, 64, 64]));
        Shape[] norms = [.. trace.Passes.Where(pass => pass.Layer is BatchNorm).Select(pass => pass.Input)];
        foreach (Shape shape in (Shape[])[[1, 64, 32, 32], [1, 256, 16, 16], [1, 512, 8, 8], [1, 1024, 4, 4], [1, 1024, 2, 2]]) Assert.Contains(shape, norms);
    }

    [Fact]
    public void Transitions_of_the_hundred_layers_halve_their_maps()
    {
        DenseNetShape shape = DenseNetShape.Cifar(100, 12, bottleneckAndCompression: true);
        Assert.Equal((24, 16), (shape.StemChannels, shape.BlockLayers[0]));
        int maps = shape.StemChannels;
        List<int> seen = [];
        foreach (int layers in shape.BlockLayers)
        {
            maps += layers * shape.Growth;
            seen.Add(maps);
            maps = new Transition(maps, shape, new Rng(1), null).Outputs;
            seen.Add(maps);
        }
        Assert.Equal([216, 108, 300, 150, 342, 171], seen);
    }

    [Fact]
    public void A_block_gives_its_input_and_every_layers_maps_unchanged()
    {
        DenseBlock block = Block(inputs: 5, count: 3, growth: 2);
        Tensor x = new Rng(2).Normal([2, 5, 6, 6]);
        Tensor y = block.Forward(x);
        Assert.Equal([2, 5 + 3 * 2, 6, 6], y.Shape);
        Check.Same(Maps(y, 0, 5), x);
        // The first layers alone give the same maps as in front of further layers.
        DenseBlock shorter = Block(inputs: 5, count: 2, growth: 2);
        Check.Same(Maps(y, 0, 9), shorter.Forward(x));
    }

    [Fact]
    public void With_all_weights_zero_a_block_adds_zeros()
    {
        DenseBlock block = Block(inputs: 4, count: 3, growth: 2);
        foreach ((string name, Parameter parameter) in block.NamedParameters)
            if (name.Contains("conv", StringComparison.Ordinal)) parameter.Values.Clear();
        Tensor x = new Rng(2).Normal([1, 4, 5, 5]), y = block.Forward(x);
        Check.Same(Maps(y, 0, 4), x);
        Assert.All(Maps(y, 4, 10).ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void The_inputs_own_maps_have_the_identity_as_their_gradient()
    {
        DenseBlock block = Block(inputs: 3, count: 2, growth: 2);
        Parameter x = new(new Rng(2).Normal([1, 3, 4, 4]));
        Tensor seed = new Rng(3).Normal([1, 3, 4, 4]);
        (Maps(block.Forward(x), 0, 3) * seed).Sum().Backward();
        Check.Same(x.Grad!, seed);
    }

    [Fact]
    public void One_layer_whose_growth_is_its_input_gives_input_and_layer()
    {
        DenseNetShape shape = Shape(growth: 3);
        DenseBlock block = new(3, 1, shape, new Rng(1), null);
        DenseLayer layer = new(3, shape, new Rng(1), null);
        Tensor x = new Rng(2).Normal([2, 3, 4, 4]), y = block.Forward(x);
        Check.Same(Maps(y, 0, 3), x);
        Check.Same(Maps(y, 3, 6), layer.Forward([x]));
    }

    [Fact]
    public void A_convolution_of_what_is_laid_together_is_the_sum_of_one_for_each_source()
    {
        Rng rng = new(1);
        Tensor a = rng.Normal([2, 3, 6, 6]), b = rng.Normal([2, 4, 6, 6]), weight = rng.Normal([5, 7, 3, 3]);
        Tensor whole = Tensor.Concat([a, b], axis: 1).Conv2d(weight, padding: 1);
        Tensor parts = a.Conv2d(Maps(weight, 0, 3), padding: 1) + b.Conv2d(Maps(weight, 3, 7), padding: 1);
        Check.Close(whole, parts, rtol: 1e-5, atol: 1e-5);
    }

    [Fact]
    public void Cut_to_a_chain_the_layers_keep_their_growth_and_lose_their_inputs()
    {
        DenseNetShape shape = DenseNetShape.Cifar(22, 4, bottleneckAndCompression: false);
        Assert.Equal(41_314, new DenseNet(shape, 10, new Rng(1), channels: 1).ParameterCount);
        Assert.Equal(3_442, new DenseNet(shape with { Connectivity = Connectivity.Chain }, 10, new Rng(1), channels: 1).ParameterCount);
        Assert.Equal(16_410, new DenseNet(DenseNetShape.Cifar(34, 4, bottleneckAndCompression: true), 10, new Rng(1), channels: 1).ParameterCount);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void The_memory_saving_form_gives_the_same_bits(bool bottleneck)
    {
        DenseNetShape shape = Shape(growth: 3) with { Bottleneck = bottleneck, Dropout = 0.2, BlockLayers = [3, 2] };
        DenseNet kept = new(shape, 4, new Rng(1), channels: 2), saving = new(shape with { SavesMemory = true }, 4, new Rng(1), channels: 2);
        Tensor x = new Rng(2).Normal([4, 2, 8, 8]);
        IntTensor y = IntTensor.Of(0, 1, 2, 3);
        for (int step = 0; step < 2; step++)
        {
            Tensor first = kept.Forward(x).CrossEntropy(y), second = saving.Forward(x).CrossEntropy(y);
            Check.Same(second, first);
            first.Backward();
            second.Backward();
        }
        foreach (((string name, Parameter a), (_, Parameter b)) in kept.NamedParameters.Zip(saving.NamedParameters)) Check.Same(b.Grad!, a.Grad!, name);
        foreach ((string name, Tensor tensor) in kept.State()) Check.Same(saving.State()[name], tensor, name);
    }

    [Fact]
    public void Names_in_checkpoints_are_those_of_PyTorchs_networks()
    {
        string[] names = [.. new DenseNet(DenseNetShape.ImageNet(121) with { BlockLayers = [1, 2], StemChannels = 8, Growth = 4 }, 5, new Rng(1)).State().Keys];
        foreach (string name in (string[])["features.conv0.weight", "features.norm0.running_var", "features.denseblock1.denselayer1.norm1.weight",
            "features.denseblock2.denselayer2.conv2.weight", "features.transition1.conv.weight", "features.norm3.bias", "classifier.bias"]) Assert.Contains(name, names);
    }

    [Fact]
    public void A_depth_that_the_formula_does_not_give_is_refused_with_the_nearest()
    {
        Assert.StartsWith("DenseNet: depth 41 is not 3n + 4; the nearest are 40 and 43",
            Assert.Throws<ArgumentException>(() => DenseNetShape.Cifar(41, 12, bottleneckAndCompression: false)).Message, StringComparison.Ordinal);
        Assert.StartsWith("DenseNet: no ImageNet form of depth 122", Assert.Throws<ArgumentException>(() => DenseNetShape.ImageNet(122)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Source_weights_are_mean_sizes_in_the_order_of_the_sources()
    {
        DenseNet model = new(Shape(growth: 2) with { BlockLayers = [2], StemChannels = 3 }, 2, new Rng(1), channels: 1);
        Parameter weight = model.NamedParameters.Single(p => p.Name == "features.denseblock1.denselayer2.conv1.weight").Parameter;
        for (int i = 0; i < weight.Length; i++) weight.Values[i] = i / 9 % 5 < 3 ? -2 : 6; // three maps of the input, two of the layer before
        Assert.Equal([2, 6], model.SourceWeights(0)[1].Select(weight => Math.Round(weight, 9)));
    }

    private static Tensor Maps(Tensor x, int from, int to) => x.Slice(1, from..to);

    private static DenseNetShape Shape(int growth) => new() { BlockLayers = [2], Growth = growth, StemChannels = 4 };

    private static DenseBlock Block(int inputs, int count, int growth) => new(inputs, count, Shape(growth), new Rng(1), null);
}

/// <summary>How much memory the two forms take, measured.</summary>
[Collection(nameof(AloneOnThePool))]
public sealed class DenseNetMemoryTests
{
    [Fact]
    public void Kept_concatenations_take_memory_that_grows_with_the_square_and_made_again_they_do_not()
    {
        double kept = Growth(saves: false), saving = Growth(saves: true);
        Assert.InRange(saving, 1.6, 2.4);
        Assert.True(kept > 2.8, $"twice the layers take {kept:F2} times the memory when all is kept");
    }

    private static double Growth(bool saves) => DenseNetExperiment.Memory(48, saves) / DenseNetExperiment.Memory(24, saves);
}
