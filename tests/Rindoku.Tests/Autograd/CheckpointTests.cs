using Rindoku.Autograd;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Autograd;

public sealed class CheckpointTests
{
    private readonly Parameter weight = new(new Rng(seed: 1).Normal([8, 8]));
    private readonly Rng dropout = new(seed: 2);

    private Tensor Layer(Tensor x)
    {
        Tensor mask = dropout.Bernoulli(x.Shape, 0.5f);
        return (x * weight).Silu() * mask + x * weight.Select(0, 0);
    }

    [Fact]
    public void Value_and_gradients_are_those_without_checkpoints()
    {
        Tensor x = new Rng(seed: 3).Normal([8, 8]).Tracked();
        (long, long, long) start = dropout.State;
        Tensor plain = Layer(Layer(x * x));
        Tensor[] expected = Grad.Of(plain.Sum(), [x, weight]);

        dropout.State = start;
        Tensor y = Checkpoint.Run(Layer, Checkpoint.Run(Layer, x * x, dropout), dropout);
        (long, long, long) end = dropout.State;
        Tensor[] actual = Grad.Of(y.Sum(), [x, weight]);
        Check.Same(y, plain);
        Check.Close(actual[0], expected[0]);
        Check.Close(actual[1], expected[1]);
        Assert.Equal(end, dropout.State);
    }

    [Fact]
    public void Backward_reaches_the_parameters_inside()
    {
        Tensor x = new Rng(seed: 3).Normal([8, 8]);
        (long, long, long) start = dropout.State;
        Layer(x).Sum().Backward();
        Tensor expected = Tensor.From(weight.Grad!.Span, weight.Shape);
        weight.Grad = null;
        dropout.State = start;
        Checkpoint.Run(Layer, x, dropout).Sum().Backward();
        Check.Close(weight.Grad!, expected);
    }

    [Fact]
    public void Gradients_can_be_differentiated_again()
    {
        Tensor x = new Rng(seed: 3).Normal([5]).Tracked(), z = new Rng(seed: 4).Normal([5]).Tracked();
        Tensor captured = z * z;
        Check.Close(Second(u => Checkpoint.Run(t => t[0].Silu() * t[1] * t[0] + captured * t[0], [u * u, captured])),
            Second(u => (u * u).Silu() * captured * (u * u) + captured * (u * u)), what: "second gradient");

        Tensor Second(Func<Tensor, Tensor> f)
        {
            Tensor[] first = Grad.Of(f(x).Sum(), [x, z], createGraph: true);
            return Tensor.Concat(Grad.Of((first[0] * first[1]).Sum(), [x, z]));
        }
    }

    [Fact]
    public void Tensors_captured_from_outside_get_their_gradient_once()
    {
        Tensor z = Tensor.Of(2, 3).Tracked();
        Tensor outer = z * z;
        Tensor y = Checkpoint.Run(() => outer * z); // z³: through outer and directly
        Assert.Equal([12f, 27], Grad.Of(y.Sum(), z).ToArray());
    }

    [Fact]
    public void Checkpoints_nest_and_may_do_nothing()
    {
        Tensor x = new Rng(seed: 3).Normal([3000]).Tracked();
        Tensor y = Checkpoint.Run(a => Checkpoint.Run(b => (b * b).Silu(), a) * Checkpoint.Run(b => b, a), x);
        Check.Close(Grad.Of(y.Sum(), x), Grad.Of(((x * x).Silu() * x).Sum(), x));
        Tensor shared = x * 2;
        Tensor sum = Checkpoint.Run(b => b, shared) + shared.Silu() + Checkpoint.Run(b => b, shared);
        Check.Close(Grad.Of(sum.Sum(), x), Grad.Of((shared + shared.Silu() + shared).Sum(), x));
    }

    [Fact]
    public void Intermediate_results_give_their_memory_back_after_the_forward_pass()
    {
        Tensor inside = Tensor.Scalar(0);
        using MemoryScope scope = MemoryScope.Open();
        Tensor x = Tensor.Ones([5000]).Tracked();
        Tensor y = Checkpoint.Run(t =>
        {
            inside = t * 3;
            Assert.Equal(3, inside[0]);
            return inside * inside;
        }, x);
        Assert.Throws<InvalidOperationException>(() => inside[0]);
        Assert.Equal(9, y[0]);
        Assert.Equal(18, Grad.Of(y.Sum(), x)[0]);
    }

    [Fact]
    public void The_work_can_see_that_it_is_done_again()
    {
        List<bool> seen = [];
        Tensor x = Tensor.Of(2).Tracked();
        Tensor y = Checkpoint.Run(t =>
        {
            seen.Add(Checkpoint.IsRecomputing);
            return t * t;
        }, x);
        Assert.Equal(4, Grad.Of(y.Sum(), x).Item());
        Assert.Equal([false, true], seen);
    }

    [Fact]
    public void Other_random_numbers_the_second_time_are_an_error()
    {
        Tensor y = Checkpoint.Run(Layer, new Rng(seed: 3).Normal([8, 8])); // dropout is not named
        var error = Assert.Throws<InvalidOperationException>(() => y.Sum().Backward());
        Assert.Contains("Pass every Rng", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_written_in_between_is_refused()
    {
        Tensor y = Checkpoint.Run(Layer, new Rng(seed: 3).Normal([8, 8]), dropout);
        weight.Values[0] += 1;
        Assert.Contains("checkpoint: its parameter (8, 8) was written", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_recording_the_work_is_simply_done()
    {
        using (NoGrad.Enter()) Assert.False(Checkpoint.Run(t => t * t, Tensor.Of(2).Tracked()).RequiresGrad);
        Assert.False(Checkpoint.Run(t => t * t, Tensor.Of(2)).RequiresGrad);
    }
}
