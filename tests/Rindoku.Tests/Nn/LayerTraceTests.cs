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
    }

    [Fact]
    public void The_network_for_small_images_costs_what_is_known_of_it()
    {
        using LayerTrace trace = LayerTrace.Open();
        ResNet.Cifar(20, 10, new Rng(1)).Forward(Tensor.Zeros([1, 3, 32, 32]));
        Assert.Equal(40_551_040, trace.MultiplyAdds); // 40.55 million without the shortcuts, which have no weights
    }
}
