using Rindoku.Data;

namespace Rindoku.Lab.Tests.Data;

public sealed class OutsideTaskTests
{
    private static OutsideTask Load(long seed, bool standardise = false, int training = 100, int test = 60) =>
        OutsideTask.Load(ImageSet.Digits, DataDirectory.Resolve(), training, test, new Rng(seed), standardise);

    [Fact]
    public void Test_images_and_sets_from_outside_are_the_same_for_every_seed_and_training_images_are_not()
    {
        OutsideTask a = Load(1), b = Load(2);
        Assert.Equal(a.Test.Inputs.ToArray(), b.Test.Inputs.ToArray());
        Assert.Equal(["noise", "inverted", "permuted", "rotated", "letters"], a.Outside.Select(o => o.Name));
        for (int i = 0; i < a.Outside.Count; i++) Assert.Equal(a.Outside[i].Inputs.ToArray(), b.Outside[i].Inputs.ToArray());
        Assert.NotEqual(a.Train.Inputs.ToArray(), b.Train.Inputs.ToArray());
        Assert.All(a.Outside, o => Assert.Equal([60, 1, 8, 8], o.Inputs.Shape));
    }

    [Fact]
    public void No_training_image_is_a_test_image()
    {
        OutsideTask task = Load(3, training: 1200, test: 597);
        HashSet<string> test = [.. Enumerable.Range(0, task.Test.Count).Select(i => Key(task.Test, i))];
        // The set itself holds no two equal images.
        Assert.Equal(0, Enumerable.Range(0, task.Train.Count).Count(i => test.Contains(Key(task.Train, i))));

        static string Key(LabelledSet set, int i) => string.Join(' ', set[i].Input.ToArray());
    }

    [Fact]
    public void Changed_images_are_what_they_are_called()
    {
        OutsideTask task = Load(1);
        ReadOnlySpan<float> image = task.Test[5].Input, inverted = Image(task, "inverted"), permuted = Image(task, "permuted"), rotated = Image(task, "rotated");
        for (int i = 0; i < 64; i++) Assert.Equal(1 - image[i], inverted[i]);
        Assert.Equal(image.ToArray().Order(), permuted.ToArray().Order());
        Assert.NotEqual(image.ToArray(), permuted.ToArray());
        // A quarter turn against the clock, as NumPy's rot90 is one: what was the right column is the top row.
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x++) Assert.Equal(image[x * 8 + 7 - y], rotated[y * 8 + x]);

        static ReadOnlySpan<float> Image(OutsideTask task, string name) => task.Outside.Single(o => o.Name == name).Inputs.Span.Slice(5 * 64, 64);
    }

    [Fact]
    public void Standardised_by_the_training_images_all_sets_go_through_the_same_change()
    {
        OutsideTask raw = Load(1), task = Load(1, standardise: true);
        Assert.Equal(0, task.Train.Inputs.ToArray().Average(v => (double)v), 1e-5);
        Normalise normalise = Normalise.Fit(raw.Train);
        Assert.Equal(normalise.Apply(raw.Outside[4].Inputs).ToArray(), task.Outside[4].Inputs.ToArray());
    }

    [Fact]
    public void More_images_than_there_are_is_told()
    {
        Assert.Contains("--set training-images: got 1800; needed is 1 to 1737", Assert.Throws<LabException>(() => Load(1, training: 1800)).Message, StringComparison.Ordinal);
        Assert.Throws<LabException>(() => Load(1, test: 1797));
    }
}
