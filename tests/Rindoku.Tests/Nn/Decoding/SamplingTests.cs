using Rindoku.Nn.Decoding;

namespace Rindoku.Tests.Nn.Decoding;

public sealed class SamplingTests
{
    private static readonly float[] Logits = [.. new[] { 0.125, 0.5, 0.125, 0.25 }.Select(p => (float)Math.Log(p) + 7)];

    private static void Gives(SamplingSettings settings, params double[] expected)
    {
        double[] got = Sampling.Probabilities(Logits, settings);
        Assert.Equal(expected.Length, got.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], got[i], 1e-6);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i] == 0, got[i] == 0);
    }

    [Fact]
    public void Temperature_sharpens_and_flattens()
    {
        Gives(new SamplingSettings(), 0.125, 0.5, 0.125, 0.25);
        Gives(new SamplingSettings { Temperature = 0.5 }, 1 / 22.0, 16 / 22.0, 1 / 22.0, 4 / 22.0); // squares, out of 22/64
        double root = Math.Sqrt(0.5) + Math.Sqrt(0.25) + 2 * Math.Sqrt(0.125);
        Gives(new SamplingSettings { Temperature = 2 }, Math.Sqrt(0.125) / root, Math.Sqrt(0.5) / root, Math.Sqrt(0.125) / root, 0.5 / root);
        Gives(new SamplingSettings { Temperature = 0 }, 0, 1, 0, 0);
    }

    [Fact]
    public void Top_k_keeps_the_k_likeliest_and_of_equal_ones_the_first()
    {
        Gives(new SamplingSettings { TopK = 1 }, 0, 1, 0, 0);
        Gives(new SamplingSettings { TopK = 2 }, 0, 2 / 3.0, 0, 1 / 3.0);
        Gives(new SamplingSettings { TopK = 3 }, 1 / 7.0, 4 / 7.0, 0, 2 / 7.0);
        Gives(new SamplingSettings { TopK = 4 }, 0.125, 0.5, 0.125, 0.25);
        Gives(new SamplingSettings { TopK = 99 }, 0.125, 0.5, 0.125, 0.25);
    }

    [Fact]
    public void The_nucleus_is_the_fewest_that_reach_p()
    {
        Gives(new SamplingSettings { TopP = 0.01 }, 0, 1, 0, 0);
        Gives(new SamplingSettings { TopP = 0.49 }, 0, 1, 0, 0);
        Gives(new SamplingSettings { TopP = 0.51 }, 0, 2 / 3.0, 0, 1 / 3.0);
        Gives(new SamplingSettings { TopP = 0.76 }, 1 / 7.0, 4 / 7.0, 0, 2 / 7.0);
        Gives(new SamplingSettings { TopP = 0.88 }, 0.125, 0.5, 0.125, 0.25);
        // Top-k first: of 2/3 and 1/3 the first reaches 0.6, which among all four it would not.
        Gives(new SamplingSettings { TopP = 0.6, TopK = 2 }, 0, 1, 0, 0);
        // The temperature first of all: 16/22 reaches 0.6.
        Gives(new SamplingSettings { TopP = 0.6, Temperature = 0.5 }, 0, 1, 0, 0);
    }

    [Fact]
    public void Draws_come_as_often_as_they_are_probable()
    {
        const int draws = 40_000;
        SamplingSettings settings = new() { TopK = 3 };
        Rng rng = new(4);
        int[] counts = new int[4];
        for (int i = 0; i < draws; i++) counts[Sampling.Draw(Logits, rng, settings)]++;
        double[] expected = Sampling.Probabilities(Logits, settings);
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], counts[i] / (double)draws, 4 * Math.Sqrt(expected[i] * (1 - expected[i]) / draws) + 1e-12);
        Assert.Equal(0, counts[2]);
    }

    [Fact]
    public void Rows_are_drawn_one_after_the_other_and_repeat()
    {
        Tensor logits = new Rng(1).Normal([5, 9]);
        IntTensor drawn = Sampling.Draw(logits, new Rng(2));
        Rng rng = new(2);
        for (int row = 0; row < 5; row++) Assert.Equal(Sampling.Draw(logits.Span.Slice(row * 9, 9), rng), drawn[row]);
        Assert.Equal(drawn.ToArray(), Sampling.Draw(logits, new Rng(2)).ToArray());
        Assert.Equal(Sampling.Greedy(logits).ToArray(), Sampling.Draw(logits, rng, new SamplingSettings { Temperature = 0 }).ToArray());
        Assert.Equal(Sampling.Greedy(logits).ToArray(), Sampling.Draw(logits, rng, new SamplingSettings { TopK = 1 }).ToArray());
        Assert.Equal([0, 2], Sampling.Greedy(Tensor.From([3, 3, 1, -1, -2, 0], [2, 3])).ToArray());
    }

    [Fact]
    public void Ruled_out_tokens_are_never_drawn_and_bad_input_is_refused()
    {
        float[] logits = [float.NegativeInfinity, 0, float.NegativeInfinity];
        Assert.Equal([0, 1, 0], Sampling.Probabilities(logits));
        Assert.Equal(1, Sampling.Draw(logits, new Rng(1), new SamplingSettings { TopK = 3, TopP = 0.999 }));
        Assert.Throws<ArgumentException>(() => Sampling.Greedy([float.NaN]));
        Assert.Throws<ArgumentException>(() => Sampling.Greedy([0, float.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => Sampling.Greedy([float.NegativeInfinity]));
        Assert.Throws<ArgumentException>(() => Sampling.Draw([], new Rng(1)));
        Assert.Throws<ShapeException>(() => Sampling.Greedy(Tensor.Of(1, 2)));
        foreach (SamplingSettings bad in new SamplingSettings[] { new() { Temperature = -1 }, new() { TopK = -1 }, new() { TopP = 0 }, new() { TopP = 1.1 }, new() { Temperature = double.NaN } })
            Assert.Throws<ArgumentOutOfRangeException>(() => Sampling.Probabilities([0, 1], bad));
    }
}
