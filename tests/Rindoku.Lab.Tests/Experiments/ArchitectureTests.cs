using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;

namespace Rindoku.Lab.Tests.Experiments;

public sealed class ArchitectureTests
{
    [Fact]
    public void A_small_model_is_shown_layer_by_layer()
    {
        Rng rng = new(1);
        Sequential model = new(new Conv2d(1, 4, 3, rng, padding: 1), Activation.Relu, new Sequential(new Flatten(), new Linear(64, 10, rng)));
        Architecture architecture = Architecture.Of(ProbeOf(model, [3, 1, 4, 4]));
        Assert.Equal(["0", "2.1"], architecture.Parts.Select(part => part.Name));
        Assert.Equal([[4, 4, 4], [10]], architecture.Parts.Select(part => part.Output!.Value));
        Assert.Equal([40, 650], architecture.Parts.Select(part => part.Parameters));
        Assert.Equal([64 * 9, 640], architecture.Parts.Select(part => part.MultiplyAdds));
        Assert.Equal((690, 1216), (architecture.Parameters, architecture.MultiplyAdds));
    }

    [Fact]
    public void A_deep_model_is_shown_by_its_units_or_stages_and_nothing_is_lost()
    {
        ResNet units = ResNet.Cifar(32, 10, new Rng(1)), stages = ResNet.Cifar(110, 10, new Rng(1));
        Architecture fine = Architecture.Of(ProbeOf(units, [2, 3, 16, 16])), coarse = Architecture.Of(ProbeOf(stages, [2, 3, 16, 16]));
        Assert.Contains(fine.Parts, part => part is { Name: "layer3.4", Kind: "BasicUnit" });
        Assert.Contains(coarse.Parts, part => part is { Name: "layer3", Kind: "18 BasicUnits" });
        Assert.Equal((units.ParameterCount, stages.ParameterCount), (fine.Parameters, coarse.Parameters));
    }

    private static Probe ProbeOf(Layer model, Shape input)
    {
        Tensor x = Tensor.Zeros(input);
        return new Probe(model, () => model.Forward(x).Sum(), () => model.Forward(x));
    }
}
