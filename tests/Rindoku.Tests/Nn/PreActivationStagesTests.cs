using Rindoku.Nn.ResNets;
using Rindoku.Ops;

namespace Rindoku.Tests.Nn;

public sealed class PreActivationStagesTests
{
    // Counted with the released PyTorch code of arXiv:2002.07965.
    [Theory]
    [InlineData(false, 10, 11_171_274), InlineData(false, 100, 11_217_444), InlineData(true, 10, 23_509_194), InlineData(true, 100, 23_693_604)]
    public void The_forms_for_CIFAR_have_the_published_sizes(bool bottleneck, int classes, long expected) =>
        Assert.Equal(expected, ResNet.PreActivationStages(bottleneck ? [3, 4, 6, 3] : [2, 2, 2, 2], 64, classes, new Rng(1), bottleneck: bottleneck).ParameterCount);

    [Fact]
    public void Stages_double_the_channels_and_every_parameter_learns()
    {
        ResNet network = ResNet.PreActivationStages([1, 2, 1], 4, 3, new Rng(1), channels: 1);
        Tensor x = new Rng(2).Normal([3, 1, 8, 8]);
        Assert.Equal((16, 4), (network.FeatureCount, network.Units.Count));
        Assert.Equal([3, 16], network.Features(x).Shape);
        Assert.Contains(network.Features(x).ToArray(), v => v < 0); // sums, with no ReLU after them
        network.Forward(x).CrossEntropy(IntTensor.Of(0, 1, 2)).Backward();
        Assert.All(network.NamedParameters, p => Assert.True(p.Parameter.Grad is not null, p.Name));
    }

    [Theory, InlineData(new int[0], "got none"), InlineData(new[] { 2, 0 }, "got 2, 0")]
    public void A_stage_without_units_is_refused(int[] units, string words) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(() => ResNet.PreActivationStages(units, 4, 3, new Rng(1))).Message, StringComparison.Ordinal);
}
