using Rindoku.Autograd;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Autograd;

public sealed class GradTests
{
    [Fact]
    public void Gradients_of_any_order_are_right()
    {
        Tensor x = Tensor.Scalar(2).Tracked();
        Tensor y = x * x * x * x;
        Tensor first = Grad.Of(y, x, createGraph: true), second = Grad.Of(first, x, createGraph: true), third = Grad.Of(second, x);
        Assert.Equal([32f, 48, 48], new[] { first.Item(), second.Item(), third.Item() });
    }

    [Fact]
    public void Diamonds_add_up_every_path()
    {
        Tensor x = new Rng(seed: 1).Normal([2000]).Tracked();
        Tensor a = x * 2, b = a.Silu() + a, c = a * b;
        Tensor y = (b * c + a).Sum();
        Check.Close(Grad.Of(y, x), Grad.Of(y, x, createGraph: true));
        Check.Gradient(t => (t * 2).Silu() * (t * 2) + t * t, Tensor.Of(0.3f, -1.2f, 2));
        Tensor same = x + x + x;
        Assert.Equal(3, Grad.Of(same.Sum(), x)[0]);
    }

    [Fact]
    public void Intermediate_results_can_be_differentiated_by()
    {
        Tensor x = Tensor.Of(1, 2).Tracked(), a = x * x, y = (a * a).Sum();
        Tensor[] gradients = Grad.Of(y, [a, x, y]);
        Assert.Equal([2f, 8], gradients[0].ToArray());
        Assert.Equal([4f, 32], gradients[1].ToArray());
        Assert.Equal(1, gradients[2].Item());
    }

    [Fact]
    public void Products_with_jacobians_and_hessians_are_right()
    {
        Tensor x = Tensor.Of(1, 2, 3), v = Tensor.Of(1, 0, -1);
        (Tensor value, Tensor tangent) = Grad.Jvp(t => t * t * t.Sum(), x, v);
        Assert.Equal([6f, 24, 54], value.ToArray());
        Assert.Equal([12f, 0, -36], tangent.ToArray()); // 2 x v s + x² Σv
        Assert.Equal([6f, 0, -18], Grad.Hvp(t => (t * t * t).Sum(), x, v).ToArray());
        Assert.Equal([0f, 0, 0], Grad.Hvp(t => t.Sum(), x, v).ToArray());
        Tensor leaf = x.Tracked();
        Assert.Equal([2f, 0, -6], Grad.Vjp(leaf * leaf, v, [leaf])[0].ToArray());
        Assert.Throws<ShapeException>(() => Grad.Hvp(t => t.Sum(), x, Tensor.Of(1)));
        Assert.Throws<ShapeException>(() => Grad.Vjp(leaf * leaf, Tensor.Of(1), [leaf]));
    }

    [Fact]
    public void What_an_output_does_not_depend_on_is_an_error_or_zero()
    {
        Tensor x = Tensor.Of(1, 2).Tracked(), z = Tensor.Of(3).Tracked(), constant = Tensor.Of(4);
        Tensor y = (x * constant).Sum();
        Assert.Equal("Grad: the output () does not depend on input 1 (1)", Assert.Throws<InvalidOperationException>(() => Grad.Of(y, [x, z])).Message);
        Assert.Contains("make it a leaf with Tracked()", Assert.Throws<InvalidOperationException>(() => Grad.Of(y, constant)).Message, StringComparison.Ordinal);
        Assert.Equal([0f], Grad.Vjp(y, Tensor.Scalar(1), [z], allowUnused: true)[0].ToArray());
        Assert.Equal("Grad.Of: the output must have one element, got (2); sum it, or use Grad.Vjp", Assert.Throws<ShapeException>(() => Grad.Of(x * x, x)).Message);
    }

    [Fact]
    public void Backward_needs_one_number_and_something_to_learn()
    {
        Parameter p = new(Tensor.Of(1, 2));
        Assert.Contains("the loss must have one element, got (2)", Assert.Throws<ShapeException>(() => (p * p).Backward()).Message, StringComparison.Ordinal);
        Assert.Contains("depends on no parameter", Assert.Throws<InvalidOperationException>(() => Tensor.Of(1).Sum().Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_written_after_the_forward_pass_is_refused()
    {
        Parameter p = new(Tensor.Of(1, 2));
        Tensor loss = (p * p).Sum();
        p.Values[0] = 5;
        var error = Assert.Throws<InvalidOperationException>(loss.Backward);
        Assert.Contains("multiply: its parameter (2) was written (by an optimizer step?) after the forward pass", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_recorded_under_NoGrad_or_after_Detach()
    {
        Tensor x = Tensor.Of(2).Tracked();
        using (NoGrad.Enter())
        {
            using (NoGrad.Enter()) Assert.False((x * x).RequiresGrad);
            Assert.False((x * x).RequiresGrad);
        }
        Assert.True((x * x).RequiresGrad);
        Assert.False(x.Detach().RequiresGrad);
        Assert.Equal(4, Grad.Of((x * x.Detach() * 2).Sum(), x).Item());
        Assert.True(x.Detach().Tracked().RequiresGrad);
    }

    [Fact]
    public void A_chain_of_100_000_operations_does_not_overflow_the_stack()
    {
        Tensor x = Tensor.Of(1).Tracked(), y = x;
        for (int i = 0; i < 100_000; i++) y = y + x;
        Assert.Equal(100_001, Grad.Of(y.Sum(), x).Item());
        Assert.Equal(100_001, Grad.Of(y.Sum(), x, createGraph: true).Item());
    }

    [Fact]
    public void Gradients_outlive_the_pass_and_do_not_share_the_memory_of_others()
    {
        using MemoryScope scope = MemoryScope.Open();
        Tensor x = Tensor.Ones([5000]).Tracked(), z = Tensor.Ones([5000]).Tracked();
        Tensor[] gradients = Grad.Of((x + z).Sum(), [x, z]);
        Tensor[] again = Grad.Of((x * z * 3).Sum(), [x, z]);
        Assert.Equal(1, gradients[0][4999]);
        Assert.Equal(3, again[1][4999]);
    }

    [Fact]
    public void Anomaly_mode_names_the_first_operation_that_makes_a_NaN()
    {
        Tensor x = Tensor.Of(1, 0).Tracked();
        using (Anomaly.Detect())
        {
            _ = x * x;
            var forward = Assert.Throws<AnomalyException>(() => x / x + 1);
            Assert.Equal("divide", forward.Operation);
            Assert.Equal("divide made a NaN: output (2) from inputs [(2), (2)]", forward.Message);
            Tensor y = (x.Prod() / Tensor.Of(float.PositiveInfinity)).Sum();
            Assert.Equal(0, y.Item());
            Tensor infinite = Tensor.Of(float.PositiveInfinity, 1);
            var backward = Assert.Throws<AnomalyException>(() => Grad.Vjp(x * infinite, Tensor.Of(0, 1), [x]));
            Assert.Equal("multiply", backward.Operation);
        }
        _ = x / x;
    }

    [Fact]
    public void An_operation_without_gradient_throws_by_name_when_one_flows_into_it()
    {
        Tensor x = Tensor.Of(1, 2).Tracked();
        Tensor y = Tape.Record("staircase", x.Detach(), Tape.NoGradient("staircase", x));
        Assert.Equal("staircase has no gradient, but one flows into it. Use Detach() on its input, or StraightThrough, to say what you want instead.",
            Assert.Throws<NotSupportedException>(() => Grad.Of(y.Sum(), x)).Message);
    }

    [Fact]
    public void A_rule_that_loses_a_gradient_is_found_out()
    {
        Tensor x = Tensor.Of(1, 2).Tracked();
        Tensor y = Tape.Record("broken", x.Detach() * 2, new Edge(x, dy => dy.Sum()));
        Assert.Equal("broken: the gradient rule of input 0 gave (), needed (2)", Assert.Throws<InvalidOperationException>(() => Grad.Of(y.Sum(), x)).Message);
    }
}
