using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Ops;

namespace Rindoku.Tests.Data;

public sealed class ProceduralTests
{
    private static IEnumerable<(double X, double Y, int Label)> Points(LabelledSet set) =>
        Enumerable.Range(0, set.Count).Select(i => ((double)set[i].Input[0], (double)set[i].Input[1], set[i].Label));

    [Fact]
    public void Moons_without_noise_are_those_of_scikit_learn()
    {
        // make_moons(8, shuffle=False): angles 0, 60, 120 and 180 degrees on (cos, sin) and (1 - cos, 0.5 - sin).
        LabelledSet set = PlanarSets.TwoMoons(8, new Rng(1), noise: 0);
        double h = Math.Sqrt(3) / 2;
        (double, double, int)[] expected =
            [(-1, 0, 0), (-0.5, h, 0), (0.5, h, 0), (1, 0, 0), (0, 0.5, 1), (0.5, 0.5 - h, 1), (1.5, 0.5 - h, 1), (2, 0.5, 1)];
        (double, double, int)[] got = [.. Points(set).OrderBy(p => p.Label).ThenBy(p => p.X)];
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(expected[i].Item1, got[i].Item1, 1e-6);
            Assert.Equal(expected[i].Item2, got[i].Item2, 1e-6);
            Assert.Equal(expected[i].Item3, got[i].Item3);
        }
    }

    [Fact]
    public void Circles_have_their_radii_and_no_point_twice()
    {
        LabelledSet set = PlanarSets.Circles(20, new Rng(1), noise: 0, factor: 0.3);
        Assert.All(Points(set), p => Assert.Equal(p.Label == 0 ? 1 : 0.3, Math.Sqrt(p.X * p.X + p.Y * p.Y), 1e-6));
        Assert.Equal(20, Points(set).DistinctBy(p => (Math.Round(p.X, 4), Math.Round(p.Y, 4))).Count());
    }

    [Fact]
    public void Spirals_wind_outwards_one_arm_a_class()
    {
        LabelledSet set = PlanarSets.Spirals(301, new Rng(1), arms: 3, noise: 0);
        Assert.Equal([101, 100, 100], set.ClassCounts());
        foreach ((double x, double y, int label) in Points(set))
        {
            double radius = Math.Sqrt(x * x + y * y), part = (radius - 0.1) / 0.9;
            double turn = Math.Atan2(y, x) / (2 * Math.PI) - part - label / 3.0;
            Assert.Equal(0, turn - Math.Round(turn), 1e-5);
        }
    }

    [Fact]
    public void A_ring_has_its_clouds_neighbours_in_one_class()
    {
        LabelledSet set = PlanarSets.Ring(240, new Rng(1), clouds: 8, classes: 3, radius: 2, deviation: 0);
        Assert.Equal([80, 80, 80], set.ClassCounts());
        int[] classes = [0, 0, 1, 1, 1, 2, 2, 2]; // of 8 clouds the first two, the next three, the last three
        Assert.Equal(8, Points(set).Select(Cloud).Distinct().Count());
        Assert.All(Points(set), p => Assert.Equal(2, Math.Sqrt(p.X * p.X + p.Y * p.Y), 1e-5));
        Assert.All(Points(set), p => Assert.Equal(classes[Cloud(p)], p.Label));
        Assert.Throws<ArgumentOutOfRangeException>(() => PlanarSets.Ring(10, new Rng(1), clouds: 2, classes: 3));

        static int Cloud((double X, double Y, int Label) p) => ((int)Math.Round(Math.Atan2(p.Y, p.X) / (Math.PI / 4)) + 8) % 8;
    }

    [Fact]
    public void Blobs_have_their_deviation()
    {
        LabelledSet set = PlanarSets.Blobs(9000, new Rng(1), centres: 3, deviation: 0.5);
        foreach (IGrouping<int, (double X, double Y, int Label)> cloud in Points(set).GroupBy(p => p.Label))
        {
            double mean = cloud.Average(p => p.X);
            Assert.Equal(0.5, Math.Sqrt(cloud.Average(p => (p.X - mean) * (p.X - mean))), 0.03);
            Assert.InRange(mean, -10.1, 10.1);
        }
    }

    public static TheoryData<Func<Rng, LabelledSet>> Makers => new()
    {
        rng => PlanarSets.TwoMoons(50, rng), rng => PlanarSets.Circles(50, rng), rng => PlanarSets.Spirals(50, rng), rng => PlanarSets.Blobs(50, rng),
        rng => PlanarSets.Ring(50, rng), rng => Glyphs.Make(50, rng),
    };

    [Theory, MemberData(nameof(Makers))]
    public void Sets_depend_on_the_seed_only(Func<Rng, LabelledSet> make)
    {
        Assert.Equal(make(new Rng(1)).Inputs.ToArray(), make(new Rng(1)).Inputs.ToArray());
        Assert.NotEqual(make(new Rng(1)).Inputs.ToArray(), make(new Rng(2)).Inputs.ToArray());
        Assert.Equal(make(new Rng(1)).Labels.ToArray(), make(new Rng(1)).Labels.ToArray());
    }

    [Fact]
    public void Glyphs_are_inked_letters_in_sixteenths()
    {
        LabelledSet set = Glyphs.Make(200, new Rng(1));
        Assert.Equal([200, 1, 8, 8], set.Inputs.Shape);
        Assert.Equal(Glyphs.Letters, string.Concat(set.ClassNames));
        Assert.All(set.Inputs.ToArray(), pixel => Assert.True(pixel * 16 == MathF.Round(pixel * 16) && pixel is >= 0 and <= 1));
        // As much ink as the digits have, 0.305 on average.
        Assert.InRange(set.Inputs.ToArray().Average(), 0.2, 0.4);
        // Two of one letter are more alike than letters of different classes, on average over the set.
        double same = 0, other = 0;
        for (int i = 0; i + 19 < 200; i++)
        {
            same += Distance(set[i], set[i + 19]);
            other += Distance(set[i], set[i + 7]);
        }
        Assert.True(same < 0.8 * other, $"{same} against {other}");
        Assert.Throws<ArgumentException>(() => Glyphs.Make(1, new Rng(1), "A1"));
    }

    private static double Distance(LabelledExample a, LabelledExample b)
    {
        double sum = 0;
        for (int i = 0; i < 64; i++) sum += (a.Input[i] - b.Input[i]) * (a.Input[i] - b.Input[i]);
        return Math.Sqrt(sum);
    }

    [Fact]
    public void The_copy_task_asks_for_what_came_in_after_the_mark()
    {
        SequenceBatch batch = CopyTask.Make(3, 4, 5, new Rng(2));
        Assert.Equal([3, 9, 6], batch.Inputs.Shape);
        Assert.Equal([3, 9, 5], batch.Targets.Shape);
        Assert.Equal([3, 9], batch.Mask.Shape);
        float ones = 0;
        for (int i = 0; i < 3; i++)
        {
            for (int step = 0; step < 9; step++)
            {
                Assert.Equal(step == 4 ? 1 : 0, batch.Inputs[i, step, 5]);
                Assert.Equal(step > 4 ? 1 : 0, batch.Mask[i, step]);
                for (int bit = 0; bit < 5; bit++)
                {
                    Assert.Equal(step > 4 ? batch.Inputs[i, step - 5, bit] : 0, batch.Targets[i, step, bit]);
                    if (step >= 4) Assert.Equal(0, batch.Inputs[i, step, bit]);
                    ones += batch.Inputs[i, step, bit];
                }
            }
        }
        Assert.InRange(ones, 15, 45); // of 60 fair bits
    }

    [Fact]
    public void The_copy_task_takes_vectors_of_ones_own()
    {
        SequenceBatch batch = CopyTask.Of(Tensor.Of(1, 0, 0, 1, 1, 1).Reshape(1, 3, 2));
        Assert.Equal([1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], batch.Inputs.ToArray());
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1], batch.Targets.ToArray());
        Assert.Equal([0, 0, 0, 0, 1, 1, 1], batch.Mask.ToArray());
        Assert.Contains("got (3, 2)", Assert.Throws<ShapeException>(() => CopyTask.Of(Tensor.Zeros([3, 2]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_repeat_copy_task_says_how_often_and_ends_with_a_mark()
    {
        const int bits = 4;
        SequenceBatch batch = RepeatCopyTask.Make(20, (1, 3), (1, 4), bits, new Rng(3));
        int steps = batch.Inputs.Shape[1];
        Assert.Equal([20, steps, 6], batch.Inputs.Shape);
        Assert.Equal([20, steps, 5], batch.Targets.Shape);
        HashSet<(int, int)> seen = [];
        for (int i = 0; i < 20; i++)
        {
            int told = Enumerable.Range(0, steps).Single(t => batch.Inputs[i, t, bits + 1] != 0), length = told - 1;
            int repeats = (int)MathF.Round(batch.Inputs[i, told, bits + 1] * 10);
            seen.Add((length, repeats));
            for (int t = 0; t < steps; t++)
            {
                bool answers = t > told && t <= told + length * repeats + 1;
                Assert.Equal(answers ? 1 : 0, batch.Mask[i, t]);
                Assert.Equal(t == 0 ? 1 : 0, batch.Inputs[i, t, bits]);
                Assert.Equal(t == told + length * repeats + 1 ? 1 : 0, batch.Targets[i, t, bits]);
                for (int bit = 0; bit < bits; bit++)
                {
                    if (t == 0 || t >= told) Assert.Equal(0, batch.Inputs[i, t, bit]);
                    Assert.Equal(t > told && t <= told + length * repeats ? batch.Inputs[i, 1 + (t - told - 1) % length, bit] : 0, batch.Targets[i, t, bit]);
                }
            }
        }
        Assert.True(seen.Count > 5, "lengths and repeats differ");
        Assert.Equal(seen.Max(sizes => sizes.Item1 * (sizes.Item2 + 1) + 3), steps);
    }

    [Fact]
    public void Stories_are_read_word_by_word_with_a_place_for_each_word_of_an_answer()
    {
        IReadOnlyList<BabiStory> stories = BabiStory.Parse("1 John got the Milk.\n2 What is John carrying? \tmilk,apple\t1\n1 Mary went back to the garden.\n", "test");
        Assert.Equal(["john", "got", "the", "milk", ".", "what", "is", "john", "carrying", "?", "-", "-"], stories[0].Words);
        Assert.Equal([.. Enumerable.Repeat<string?>(null, 10), "milk", "apple"], stories[0].Answers);
        Assert.Equal((2, 1, 0), (stories.Count, stories[0].Questions, stories[1].Questions));
        Assert.Equal(159, BabiStory.AllWords.Count);
        Assert.Equal("milk", BabiStory.AllWords[BabiStory.NumberOf("milk")]);
        Assert.Contains("test, line 2: found 'John'", Assert.Throws<FileFormatException>(() => BabiStory.Parse("1 John got the milk.\nJohn\n", "test")).Message, StringComparison.Ordinal);
        Assert.Contains("'spaceship'", Assert.Throws<FileFormatException>(() => BabiStory.Parse("1 John got the spaceship.\n", "test")).Message, StringComparison.Ordinal);
    }
}
