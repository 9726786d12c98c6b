using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

public sealed class DilatedStackTests
{
    // Lengths on both sides of where pointwise convolutions are computed in another way.
    [Theory]
    [InlineData(2, 0, 1, 60), InlineData(2, 3, 2, 60), InlineData(3, 0, 1, 60), InlineData(3, 2, 3, 60), InlineData(2, 0, 1, 1500)]
    public void Steps_give_the_bits_of_the_whole(int width, int conditionChannels, int batch, int length)
    {
        DilatedStack stack = new(8, 12, [1, 2, 4, 8, 1, 2, 4, 8], new Rng(1), width, conditionChannels);
        Tensor x = new Rng(2).Normal([batch, 8, length]).Keep();
        Tensor? condition = conditionChannels == 0 ? null : new Rng(3).Normal([batch, conditionChannels, length]).Keep();
        using NoGrad noGrad = NoGrad.Enter();
        Tensor whole = stack.Forward(x, condition);
        DilatedQueues queues = stack.Begin(batch);
        for (int t = 0; t < length; t++)
            Check.Same(stack.Step(queues, x.Slice(2, t..(t + 1)), condition?.Slice(2, t..(t + 1))), whole.Slice(2, t..(t + 1)), $"time {t}");
        Assert.Equal(length, queues.Time);
    }

    [Theory, InlineData(2, true), InlineData(2, false), InlineData(3, true)]
    public void An_output_depends_on_its_reach_and_on_nothing_later(int width, bool lastResidual)
    {
        DilatedStack stack = new(4, 3, [1, 2, 4, 8], new Rng(1), width, lastResidual: lastResidual);
        Assert.Equal(15 * (width - 1), stack.Reach);
        const int length = 50, at = 40;
        Tensor x = new Rng(2).Normal([1, 4, length]).Tracked();
        float[] gradient = Grad.Of(stack.Forward(x).Slice(2, at..(at + 1)).Sum(), x).Abs().Sum([0, 1]).ToArray();
        int[] seen = [.. Enumerable.Range(0, length).Where(t => gradient[t] != 0)];
        Assert.Equal(Enumerable.Range(at - stack.Reach, stack.Reach + 1), seen);
    }

    [Fact]
    public void It_is_what_the_equations_say()
    {
        DilatedStack stack = new(2, 3, [1, 2], new Rng(1), conditionChannels: 1);
        IReadOnlyDictionary<string, Tensor> w = stack.State();
        Tensor x = new Rng(2).Normal([1, 2, 5]), c = new Rng(3).Normal([1, 1, 5]);
        double[,] now = new double[2, 5], skip = new double[3, 5];
        for (int i = 0; i < 2; i++) for (int t = 0; t < 5; t++) now[i, t] = x[0, i, t];
        for (int layer = 0; layer < 2; layer++)
        {
            int d = layer + 1;
            double[,] z = new double[2, 5], next = new double[2, 5];
            for (int t = 0; t < 5; t++)
                for (int i = 0; i < 2; i++) z[i, t] = Math.Tanh(Sum(layer, d, i, t)) / (1 + Math.Exp(-Sum(layer, d, 2 + i, t)));
            for (int t = 0; t < 5; t++)
            {
                for (int o = 0; o < 3; o++) skip[o, t] += Pointwise($"skips.{layer}", o, t, z);
                for (int o = 0; o < 2; o++) next[o, t] = now[o, t] + Pointwise($"residuals.{layer}", o, t, z);
            }
            now = next;
        }
        Tensor y = stack.Forward(x, c);
        for (int o = 0; o < 3; o++) for (int t = 0; t < 5; t++) Assert.Equal(skip[o, t], y[0, o, t], 5);

        double Sum(int layer, int d, int o, int t)
        {
            double sum = w[$"gates.{layer}.bias"][o] + w[$"conditions.{layer}.weight"][o, 0, 0] * c[0, 0, t];
            for (int i = 0; i < 2; i++) sum += w[$"gates.{layer}.weight"][o, i, 1] * now[i, t] + (t < d ? 0 : w[$"gates.{layer}.weight"][o, i, 0] * now[i, t - d]);
            return sum;
        }

        double Pointwise(string name, int o, int t, double[,] z) => w[$"{name}.bias"][o] + w[$"{name}.weight"][o, 0, 0] * z[0, t] + w[$"{name}.weight"][o, 1, 0] * z[1, t];
    }

    // Time-to-batch: every second sample of a convolution of dilation 2 is a convolution of every second sample.
    [Fact]
    public void A_dilated_layer_is_an_undilated_one_on_every_second_sample()
    {
        DilatedStack dilated = new(3, 4, [2], new Rng(1)), plain = new(3, 4, [1], new Rng(1));
        Tensor x = new Rng(2).Normal([2, 3, 40]), y = dilated.Forward(x);
        for (int phase = 0; phase < 2; phase++)
            Check.Same(plain.Forward(x.Slice(2, phase.., 2)), y.Slice(2, phase.., 2));
    }

    [Fact]
    public void A_condition_that_does_not_change_is_one_of_a_single_time()
    {
        DilatedStack stack = new(4, 4, [1, 2, 4], new Rng(1), conditionChannels: 2);
        Tensor x = new Rng(2).Normal([3, 4, 20]), one = new Rng(3).Normal([3, 2, 1]);
        Check.Same(stack.Forward(x, one), stack.Forward(x, one.Expand([3, 2, 20])));
    }

    [Fact]
    public void Without_weights_of_conditions_it_is_the_stack_without_conditions()
    {
        DilatedStack told = new(4, 4, [1, 2], new Rng(1), conditionChannels: 2), untold = new(4, 4, [1, 2], new Rng(1));
        foreach ((string name, Parameter parameter) in told.NamedParameters)
            if (name.StartsWith("conditions", StringComparison.Ordinal)) parameter.Values.Clear();
        Tensor x = new Rng(2).Normal([1, 4, 20]);
        Check.Same(told.Forward(x, new Rng(3).Normal([1, 2, 20])), untold.Forward(x));
    }

    [Fact]
    public void Mistakes_are_told()
    {
        DilatedStack told = new(4, 4, [1], new Rng(1), conditionChannels: 2), untold = new(4, 4, [1], new Rng(1));
        Tensor x = Tensor.Zeros([1, 4, 6]);
        Assert.Contains("needs a condition of 2 channels, got none", Refused(() => told.Forward(x)), StringComparison.Ordinal);
        Assert.Contains("knows no condition", Refused(() => untold.Forward(x, Tensor.Zeros([1, 2, 6]))), StringComparison.Ordinal);
        Assert.Contains("(1, 2, 6)", Refused(() => told.Forward(x, Tensor.Zeros([1, 2, 5]))), StringComparison.Ordinal);
        Assert.Contains("must be (batch, 4, time)", Refused(() => untold.Forward(Tensor.Zeros([1, 3, 6]))), StringComparison.Ordinal);
        Assert.Contains("must be (2, 4, 1)", Refused(() => untold.Step(untold.Begin(2), Tensor.Zeros([1, 4, 1]))), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new DilatedStack(4, 4, [1, 0], new Rng(1)));

        static string Refused(Func<Tensor> work) => Assert.Throws<ShapeException>(work).Message;
    }
}
