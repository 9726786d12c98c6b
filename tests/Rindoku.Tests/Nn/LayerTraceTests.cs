using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

public sealed class LayerTraceTests
{
    [Fact]
    public void A_pass_is_noted_with_its_shapes_and_products()
    {
        Rng rng = new(1);
        Conv2d grouped = new(4, 6, 3, rng, stride: 2, padding: 1, groups: 2);
        ConvTranspose2d up = new(6, 2, 2, rng, stride: 2);
        Linear last = new(5, 3, rng);
        using LayerTrace trace = LayerTrace.Open();
        Tensor x = up.Forward(grouped.Forward(Tensor.Zeros([2, 4, 5, 5])));
        last.Forward(Tensor.Zeros([7, 5]));
        Assert.Equal([[2, 6, 3, 3], [2, 2, 6, 6], [7, 3]], trace.Passes.Select(pass => pass.Output));
        // Outputs times fan-in: 2·6·3·3 of 2·9, inputs times fan-out: 2·6·3·3 of 2·4, 7·3 of 5.
        Assert.Equal([108 * 18, 108 * 8, 21 * 5], trace.Passes.Select(pass => pass.MultiplyAdds));
        Assert.Equal(108 * 26 + 105, trace.MultiplyAdds);
        Assert.Equal([2, 2, 6, 6], x.Shape);
    }

    [Fact]
    public void An_inner_trace_rests_the_outer_one_and_none_is_noted_after_the_end()
    {
        Linear layer = new(2, 2, new Rng(1));
        LayerTrace outer = LayerTrace.Open();
        using (LayerTrace inner = LayerTrace.Open())
        {
            layer.Forward(Tensor.Zeros([2]));
            Assert.Equal((1, 0), (inner.Passes.Count, outer.Passes.Count));
        }
        layer.Forward(Tensor.Zeros([2]));
        outer.Dispose();
        layer.Forward(Tensor.Zeros([2]));
        Assert.Single(outer.Passes);
    }

    [Fact]
    public void Asked_to_it_keeps_what_goes_in_and_out_so_that_gradients_can_be_taken_by_it()
    {
        Linear first = new(3, 4, new Rng(1)), last = new(4, 2, new Rng(2));
        Tensor x = new Rng(3).Normal([5, 3]);
        using LayerTrace trace = LayerTrace.Open(keepTensors: true);
        Tensor y = last.Forward(first.Forward(x).Tanh());
        Assert.Same(x, trace.Passes[0].X);
        Check.Same(trace.Passes[1].X!, trace.Passes[0].Y!.Tanh());
        Assert.Same(y, trace.Passes[1].Y);
        Tensor dy = new Rng(4).Normal([5, 2]), slope = 1 - trace.Passes[1].X!.Square();
        Check.Close(Grad.Vjp(y, dy, [trace.Passes[0].Y!])[0], dy.MatMul(last.Weight) * slope);
    }

    [Fact]
    public void Unasked_it_keeps_no_tensor()
    {
        using LayerTrace trace = LayerTrace.Open();
        new Linear(2, 2, new Rng(1)).Forward(Tensor.Zeros([2]));
        Assert.Equal((null, null), (trace.Passes[0].X, trace.Passes[0].Y));
        Assert.Empty(trace.Features);
    }

    [Fact]
    public void Features_are_what_layers_and_activations_give_and_activations_are_no_passes()
    {
        Sequential model = new(new Conv2d(1, 2, 3, new Rng(1)), new BatchNorm(2), Activation.Relu, new Lambda("Mean", x => x.Mean([2, 3])), new PRelu(), new Linear(2, 3, new Rng(2)));
        using LayerTrace trace = LayerTrace.Open(keepTensors: true);
        Tensor y = model.Forward(new Rng(3).Normal([4, 1, 5, 5]));
        Assert.Equal([FeatureKind.Weighted, FeatureKind.Normalised, FeatureKind.Activated, FeatureKind.Activated, FeatureKind.Weighted], trace.Features.Select(f => f.Kind));
        Assert.Equal([0, 1, 2, 4, 5], trace.Features.Select(f => model.Layers.ToList().IndexOf((Layer)f.Owner)));
        Check.Same(trace.Features[2].Y, trace.Features[1].Y.Relu());
        Assert.Same(trace.Features[1].Y, trace.Features[2].X);
        Assert.Same(y, trace.Features[4].Y);
        Assert.Equal(3, trace.Passes.Count);
    }

    [Fact]
    public void A_residual_network_tells_of_the_shortcut_and_the_output_of_each_unit()
    {
        ResNet model = ResNet.Cifar(8, 3, new Rng(1), width: 4, channels: 1);
        using LayerTrace trace = LayerTrace.Open(keepTensors: true);
        model.Forward(new Rng(3).Normal([2, 1, 8, 8]));
        FeatureMap[] ofSecond = [.. trace.Features.Where(f => f.Owner == model.Units[1])];
        Assert.Equal(["shortcut", "output"], ofSecond.Select(f => f.Part));
        Assert.Same(trace.Features.Single(f => f.Owner == model.Units[0] && f.Part == "output").Y, ofSecond[0].X);
        Tensor layers = trace.Features.Last(f => f.Kind == FeatureKind.Normalised && f.Y.Shape == ofSecond[1].Y.Shape).Y;
        Check.Same(ofSecond[1].Y, (ofSecond[0].Y + layers).Relu());
    }

    [Fact]
    public void The_network_for_small_images_costs_what_is_known_of_it()
    {
        using LayerTrace trace = LayerTrace.Open();
        ResNet.Cifar(20, 10, new Rng(1)).Forward(Tensor.Zeros([1, 3, 32, 32]));
        Assert.Equal(40_551_040, trace.MultiplyAdds); // 40.55 million without the shortcuts, which have no weights
    }
}
