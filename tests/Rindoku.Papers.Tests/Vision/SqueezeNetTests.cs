using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Papers.Vision.SqueezeNet;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet on the network.</summary>
public sealed class SqueezeNetTests
{
    [Fact]
    public void The_named_forms_have_the_published_parameter_counts()
    {
        Assert.Equal(1_248_424, Built(SqueezeNetPlan.V10).ParameterCount);
        Assert.Equal(1_235_496, Built(SqueezeNetPlan.V11).ParameterCount);
        Assert.Equal(1_248_424, Built(SqueezeNetPlan.V10 with { Bypass = Bypass.Simple }).ParameterCount);
        Assert.Equal(1_589_672, Built(SqueezeNetPlan.V10 with { Bypass = Bypass.Complex }).ParameterCount);
    }

    [Fact]
    public void Fire_modules_have_the_published_parameter_counts()
    {
        SqueezeNet model = Built(SqueezeNetPlan.V10);
        Assert.Equal([11_920, 12_432, 45_344, 49_440, 104_880, 111_024, 188_992, 197_184],
            model.Children.Where(child => child.Module is Fire).Select(child => child.Module.ParameterCount));
        Assert.Equal(3_976, model.Convolutions.Sum(part => part.Layer.Bias!.Length));
    }

    [Fact]
    public void Convolutions_come_in_the_order_of_the_authors_file_under_their_names()
    {
        IReadOnlyList<(string Name, Conv2d Layer)> convolutions = Built(SqueezeNetPlan.V10).Convolutions;
        Assert.Equal(26, convolutions.Count);
        Assert.Equal(["conv1", "fire2.squeeze", "fire2.expand1x1", "fire2.expand3x3", "fire3.squeeze"], convolutions.Take(5).Select(part => part.Name));
        Assert.Equal("conv10", convolutions[^1].Name);
        Assert.Equal([1000, 512, 1, 1], convolutions[^1].Layer.Weight.Shape);
    }

    [Fact]
    public void Version_1_0_has_the_shapes_of_the_authors_network()
    {
        Shape[] shapes = Shapes(SqueezeNetPlan.V10);
        Assert.Equal([[1, 96, 111, 111], [1, 128, 55, 55], [1, 128, 55, 55], [1, 256, 55, 55], [1, 256, 27, 27], [1, 384, 27, 27], [1, 384, 27, 27], [1, 512, 27, 27],
            [1, 512, 13, 13], [1, 1000, 15, 15]], shapes);
    }

    [Fact]
    public void Version_1_1_pools_earlier_and_rounds_up()
    {
        Shape[] shapes = Shapes(SqueezeNetPlan.V11);
        Assert.Equal([[1, 64, 113, 113], [1, 128, 56, 56], [1, 128, 56, 56], [1, 256, 28, 28], [1, 256, 28, 28], [1, 384, 14, 14], [1, 384, 14, 14], [1, 512, 14, 14],
            [1, 512, 14, 14], [1, 1000, 14, 14]], shapes);
    }

    // README of the authors: 1.72 and 0.72 GFLOPS an image, a multiply-add counting two. The second is that of maps of 13 x 13 in the
    // end; Caffe's pools, which round up, give 14 x 14 and so a sixth more from fire6 on.
    [Fact]
    public void Both_versions_cost_what_the_authors_say()
    {
        Assert.Equal(1.72, 2e-9 * MultiplyAdds(SqueezeNetPlan.V10), 0.01);
        using NoGrad noGrad = NoGrad.Enter();
        using LayerTrace trace = LayerTrace.Open();
        Built(SqueezeNetPlan.V11).Forward(Tensor.Zeros([1, 3, 227, 227]));
        Assert.Equal(0.7755, 2e-9 * trace.MultiplyAdds, 0.0005);
        Assert.Equal(0.72, 2e-9 * trace.Passes.Sum(pass => pass.Output[2] == 14 ? pass.MultiplyAdds / 196 * 169 : pass.MultiplyAdds), 0.01);
    }

    [Fact]
    public void Metaparameters_give_the_papers_modules()
    {
        Assert.Equal([new(16, 64, 64), new(16, 64, 64), new(32, 128, 128), new(32, 128, 128), new(48, 192, 192), new(48, 192, 192), new(64, 256, 256), new(64, 256, 256)],
            SqueezeNetPlan.FromMetaparameters());
        Assert.Equal(new FireSize(96, 1, 127), SqueezeNetPlan.FromMetaparameters(part3x3: 0.99, squeezeRatio: 0.75)[0]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => SqueezeNetPlan.FromMetaparameters(part3x3: 1));
        Assert.Contains("of 128 expand filters 1 are 128 of 3 x 3", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => SqueezeNetPlan.FromMetaparameters(squeezeRatio: 1.5));
    }

    [Fact]
    public void A_fire_module_squeezes_and_joins_both_expansions_in_order()
    {
        Fire fire = new(3, new FireSize(1, 2, 1), Bypass.None, new Rng(1));
        Set(fire, "squeeze.weight", 1, -1, 2);
        Set(fire, "squeeze.bias", 0.5f);
        Set(fire, "expand1x1.weight", 2, -1);
        Set(fire, "expand1x1.bias", 1, 1);
        Set(fire, "expand3x3.weight", 0, 0, 0, 0, 3, 1, 0, 0, 0); // the pixel itself three times, and its right neighbour
        Set(fire, "expand3x3.bias", 0);
        // Squeezed: max(0, 1 - 2 + 2*3 + 0.5) = 5.5 and max(0, 0 - 5 + 0.5) = 0.
        Tensor y = fire.Forward(Tensor.From([1, 0, 2, 5, 3, 0], [1, 3, 1, 2]));
        Check.Same(y, Tensor.From([12, 1, 0, 1, 16.5f, 0], [1, 3, 1, 2]));
    }

    [Fact]
    public void With_all_weights_zero_a_simple_bypass_is_the_identity_and_the_plain_module_is_zero()
    {
        Tensor x = new Rng(2).Normal([1, 128, 4, 4]);
        foreach (Bypass bypass in (Bypass[])[Bypass.None, Bypass.Simple])
        {
            Fire fire = new(128, new FireSize(16, 64, 64), bypass, new Rng(1));
            foreach (Parameter parameter in fire.Parameters) parameter.Values.Clear();
            Check.Same(fire.Forward(x), bypass == Bypass.None ? Tensor.Zeros(x.Shape) : x); // no ReLU after the sum
        }
    }

    [Fact]
    public void A_complex_bypass_goes_around_the_modules_that_change_the_channels()
    {
        SqueezeNet model = Built(SqueezeNetPlan.V10 with { Bypass = Bypass.Complex });
        Assert.Equal(["fire2.bypass", "fire4.bypass", "fire6.bypass", "fire8.bypass"],
            model.Convolutions.Select(part => part.Name).Where(name => name.EndsWith("bypass", StringComparison.Ordinal)));
        Fire fire = new(2, new FireSize(1, 1, 1), Bypass.Complex, new Rng(1));
        Assert.DoesNotContain(fire.Children, child => child.Name == "bypass");
    }

    [Fact]
    public void Forms_of_one_seed_start_alike_whatever_goes_around_their_modules()
    {
        IReadOnlyDictionary<string, Tensor> complex = Built(SqueezeNetPlan.V10 with { Bypass = Bypass.Complex }).State();
        foreach ((string name, Tensor tensor) in Built(SqueezeNetPlan.V10).State()) Check.Same(complex[name], tensor, name);
    }

    [Fact]
    public void The_padding_of_conv10_is_averaged_with_its_map()
    {
        SqueezeNetPlan plan = SqueezeNetPlan.Mini with { HeadPadding = 1 };
        SqueezeNet model = new(plan, 3, new Rng(1), channels: 1);
        Conv2d head = model.Convolutions[^1].Layer;
        head.Weight.Values.Clear();
        head.Bias!.Values[0] = -2;
        head.Bias.Values[1] = 3;
        model.Eval();
        Check.Same(model.Forward(new Rng(2).Normal([1, 1, 8, 8])), Tensor.From([-2, 3, 0], [1, 3]));
        SqueezeNet closed = new(plan with { HeadRelu = true }, 3, new Rng(1), channels: 1);
        closed.Load(model.State());
        Check.Same(closed.Forward(new Rng(2).Normal([1, 1, 8, 8])), Tensor.From([0, 3, 0], [1, 3]));
    }

    private static SqueezeNet Built(SqueezeNetPlan plan) => new(plan, 1000, new Rng(1));

    private static Shape[] Shapes(SqueezeNetPlan plan)
    {
        using NoGrad noGrad = NoGrad.Enter();
        return [.. Built(plan).Activations(Tensor.Zeros([1, 3, 227, 227])).Layers.Select(y => y.Shape)];
    }

    private static long MultiplyAdds(SqueezeNetPlan plan)
    {
        using NoGrad noGrad = NoGrad.Enter();
        using LayerTrace trace = LayerTrace.Open();
        Built(plan).Forward(Tensor.Zeros([1, 3, 227, 227]));
        return trace.MultiplyAdds;
    }

    private static void Set(Module module, string name, params ReadOnlySpan<float> values) =>
        values.CopyTo(module.NamedParameters.Single(p => p.Name == name).Parameter.Values);
}
