using Rindoku.Kernels;
using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class GatedPoolingTests
{
    private static readonly PoolingKind[] Kinds = Enum.GetValues<PoolingKind>();

    public static TheoryData<PoolingKind> AllKinds => [.. Kinds];

    [Theory, MemberData(nameof(AllKinds))]
    public void It_is_the_recurrence_written_out_at_every_width_and_length(PoolingKind kind)
    {
        foreach (int bits in (int[])[128, 256, 512])
            foreach (int size in Lengths.AroundVectorWidths.Where(size => size > 0))
            {
                if (bits > Simd.Bits) continue;
                using Settings _ = new(bits, threads: 2);
                Rng rng = new(size);
                int batch = 1 + rng.NextInt(4), steps = 1 + rng.NextInt(6);
                Tensor sums = rng.Normal([batch, steps, TensorOps.GatesOf(kind) * size], 0, 2), start = rng.Normal([batch, size]);
                IntTensor lengths = IntTensor.Of([.. Enumerable.Range(0, batch).Select(_ => rng.NextInt(steps + 1))]);
                Tensor mask = rng.Bernoulli([batch, steps, size], 0.7f);
                Compare(sums, kind, new GatedPoolingOptions());
                Compare(sums, kind, new GatedPoolingOptions { Start = start, UpdateScale = 0.9f });
                Compare(sums, kind, new GatedPoolingOptions { Start = start, UpdateMask = mask, Lengths = lengths });
            }
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void The_fused_way_and_the_differentiable_way_agree_on_odd_shapes(PoolingKind kind)
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            Rng rng = new(seed);
            int batch = 1 + rng.NextInt(5), steps = 1 + rng.NextInt(7), size = 1 + rng.NextInt(70);
            IntTensor? lengths = seed % 2 == 0 ? IntTensor.Of([.. Enumerable.Range(0, batch).Select(_ => rng.NextInt(steps + 1))]) : null;
            Tensor? mask = seed > 2 ? rng.Bernoulli([batch, steps, size], 0.6f) : null;
            Tensor sums = rng.Normal([batch, steps, TensorOps.GatesOf(kind) * size]);
            TwoWays.Agree(t => Flat(t[0].GatedPooling(kind, new() { Start = t[1], UpdateMask = mask, UpdateScale = 0.8f, Lengths = lengths })), sums, rng.Normal([batch, size]));
            TwoWays.Agree(t => Flat(t[0].GatedPooling(kind, new() { UpdateMask = mask, Lengths = lengths })), sums);
        }
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void Gradients_and_second_gradients_are_those_of_central_differences(PoolingKind kind)
    {
        Rng rng = new(3);
        Tensor start = rng.Normal([2, 3]);
        Check.Gradient(sums => Flat(sums.GatedPooling(kind, new() { Start = start })), rng.Normal([2, 4, 3 * TensorOps.GatesOf(kind)]));
        Check.Gradient(sums =>
        {
            Tensor y = sums.GatedPooling(kind, new() { Start = start }).Output;
            return Grad.Of((y * y).Sum(), sums, createGraph: true);
        }, rng.Normal([2, 3, 3 * TensorOps.GatesOf(kind)]));
    }

    [Fact]
    public void Windows_hold_the_last_steps_with_the_oldest_first_and_zeros_before_the_start()
    {
        Tensor x = Tensor.Range(6, 1).Reshape(1, 3, 2);
        Check.Same(x.CausalWindows(2), Tensor.Of(0, 0, 1, 2, 1, 2, 3, 4, 3, 4, 5, 6).Reshape(1, 3, 4));
        Check.Same(x.CausalWindows(2, steps: 1), Tensor.Of(3, 4, 5, 6).Reshape(1, 1, 4));
        Check.Same(x.CausalWindows(4, steps: 1), Tensor.Of(0, 0, 1, 2, 3, 4, 5, 6).Reshape(1, 1, 8));
        Assert.Same(x, x.CausalWindows(1));
    }

    [Theory, InlineData(1, 5, 5, 3, 1), InlineData(2, 5, 5, 3, 2), InlineData(3, 7, 4, 2, 3), InlineData(2, 3, 2, 1, 6), InlineData(9, 40, 33, 31, 2)]
    public void Windows_and_their_gradient_are_each_others_transpose(int batch, int given, int steps, int width, int window)
    {
        Rng rng = new(window);
        Tensor x = rng.Normal([batch, given, width]).Tracked(), y = x.CausalWindows(window, steps), dy = rng.Normal(y.Shape);
        Tensor dx = Grad.Vjp(y, dy, [x])[0];
        Assert.Equal((double)(y * dy).Sum().Item(), (x * dx).Sum().Item(), 1e-3 * batch);
        float[] expected = new float[x.Length];
        for (int at = 0; at < y.Length; at++)
        {
            (int sample, int t, int slot, int column) = (at / (steps * window * width), at / (window * width) % steps, at / width % window, at % width);
            int from = given - steps + t - window + 1 + slot;
            if (from >= 0) expected[(sample * given + from) * width + column] += dy.Span[at];
        }
        Check.Close(dx, Tensor.From(expected, x.Shape));
        TwoWays.Agree(z => z[0].CausalWindows(window, steps).Tanh(), x.Detach());
    }

    [Fact]
    public void Results_are_bitwise_equal_for_any_number_of_threads()
    {
        Rng rng = new(seed: 2);
        Tensor x = rng.Normal([13, 50, 60]).Tracked(), weight = rng.Normal([3 * 100, 120], 0, 0.1f);
        Determinism.Check(() =>
        {
            Tensor y = x.CausalWindows(2).Linear(weight).GatedPooling(PoolingKind.ForgetOutput).Output;
            return [y, Grad.Of(y.Sum(), x)];
        });
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_the_shapes()
    {
        Tensor sums = Tensor.Zeros([2, 4, 6]);
        Refuses<ShapeException>(() => sums.GatedPooling(PoolingKind.InputForgetOutput), "GatedPooling: the sums must be (B, T, 4 H) with at least one step, got (2, 4, 6)");
        Refuses<ShapeException>(() => sums.GatedPooling(PoolingKind.Forget, new() { Start = Tensor.Zeros([2, 2]) }), "GatedPooling: the start must be (2, 3), got (2, 2)");
        Refuses<ShapeException>(() => sums.GatedPooling(PoolingKind.Forget, new() { UpdateMask = Tensor.Zeros([2, 3]) }), "GatedPooling: the mask must be (2, 4, 3), got (2, 3)");
        Refuses<ArgumentOutOfRangeException>(() => sums.GatedPooling(PoolingKind.Forget, new() { Lengths = IntTensor.Of(4, 5) }), "GatedPooling: length 5 is not from 0 to 4 steps");
        Refuses<ShapeException>(() => sums.CausalWindows(2, steps: 5), "CausalWindows: x (2, 4, 6) and 5 steps; needed is (B, S, W) with at least as many steps");

        static void Refuses<E>(Func<object> act, string message) where E : Exception => Assert.StartsWith(message, Assert.Throws<E>(act).Message);
    }

    private static Tensor Flat(PooledSequence y) => Tensor.Concat([y.Output.Reshape(-1), y.Cell.Reshape(-1)]);

    // Equations 3 to 5 of the paper, one number after the other, in double precision.
    private static void Compare(Tensor sums, PoolingKind kind, GatedPoolingOptions options)
    {
        int gates = TensorOps.GatesOf(kind), batch = sums.Shape[0], steps = sums.Shape[1], size = sums.Shape[2] / gates;
        float[] outputs = new float[batch * steps * size], last = new float[batch * size];
        for (int line = 0; line < last.Length; line++)
        {
            (int sample, int channel) = Math.DivRem(line, size);
            double c = options.Start?.Span[line] ?? 0;
            for (int t = 0; t < (options.Lengths?[sample] ?? steps); t++)
            {
                int at = (sample * steps + t) * size + channel;
                double z = Math.Tanh(Sum(0)), u = (1 - Sigmoid(Sum(1))) * (options.UpdateMask?.Span[at] ?? options.UpdateScale);
                c = (1 - u) * c + (gates > 3 ? Sigmoid(Sum(3)) : u) * z;
                outputs[at] = (float)(gates > 2 ? Sigmoid(Sum(2)) * c : c);

                double Sum(int gate) => sums.Span[((sample * steps + t) * gates + gate) * size + channel];
            }
            last[line] = (float)c;
        }
        PooledSequence actual = sums.GatedPooling(kind, options), tracked = sums.Tracked().GatedPooling(kind, options);
        Check.Close(actual.Output, Tensor.From(outputs, [batch, steps, size]), what: $"{kind}, {size} channels, output");
        Check.Close(actual.Cell, Tensor.From(last, [batch, size]), what: $"{kind}, {size} channels, last c");
        Check.Same(tracked.Output, actual.Output);
        Check.Same(tracked.Cell, actual.Cell);

        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
    }
}
