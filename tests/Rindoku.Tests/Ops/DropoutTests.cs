using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

public sealed class DropoutTests
{
    private static readonly Tensor Ones = Tensor.Ones([40, 50, 5, 10]);

    [Fact]
    public void Dropout_drops_its_share_and_scales_the_rest()
    {
        float[] y = Ones.Dropout(0.2f, new Rng(seed: 1)).ToArray();
        Assert.All(y, v => Assert.True(v == 0 || v == 1.25f));
        Assert.Equal(0.2, y.Count(v => v == 0) / (double)y.Length, tolerance: 0.01);
    }

    [Fact]
    public void ChannelDropout_drops_whole_channels_and_DropPath_whole_samples()
    {
        AssertUniform(Ones.ChannelDropout(0.5f, new Rng(seed: 2)), runs: 2000);
        AssertUniform(Ones.DropPath(0.5f, new Rng(seed: 3)), runs: 40);

        static void AssertUniform(Tensor y, int runs)
        {
            float[][] chunks = [.. y.ToArray().Chunk(y.Length / runs)];
            Assert.All(chunks, c => Assert.True(c.All(v => v == c[0]) && c[0] is 0 or 2));
            Assert.Contains(chunks, c => c[0] == 0);
            Assert.Contains(chunks, c => c[0] == 2);
        }
    }

    [Fact]
    public void AlphaDropout_keeps_mean_and_variance()
    {
        Tensor x = new Rng(seed: 4).Normal([200_000]);
        double[] y = [.. x.AlphaDropout(0.3f, new Rng(seed: 5)).ToArray().Select(v => (double)v)];
        double mean = y.Average(), variance = y.Average(v => (v - mean) * (v - mean));
        Assert.Equal(0, mean, tolerance: 0.02);
        Assert.Equal(1, variance, tolerance: 0.03);
    }

    [Fact]
    public void Gradients_go_the_way_of_the_numbers()
    {
        Tensor x = new Rng(seed: 6).Normal([300]).Tracked();
        Tensor y = x.Dropout(0.5f, new Rng(seed: 7));
        Tensor dx = Grad.Of(y.Sum(), x);
        for (int i = 0; i < x.Length; i++) Assert.Equal(y[i] == 0 ? 0 : 2, dx[i]);
    }

    [Fact]
    public void Outside_training_nothing_is_drawn_or_changed()
    {
        Rng rng = new(seed: 8);
        Assert.Same(Ones, Ones.Dropout(0.5f, rng, training: false));
        Assert.Same(Ones, Ones.AlphaDropout(0.5f, rng, training: false));
        Assert.Same(Ones, Ones.DropPath(0, rng));
        Assert.Equal(0, rng.Counter);
    }

    [Fact]
    public void Everything_can_be_dropped() => Check.Same(Ones.Dropout(1, new Rng(seed: 9)), Tensor.Zeros(Ones.Shape));

    [Fact]
    public void A_probability_beyond_one_is_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Ones.Dropout(1.5f, new Rng(seed: 1)));
        Assert.Contains("the probability must lie from 0 to 1", error.Message, StringComparison.Ordinal);
    }
}
