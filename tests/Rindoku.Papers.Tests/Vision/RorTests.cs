using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Papers.Vision.Ror;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class RorTests
{
    [Theory]
    [InlineData(56, 856_858, 857_210, 859_962), InlineData(110, 1_731_802, 1_732_154, 1_734_906), InlineData(164, 2_606_746, 2_607_098, 2_609_850)]
    public void Networks_have_the_sizes_of_the_sheet(int depth, long bare, long normalised, long projected)
    {
        MultilevelShape shape = MultilevelShape.OfDepth(depth);
        Assert.Equal(bare, Count(shape));
        Assert.Equal(normalised, Count(shape with { NormalisesLevels = true }));
        Assert.Equal(projected, Count(shape with { NormalisesLevels = true, UnitShortcut = Shortcut.Projection }));
        Assert.Equal(5_850, new MultilevelResNet(shape, 100, new Rng(1)).ParameterCount - bare);
    }

    [Theory, InlineData(40, 2, 2_243_546, 2_256_346), InlineData(58, 4, 13_599_450, 13_645_530)]
    public void Wide_networks_too(int depth, int widening, long wide, long multilevel)
    {
        Assert.Equal(wide, ResNet.Wide(depth, widening, 10, new Rng(1)).ParameterCount);
        Assert.Equal(wide, Count(MultilevelShape.Wide(depth, widening) with { Levels = 1 }));
        Assert.Equal(multilevel, Count(MultilevelShape.Wide(depth, widening)));
    }

    [Fact]
    public void Three_levels_add_four_convolutions_of_3840_weights()
    {
        MultilevelShape shape = MultilevelShape.OfDepth(20);
        Assert.Equal(16 * 64 + 16 * 16 + 16 * 32 + 32 * 64, Count(shape) - Count(shape with { Levels = 1 }));
        Assert.Equal(16 * 64, Count(shape with { Levels = 2 }) - Count(shape with { Levels = 1 }));
    }

    [Fact]
    public void With_one_level_it_is_the_residual_network_bit_for_bit()
    {
        ResNet plain = ResNet.Cifar(14, 10, new Rng(1), width: 4, channels: 2);
        MultilevelResNet one = new(MultilevelShape.OfDepth(14) with { Levels = 1, Width = 4 }, 10, new Rng(1), channels: 2);
        Tensor x = new Rng(2).Normal([3, 2, 8, 8]);
        Tensor expected = plain.Forward(x), actual = one.Forward(x);
        Check.Same(actual, expected);
        IntTensor y = IntTensor.Of(0, 5, 9);
        expected.CrossEntropy(y).Backward();
        actual.CrossEntropy(y).Backward();
        foreach (((string name, Parameter a), (_, Parameter b)) in plain.NamedParameters.Zip(one.NamedParameters)) Check.Same(b.Grad!, a.Grad!, name);
    }

    [Fact]
    public void Upper_shortcuts_of_zero_weights_add_nothing()
    {
        MultilevelResNet one = new(MultilevelShape.OfDepth(14) with { Levels = 1, Width = 4 }, 10, new Rng(1), channels: 2);
        MultilevelResNet three = new(MultilevelShape.OfDepth(14) with { Width = 4 }, 10, new Rng(1), channels: 2);
        foreach ((string name, Parameter parameter) in three.NamedParameters)
            if (name.StartsWith("middle", StringComparison.Ordinal) || name.StartsWith("root", StringComparison.Ordinal)) parameter.Values.Clear();
        Tensor x = new Rng(2).Normal([3, 2, 8, 8]);
        Check.Same(three.Forward(x), one.Forward(x));
    }

    [Fact]
    public void With_all_residuals_zero_the_wiring_is_the_closed_form()
    {
        MultilevelResNet model = new(MultilevelShape.OfDepth(8) with { Width = 2 }, 3, new Rng(1), channels: 1);
        Dictionary<string, Parameter> byName = model.NamedParameters.ToDictionary(p => p.Name, p => p.Parameter);
        foreach ((string name, Parameter parameter) in byName)
            if (name.Contains("bn2", StringComparison.Ordinal)) parameter.Values.Clear(); // γ and β of each unit's last normalisation
        Tensor x = new Rng(2).Normal([2, 1, 8, 8]);

        Tensor s = x.Conv2d(byName["conv1.weight"], padding: 1).BatchNormTraining(byName["bn1.weight"], byName["bn1.bias"], 1e-5f).Output.Relu();
        Tensor g2 = (s + s.Conv2d(byName["middle1.weight"])).Relu();
        Tensor g3 = (Halved(g2, 4) + g2.Conv2d(byName["middle2.weight"], stride: 2)).Relu();
        Tensor t3 = Halved(g3, 8) + g3.Conv2d(byName["middle3.weight"], stride: 2);
        Tensor y = (t3 + s.Conv2d(byName["root.weight"], stride: 4)).Relu();
        Check.Close(model.Forward(x), y.Mean([2, 3]).Linear(byName["fc.weight"], byName["fc.bias"]), rtol: 1e-5, atol: 1e-5);
    }

    [Fact]
    public void The_root_maps_the_stem_to_the_last_groups_shape_and_gives_it_a_gradient_of_its_own()
    {
        MultilevelResNet model = new(MultilevelShape.OfDepth(8), 10, new Rng(1));
        Assert.Equal([64, 16, 1, 1], model.NamedParameters.Single(p => p.Name == "root.weight").Parameter.Shape);
        foreach ((string name, Parameter parameter) in model.NamedParameters)
            if (name.StartsWith("layer", StringComparison.Ordinal) || name.StartsWith("middle", StringComparison.Ordinal)) parameter.Values.Clear();
        model.Rule = NoShortcut.Instance; // nothing comes through the groups now
        model.Forward(new Rng(2).Normal([2, 3, 32, 32])).CrossEntropy(IntTensor.Of(1, 2)).Backward();
        Assert.Contains(model.NamedParameters.Single(p => p.Name == "conv1.weight").Parameter.Grad!.ToArray(), g => g != 0);
    }

    [Fact]
    public void Without_unit_shortcuts_and_levels_it_is_a_plain_stack()
    {
        MultilevelResNet model = new(MultilevelShape.OfDepth(8) with { Levels = 1, Width = 2 }, 3, new Rng(1), channels: 1) { Rule = NoShortcut.Instance };
        foreach ((string name, Parameter parameter) in model.NamedParameters)
            if (name.StartsWith("layer2-0.bn2", StringComparison.Ordinal)) parameter.Values.Clear(); // one dead layer kills the signal
        float[] scores = model.Forward(new Rng(2).Normal([4, 1, 8, 8])).ToArray();
        for (int i = 3; i < scores.Length; i++) Assert.Equal(scores[i % 3], scores[i]);
    }

    [Fact]
    public void Depths_that_the_formula_does_not_give_are_refused_with_the_nearest()
    {
        Assert.StartsWith("RoR: depth 21 is not 6n + 2; the nearest are 20 and 26", Assert.Throws<ArgumentException>(() => MultilevelShape.OfDepth(21)).Message, StringComparison.Ordinal);
        Assert.StartsWith("RoR: depth 41 is not 6n + 4; the nearest are 40 and 46", Assert.Throws<ArgumentException>(() => MultilevelShape.Wide(41, 2)).Message, StringComparison.Ordinal);
        Assert.StartsWith("ResNet: depth 41 is not 6n + 4", Assert.Throws<ArgumentException>(() => ResNet.Wide(41, 2, 10, new Rng(1))).Message, StringComparison.Ordinal);
    }

    private static Tensor Halved(Tensor x, int channels)
    {
        Tensor y = x.AveragePool2d(1, 2);
        return Tensor.Concat([y, Tensor.Zeros(y.Shape.With(1, channels - y.Shape[1]))], axis: 1);
    }

    private static long Count(MultilevelShape shape) => new MultilevelResNet(shape, 10, new Rng(1)).ParameterCount;
}
