using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

public sealed class BottleneckUnitTests
{
    [Theory, InlineData(32, 4, 256, 128), InlineData(32, 4, 2048, 1024), InlineData(1, 64, 512, 128), InlineData(8, 14, 64, 24), InlineData(2, 40, 256, 80)]
    public void Inner_width_is_paths_times_the_whole_part_of_their_width(int paths, int baseWidth, int outputs, int expected) =>
        Assert.Equal(expected, new Cardinality(paths, baseWidth).InnerWidth(outputs));

    [Theory, InlineData(8, 3, 64), InlineData(0, 64, 256), InlineData(-1, 64, 256)]
    public void Paths_without_channels_are_refused(int paths, int baseWidth, int outputs) =>
        Assert.StartsWith($"Cardinality: {paths}x{baseWidth}d gives a unit of {outputs} outputs",
            Assert.Throws<ArgumentException>(() => new Cardinality(paths, baseWidth).InnerWidth(outputs)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_convolution_in_the_middle_has_the_groups_and_the_stride()
    {
        BottleneckUnit unit = new(12, 32, 2, new Rng(1), new Cardinality(4, 24));
        Conv2d[] convolutions = [.. unit.Children.Take(6).Select(child => child.Module).OfType<Conv2d>()];
        Assert.Equal([1, 4, 1], convolutions.Select(conv => conv.Groups));
        Assert.Equal([[12, 12, 1, 1], [12, 3, 3, 3], [32, 12, 1, 1]], convolutions.Select(conv => conv.Weight.Shape));
        (Tensor shortcut, Func<Tensor> residual) = unit.Split(Tensor.Ones([2, 12, 6, 6]));
        Assert.Equal([2, 32, 3, 3], shortcut.Shape);
        Assert.Equal([2, 32, 3, 3], residual().Shape);
    }

    [Fact]
    public void A_small_network_of_bottlenecks_learns_and_takes_other_units()
    {
        ResNet network = ResNet.CifarBottleneck(11, 3, new Rng(1), new Cardinality(2, 32), width: 4, channels: 1);
        Tensor x = new Rng(2).Normal([3, 1, 8, 8]);
        network.Forward(x).CrossEntropy(IntTensor.Of(0, 1, 2)).Backward();
        Assert.All(network.NamedParameters, p => Assert.True(p.Parameter.Grad is not null, p.Name));
        Assert.Equal(64, ResNet.CifarBottleneck(11, 0, new Rng(1), width: 4, channels: 1).Forward(x).Shape[1]); // a trunk gives its features

        List<(int, int, int)> asked = [];
        ResNet.CifarBottleneck(11, 3, new Rng(1), width: 4, unit: (inputs, outputs, stride) =>
        {
            asked.Add((inputs, outputs, stride));
            return new BasicUnit(inputs, outputs, stride, Shortcut.Projection, new Rng(1));
        });
        Assert.Equal([(4, 16, 1), (16, 32, 2), (32, 64, 2)], asked);
    }

    [Fact]
    public void Without_a_shortcut_only_the_layers_are_left()
    {
        BottleneckUnit unit = new(8, 8, 1, new Rng(1), shortcut: false);
        (Tensor shortcut, Func<Tensor> residual) = unit.Split(new Rng(2).Normal([1, 8, 3, 3]));
        Check.Same(shortcut, Tensor.Scalar(0));
        Assert.Equal([1, 8, 3, 3], residual().Shape);
    }
}
