using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Ops;
using Rindoku.Papers.Vision.ClassDependence;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class ClassDependenceTests
{
    [Fact]
    public void Strengths_of_none_leave_images_as_they_are_bit_for_bit()
    {
        Tensor x = new Rng(1).Uniform([1, 8, 8]);
        Check.Same(new RandomResizedCrop(8, 8, leastArea: 1, ratio: 1).Apply(x, new Rng(2)), x);
        Check.Same(new RandomRotation(0).Apply(x, new Rng(2)), x);
        Check.Same(new ColourJitter(0, 0, 0, 0).Apply(x, new Rng(2)), x);
    }

    [Fact]
    public void The_mean_over_classes_is_the_accuracy_where_classes_are_of_equal_size()
    {
        ClassSweep sweep = new(1, 1, 2);
        int[] actual = [0, 0, 0, 0, 1, 1, 1, 1], predicted = [0, 0, 0, 1, 1, 0, 0, 0];
        ConfusionMatrix confusion = new(["a", "b"]);
        confusion.Add(actual, predicted);
        sweep.Set(0, 0, [confusion.Recall(0), confusion.Recall(1)]);
        Assert.Equal(confusion.Accuracy, sweep.Mean(0, sweep.All), 12);
        Assert.Equal(0.5, sweep.Mean(0, sweep.All), 12);
    }

    [Fact]
    public void The_best_of_means_is_at_most_the_mean_of_bests_and_equal_where_one_strength_is_best_for_all()
    {
        ClassSweep split = Sweep([[0.9, 0.5], [0.6, 0.9]]), agreed = Sweep([[0.6, 0.5], [0.9, 0.8]]);
        Assert.Equal((0.75, 0.9), (BestOfMeans(split), MeanOfBests(split)));
        Assert.Equal(BestOfMeans(agreed), MeanOfBests(agreed), 12);
        Assert.Equal((1, 0), (split.Dissenters(split.All), agreed.Dissenters(agreed.All)));
        Assert.Equal(0.3, split.Regret(0, split.All, split.All), 12);
        Assert.Equal((0, -0.3), (split.Worst(1, split.All), Math.Round(split.Change(1, 0, split.All), 12)));

        static double BestOfMeans(ClassSweep s) => s.Mean(s.Best(s.All), s.All);
        static double MeanOfBests(ClassSweep s) => Enumerable.Range(0, s.Classes).Average(c => s.Accuracy(s.BestFor(c, s.All), c, s.All));
    }

    [Fact]
    public void Regret_of_noise_is_nothing_when_samples_are_split_and_the_expected_maximum_when_not()
    {
        Rng rng = new(5);
        double split = 0, naive = 0;
        const int draws = 6000, classes = 40;
        for (int draw = 0; draw < draws / classes; draw++)
        {
            ClassSweep sweep = new(5, 2, classes);
            for (int t = 0; t < 5; t++)
                for (int n = 0; n < 2; n++) sweep.Set(t, n, [.. Enumerable.Range(0, classes).Select(_ => rng.NextNormal())]);
            for (int c = 0; c < classes; c++)
            {
                split += sweep.Crossed((choosing, judging) => sweep.Regret(c, choosing, judging)) / draws;
                naive += sweep.Regret(c, [0], [0]) / draws;
            }
        }
        Assert.Equal(0, split, 0.06);
        // Against the strength that is best on average over many classes, one as good as any other: 1.163 less its own small share of luck.
        Assert.Equal(1.163, naive, 0.2);
    }

    [Theory]
    [InlineData(1, 1), InlineData(0.75, 0.4), InlineData(0.5, 0.2), InlineData(0.25, 0.1333)]
    public void A_crop_keeps_the_label_of_a_corner_as_often_as_worked_by_hand_and_as_drawn(double length, double expected)
    {
        Assert.Equal(expected, ClassBias.KeptByCrop(length), 4);
        Rng rng = new(3);
        const int draws = 20_000;
        int kept = Enumerable.Range(0, draws).Count(_ => 0.2 - (1 - length) * rng.NextDouble() >= 0.1);
        Assert.Equal(expected, (double)kept / draws, 0.01);
    }

    [Theory]
    [InlineData(0.1, 0.000595, 0.0816), InlineData(1, 0.04, 0.64), InlineData(10, 0.510, 0.952)]
    public void Ridge_takes_more_from_the_class_of_small_variance(double penalty, double large, double small)
    {
        Assert.Equal(large, ClassBias.Ridge(penalty, 4), 3);
        Assert.Equal(small, ClassBias.Ridge(penalty, 0.25), 3);
        Assert.Equal(1 - Fitted(penalty, 4), Math.Sqrt(ClassBias.Ridge(penalty, 4)), 5);
        Assert.Equal(1 - Fitted(penalty, 0.25), Math.Sqrt(ClassBias.Ridge(penalty, 0.25)), 5);

        // x = (s, -s), y = x: the minimum of mean (y - b x)² + λ b² over b, where gradient descent ends.
        static double Fitted(double penalty, double variance)
        {
            double b = 0;
            for (int step = 0; step < 4000; step++) b -= 0.05 * (variance * (b - 1) + penalty * b);
            return b;
        }
    }

    [Fact]
    public void Half_a_turn_makes_a_nine_of_a_six()
    {
        Tensor six = Tensor.Of(1, 0, 0, 1, 1, 1, 1, 1, 1).Reshape(1, 3, 3), nine = Tensor.Of(1, 1, 1, 1, 1, 1, 0, 0, 1).Reshape(1, 3, 3);
        Check.Same(six.Flip(1, 2), nine); // so that a network that must give both one answer errs on one of them
    }

    [Fact]
    public void The_same_strength_for_every_class_gives_the_batches_of_an_ordinary_loader()
    {
        LabelledSet digits = Digits.Load().Train[..50];
        RandomResizedCrop crop = new(8, 8, leastArea: 0.5, ratio: 1);
        Loader ordinary = new(digits, new LoaderOptions(16), new Rng(4), crop);
        ClassConditionalLoader byClass = new(digits, new LoaderOptions(16), new Rng(4), [.. Enumerable.Repeat(crop, 10)]);
        ClassConditionalLoader withoutEight = new(digits, new LoaderOptions(16), new Rng(4), [.. Enumerable.Range(0, 10).Select(c => c == 8 ? (Transform)new CentreCrop(8, 8) : crop)]);
        foreach (((Batch a, Batch b), Batch c) in ordinary.Epoch(1, scoped: false).Zip(byClass.Epoch(1, scoped: false)).Zip(withoutEight.Epoch(1, scoped: false)))
        {
            Check.Same(b.X, a.X);
            Assert.Equal(a.Y.ToArray(), b.Y.ToArray());
            for (int i = 0; i < a.Count; i++)
            {
                bool eight = c.Y[i] == 8;
                Assert.Equal(eight ? digits[c.Indices[i]].Input.ToArray() : a.X.Select(0, i).ToArray(), c.X.Select(0, i).ToArray());
            }
        }
    }

    [Fact]
    public void Pools_are_balanced_and_share_no_image()
    {
        (LabelledSet chosen, LabelledSet others) = Pools.Draw(Digits.LoadAll(), 80, new Rng(1), "test-per-class");
        Assert.All(chosen.ClassCounts(), count => Assert.Equal(80, count));
        Assert.Equal(1797, chosen.Count + others.Count);
        LabException error = Assert.Throws<LabException>(() => Pools.Draw(Digits.LoadAll(), 180, new Rng(1), "test-per-class"));
        Assert.Contains("test-per-class: got 180; the class with the fewest images has 174", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("strengths=0.5,1", "the first 1"), InlineData("strengths=1,0", "areas above 0"), InlineData("strengths=1,0.5,0.5", "twice"), InlineData("network=res-net50", "colour"),
     InlineData("networks=1", "needed a value from 2")]
    [InlineData("strengths=0,3", "0 to 2", "colour-jitter")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string setting, string words, string arm = "crop")
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new ClassDependenceExperiment().Settings(Profile.Quick, arm, [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static ClassSweep Sweep(double[][] ofStrengths)
    {
        ClassSweep sweep = new(ofStrengths.Length, 1, ofStrengths[0].Length);
        for (int t = 0; t < ofStrengths.Length; t++) sweep.Set(t, 0, ofStrengths[t]);
        return sweep;
    }
}
