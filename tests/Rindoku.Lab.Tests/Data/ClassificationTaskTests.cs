using Rindoku.Data;

namespace Rindoku.Lab.Tests.Data;

public sealed class ClassificationTaskTests
{
    [Fact]
    public void Sets_in_memory_give_the_batches_of_a_loader_and_answers_to_the_test_set()
    {
        ImageTask images = ImageTask.Load(ImageSet.Digits, new DataDirectory("nowhere"));
        ClassificationTask task = ClassificationTask.Of(images);
        Assert.Equal((10, images.Train.InputShape), (task.Classes, task.InputShape));
        Assert.Same(images.Train, task.TrainingSet);

        LoaderOptions options = new(64) { DropLast = true };
        BatchSource<Batch> batches = task.Batches(options, new Rng(5));
        Loader loader = new(images.Train, options, new Rng(5));
        Assert.Equal(loader.BatchCount, batches.BatchesPerEpoch);
        Assert.Equal(Labels(loader.Epoch(3)), Labels(batches.Epoch(3, 0)));

        Answers answers = task.Test(x => Tensor.Zeros([x.Shape[0], 10])); // of equal scores the first class counts
        Assert.Equal(images.Test.Count, answers.Count);
        Assert.Equal(images.Test.ClassCounts()[0], answers.Correct.Sum());
    }

    private static int[] Labels(IEnumerable<Batch> epoch) => [.. epoch.SelectMany(batch => batch.Y.ToArray())];

    [Fact]
    public void A_test_set_of_other_classes_is_refused()
    {
        LabelledSet digits = Digits.Load().Test, letters = new(digits.Inputs, digits.Labels, [.. "abcdefghij".Select(letter => letter.ToString())]);
        Assert.Contains("a, b, c", Assert.Throws<ArgumentException>(() => ClassificationTask.Of(digits, letters)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Photos_in_folders_give_batches_and_answers()
    {
        using TemporaryFolder folder = new();
        foreach ((string part, int each) in (ReadOnlySpan<(string, int)>)[("train", 3), ("val", 2)])
            foreach ((string name, byte grey) in (ReadOnlySpan<(string, byte)>)[("black", 0), ("white", 255)])
            {
                string path = Path.Combine(folder.Path, "imagenet", part, name);
                Directory.CreateDirectory(path);
                for (int i = 0; i < each; i++) new Image(8, 6, 3, [.. Enumerable.Repeat(grey, 8 * 6 * 3)]).Write(Path.Combine(path, $"{i}.png"));
            }
        ClassificationTask task = ClassificationTask.Of(new ImageNetFolders(new DataDirectory(folder.Path)));
        Assert.Equal(["black", "white"], task.ClassNames);
        Assert.Null(task.TrainingSet);
        Assert.Equal(3, task.Batches(new LoaderOptions(2), new Rng(1)).BatchesPerEpoch);

        // The first pixel against the mean: black is below 0, white above.
        Answers answers = task.Test(x => Tensor.From([.. Enumerable.Range(0, x.Shape[0]).SelectMany(i => (float[])[0, x[i, 0, 0, 0]])], [x.Shape[0], 2]));
        Assert.Equal([0, 0, 1, 1], answers.Labels);
        Assert.Equal(100, answers.PercentCorrect);
    }
}
