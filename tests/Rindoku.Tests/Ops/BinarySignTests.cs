using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

/// <summary>Signs of two values with the straight-through gradient, and powers of two.</summary>
[Collection(nameof(KernelSettings))]
public sealed class BinarySignTests
{
    [Fact]
    public void Zero_is_positive_and_the_gradient_passes_up_to_one_on_both_sides()
    {
        Tensor x = Tensor.Of(-2, -1.0000001f, -1, -0.5f, -0f, 0, 0.5f, 1, 1.0000001f, 2, float.NaN).Tracked();
        Tensor y = x.BinarySign();
        Check.Close(y, Tensor.Of(-1, -1, -1, -1, 1, 1, 1, 1, 1, 1, float.NaN), 0, 0);
        Check.Same(Grad.Of(y.Sum(), x), Tensor.Of(0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0));
    }

    [Fact]
    public void Every_length_by_both_ways()
    {
        foreach (int length in Lengths.AroundVectorWidths)
        {
            Tensor x = new Rng(3).Normal([length]);
            TwoWays.Agree(t => t[0].BinarySign(), x);
            TwoWays.Agree(t => t[0].NearestPowerOfTwo(), x);
            Check.Same(x.BinarySign(), Tensor.Generate([length], i => x[i] >= 0 ? 1 : -1));
            Check.Same(x.NearestPowerOfTwo(), Tensor.Generate([length], i => MathF.CopySign((float)Math.Pow(2, Math.Round(Math.Log2(Math.Abs((double)x[i])))), x[i])));
        }
    }

    [Fact]
    public void Drawn_signs_have_their_probability_and_the_same_gradient()
    {
        const int draws = 20_000;
        foreach ((float x, double positive) in new[] { (-1.5f, 0.0), (-1f, 0.0), (-0.5f, 0.25), (0f, 0.5), (0.8f, 0.9), (1f, 1.0), (3f, 1.0) })
        {
            Tensor leaf = Tensor.Full([draws], x).Tracked(), y = leaf.BinarySign(new Rng(4));
            Assert.All(y.ToArray(), v => Assert.True(v is 1 or -1));
            Assert.Equal(positive, y.ToArray().Count(v => v > 0) / (double)draws, 0.015);
            Check.Same(Grad.Of(y.Sum(), leaf), Tensor.Full([draws], Math.Abs(x) <= 1 ? 1 : 0));
        }
    }

    [Fact]
    public void Powers_of_two_are_those_of_the_sheet()
    {
        Tensor x = Tensor.Of(0.3f, -0.7f, 1.4f, 1.5f, 3, -0.1f, 0.75f, 2.9f, 0, 1, -4, float.NaN);
        Check.Close(x.NearestPowerOfTwo(), Tensor.Of(0.25f, -0.5f, 1, 2, 4, -0.125f, 1, 4, 0, 1, -4, float.NaN), 0, 0);
        Check.Same(Tensor.Of(1.4142135f, 1.4142137f, 1.1754944e-38f, 1e-39f).NearestPowerOfTwo(), Tensor.Of(1, 2, 1.1754944e-38f, 0));
        Check.Same(Tensor.Of(3.4e38f).NearestPowerOfTwo(), Tensor.Of(float.PositiveInfinity));
    }

    [Fact]
    public void The_number_of_threads_makes_no_difference()
    {
        Tensor x = new Rng(5).Normal([40_000]);
        Determinism.Check(() => [x.BinarySign(), x.BinarySign(new Rng(6)), x.NearestPowerOfTwo()]);
    }
}
