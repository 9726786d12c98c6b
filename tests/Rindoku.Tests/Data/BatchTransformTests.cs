using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class BatchTransformTests
{
    // Example i is filled with i and is of class i mod 3.
    private static Batch Make(int count, int side) => new(
        Tensor.Generate([count, 2, side, side], i => i / (2 * side * side)), IntTensor.Of([.. Enumerable.Range(0, count).Select(i => i % 3)]),
        [.. Enumerable.Range(0, count)], default);

    [Fact]
    public void Mixup_blends_examples_and_targets_by_the_same_share()
    {
        Batch batch = Make(6, 2);
        for (int seed = 0; seed < 50; seed++)
        {
            Batch mixed = new Mixup(0.4).Apply(batch, 3, new Rng(seed));
            // The share is the one the targets show wherever the partner is of another class.
            Rng replay = new(seed);
            float keep = (float)Beta.Sample(0.4, 0.4, replay);
            int[] partners = replay.Permutation(6);
            for (int i = 0; i < 6; i++)
            {
                Assert.Equal(keep * i + (1 - keep) * partners[i], mixed.X[i, 1, 1, 1], 1e-5);
                for (int c = 0; c < 3; c++)
                    Assert.Equal((i % 3 == c ? keep : 0) + (partners[i] % 3 == c ? 1 - keep : 0), mixed.Targets![i, c], 1e-6);
            }
        }
        Assert.Equal(5, batch.X[5, 1, 1, 1]);
    }

    [Fact]
    public void CutMix_pastes_one_rectangle_and_counts_its_pixels()
    {
        Batch batch = Make(5, 8);
        bool some = false;
        for (int seed = 0; seed < 50; seed++)
        {
            Batch mixed = new CutMix().Apply(batch, 5, new Rng(seed));
            for (int i = 0; i < 5; i++)
            {
                float[] pixels = mixed.X.Span.Slice(i * 128, 128).ToArray();
                Assert.Equal(pixels[..64], pixels[64..]);
                int foreign = pixels[..64].Count(v => v != i);
                float[] partner = [.. pixels.Where(v => v != i).Distinct()];
                Assert.InRange(partner.Length, 0, 1);
                if (foreign == 0) continue;
                some = true;
                int own = i % 3, other = (int)partner[0] % 3;
                if (own != other)
                {
                    Assert.Equal(1 - foreign / 64f, mixed.Targets![i, own], 1e-6);
                    Assert.Equal(foreign / 64f, mixed.Targets![i, other], 1e-6);
                }
                // All foreign pixels lie in the rectangle that they span.
                int[] places = [.. Enumerable.Range(0, 64).Where(p => pixels[p] != i)];
                int height = places.Max(p => p / 8) - places.Min(p => p / 8) + 1, width = places.Max(p => p % 8) - places.Min(p => p % 8) + 1;
                Assert.Equal(height * width, foreign);
            }
        }
        Assert.True(some);
    }

    [Theory, InlineData(0.2), InlineData(1), InlineData(3)]
    public void Beta_numbers_have_the_mean_and_variance_of_their_distribution(double alpha)
    {
        Rng rng = new(7);
        double[] draws = [.. Enumerable.Range(0, 20_000).Select(_ => Beta.Sample(alpha, alpha, rng))];
        double mean = draws.Average(), variance = draws.Average(x => (x - mean) * (x - mean));

        Assert.All(draws, x => Assert.InRange(x, 0, 1));
        Assert.Equal(0.5, mean, 0.015);
        Assert.Equal(1 / (4 * (2 * alpha + 1)), variance, 0.006); // of Beta(a, a): 1 / (4 (2 a + 1))
        Assert.Equal(2 / 7.0, Enumerable.Range(0, 20_000).Average(_ => Beta.Sample(2, 5, rng)), 0.01);
    }

    [Fact]
    public void A_loader_mixes_whole_batches_the_same_for_any_number_of_threads()
    {
        LabelledSet set = Digits.LoadAll()[..100];
        float[][] Targets(int threads) => [.. new Loader(set, new LoaderOptions(32) { Threads = threads }, new Rng(1), new RandomCrop(8, 8, padding: 1), new CutMix())
            .Epoch(0).Select(b => b.Targets!.ToArray().Concat(b.X.ToArray()).ToArray())];

        Assert.Equal(Targets(0), Targets(3));
        Assert.All(Targets(1), t => Assert.Contains(t, v => v is > 0 and < 1));
    }

    [Fact]
    public void A_loader_refuses_a_transform_that_does_not_fit_at_once() =>
        Assert.Throws<ShapeException>(() => new Loader(Digits.LoadAll(), new LoaderOptions(4), null, new CentreCrop(9, 9)));
}
