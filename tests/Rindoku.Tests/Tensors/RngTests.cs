using Rindoku.Kernels;
using Rindoku.Tests.Kernels;
using Rindoku.Tests.Ops;

namespace Rindoku.Tests.Tensors;

[Collection(nameof(KernelSettings))]
public sealed class RngTests
{
    // Random123's kat_vectors, philox4x32 with 10 rounds.
    [Theory]
    [InlineData(0L, 0L, 0L, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(-1L, -1L, -1L, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0a4093822L, 0x0370734413198a2eL, unchecked((long)0x85a308d3243f6a88UL), 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Philox_gives_the_known_answers(long seed, long stream, long counter, uint a, uint b, uint c, uint d) =>
        Assert.Equal((a, b, c, d), Philox.Block(seed, stream, counter));

    [Fact]
    public void Moments_are_those_of_the_distributions()
    {
        float[] uniform = new Rng(seed: 1).Uniform([200_000], -1, 3).ToArray(), normal = new Rng(seed: 2).Normal([200_000], 2, 3).ToArray();
        Assert.Equal(1, uniform.Average(x => (double)x), 0.01);
        Assert.Equal(4.0 / 3, uniform.Average(x => Math.Pow(x - 1, 2)), 0.02);
        Assert.All(uniform, x => Assert.InRange(x, -1, 3));
        Assert.Equal(2, normal.Average(x => (double)x), 0.03);
        Assert.Equal(9, normal.Average(x => Math.Pow(x - 2, 2)), 0.15);
        Assert.Equal(0, normal.Average(x => Math.Pow((x - 2) / 3, 3)), 0.05);
        Assert.Equal(3, normal.Average(x => Math.Pow((x - 2) / 3, 4)), 0.1);
        Assert.Equal(0.3, new Rng(seed: 3).Bernoulli([100_000], 0.3f).ToArray().Average(x => (double)x), 0.01);
    }

    [Fact]
    public void Numbers_depend_only_on_seed_stream_and_how_many_were_drawn()
    {
        Rng a = new(seed: 5), b = new(seed: 5);
        Assert.Equal(a.Uniform([7]).ToArray(), b.Uniform([7]).ToArray());
        Assert.Equal(a.NextDouble(), b.NextDouble());
        Assert.NotEqual(a.Uniform([7]).ToArray(), new Rng(seed: 5).Uniform([7]).ToArray());
        (long, long, long) state = a.State;
        float[] next = a.Normal([9]).ToArray();
        a.State = state;
        Assert.Equal(next, a.Normal([9]).ToArray());
        a.State = state;
        Assert.Equal(next, a.Clone().Normal([9]).ToArray());
        Assert.Equal(state, a.State);
    }

    [Fact]
    public void The_thread_count_changes_nothing()
    {
        Determinism.Check(() => [new Rng(seed: 1).Uniform([100_003])]);
        Determinism.Check(() => [new Rng(seed: 1).Normal([100_003])]);
    }

    [Fact]
    public void Streams_are_independent_and_splitting_moves_nothing()
    {
        Rng rng = new(seed: 1);
        float[] first = rng.Split("weights").Normal([50_000]).ToArray(), second = rng.Split("dropout").Normal([50_000]).ToArray();
        Assert.Equal(0, rng.Counter);
        Assert.Equal(first, rng.Split("weights").Normal([50_000]).ToArray());
        Assert.Equal(0, first.Zip(second, (a, b) => (double)a * b).Average(), 0.02);
        Assert.NotEqual(rng.Split(1).State, rng.Split(2).State);
        Assert.NotEqual(rng.Split("a").Split("b").Stream, rng.Split("b").Split("a").Stream);
    }

    [Fact]
    public void A_permutation_holds_every_number_once_and_each_is_as_likely()
    {
        Rng rng = new(seed: 1);
        Assert.Equal(Enumerable.Range(0, 100), rng.Permutation(100).Order());
        Assert.Empty(rng.Permutation(0));
        Dictionary<string, int> counts = [];
        for (int i = 0; i < 6000; i++)
        {
            string order = string.Concat(rng.Permutation(3));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150)); // 1000 with a deviation of 29
    }

    [Fact]
    public void Integers_are_even_and_below_their_bound()
    {
        Rng rng = new(seed: 1);
        int[] counts = new int[7];
        for (int i = 0; i < 7000; i++) counts[rng.NextInt(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
        Assert.Throws<ArgumentOutOfRangeException>(() => rng.NextInt(0));
    }
}
