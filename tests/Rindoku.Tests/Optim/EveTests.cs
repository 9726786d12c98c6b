using Rindoku.Optim;
using Rindoku.Testing;

namespace Rindoku.Tests.Optim;

/// <summary>What Eve asks of its user and remembers; its numbers are in <see cref="OptimizerTests"/> and in the tests of the paper.</summary>
public sealed class EveTests
{
    [Fact]
    public void A_step_whose_loss_was_not_told_is_refused_and_changes_nothing()
    {
        Parameter w = new(Tensor.Of(1, 2)) { Grad = Tensor.Of(1, 1) };
        Eve optimizer = new([w]);
        optimizer.Observe(1);
        optimizer.Step();
        Tensor before = Tensor.From(w.Span, w.Shape);
        var error = Assert.Throws<InvalidOperationException>(optimizer.Step);
        Assert.Equal("Eve.Step: the loss of this step is not known; call Observe(loss) between Backward and Step", error.Message);
        Check.Same(w, before);
        Assert.Equal(1, optimizer.Steps);
    }

    [Theory, InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void A_loss_that_is_no_number_is_refused(double loss) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Eve([new Parameter(Tensor.Of(1))]).Observe(loss));

    [Fact]
    public void The_first_form_compares_by_ratio_and_refuses_negative_losses()
    {
        Parameter w = new(Tensor.Of(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EveV1([w]).Observe(-1));
        new Eve([w], minimum: -2).Observe(-1);
    }

    [Fact]
    public void A_loss_of_exactly_zero_or_below_the_minimum_leaves_finite_numbers()
    {
        Parameter w = new(Tensor.Of(1));
        foreach (FeedbackAdam optimizer in (FeedbackAdam[])[new Eve([w]), new Eve([w], minimum: 0.5), new EveV1([w]), new EveV1([w], againstRawLoss: true)])
            foreach (double loss in (double[])[1, 0, 0, 0.3, 0, 2])
            {
                w.Grad = Tensor.Of(0.1f);
                optimizer.Observe(loss);
                optimizer.Step();
                Assert.InRange(optimizer.Divisor, 0.1, 10);
                Assert.True(float.IsFinite(w.Span[0]));
            }
    }

    [Fact]
    public void Loaded_it_has_the_same_divisor_and_reference_to_the_last_bit()
    {
        Parameter w = new(Tensor.Of(1, 2, 3)), other = new(w);
        EveV1 first = new([w]), second = new([other]);
        foreach (double loss in (double[])[2.3, 1.7, 1.9])
        {
            w.Grad = Tensor.Of(0.1f, -0.2f, 0.3f);
            first.Observe(loss);
            first.Step();
        }
        second.Load(first.State(), first.Steps);
        Assert.Equal(first.Divisor, second.Divisor);
        Assert.Equal(first.Reference, second.Reference);
        Assert.Equal(1.9, first.Reference, 12); // more than a float holds
    }

    [Fact]
    public void Before_the_first_step_nothing_is_divided_and_nothing_compared()
    {
        Eve optimizer = new([new Parameter(Tensor.Of(1))]);
        Assert.Equal(1, optimizer.Divisor);
        Assert.Equal(double.NaN, optimizer.Reference);
    }
}
