using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>What a classifier learns from and is measured with: sets in memory, or folders of photos that are read as they are needed.</summary>
/// <param name="ClassNames">The names of the classes.</param>
/// <param name="InputShape">The shape of one input.</param>
/// <param name="Batches">Batches to learn from, random changes included, for what a loader can be told and the randomness of their order.</param>
/// <param name="Test">From a model, inputs (m, ...) to scores (m, classes), to its answers to the test set.</param>
public sealed record ClassificationTask(IReadOnlyList<string> ClassNames, Shape InputShape,
    Func<LoaderOptions, Rng, BatchSource<Batch>> Batches, Func<Func<Tensor, Tensor>, Answers> Test)
{
    // A thread that makes batches ahead is started for each epoch: over so few of them it takes longer than it saves.
    private const int FewBatches = 8;

    /// <summary>How many classes there are.</summary>
    public int Classes => ClassNames.Count;

    /// <summary>The training set as it is, without random changes, or null where it is not in memory.</summary>
    public LabelledSet? TrainingSet { get; init; }

    /// <summary>Sets in memory.</summary>
    /// <param name="train">What is learned from.</param>
    /// <param name="test">What is measured with, of the same classes.</param>
    /// <param name="augmentation">Random changes of the training inputs, or null.</param>
    public static ClassificationTask Of(LabelledSet train, LabelledSet test, Transform? augmentation = null)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        if (!train.ClassNames.SequenceEqual(test.ClassNames))
            throw new ArgumentException($"ClassificationTask: the classes differ: {string.Join(", ", train.ClassNames)} and {string.Join(", ", test.ClassNames)}", nameof(test));
        return new ClassificationTask(train.ClassNames, train.InputShape,
            (options, rng) => new Loader(train, train.Count < (long)FewBatches * options.BatchSize ? options with { Threads = 0 } : options, rng, augmentation).ToSource(),
            model => Answers.Of(model, test))
        { TrainingSet = train };
    }

    /// <summary>An image set in memory.</summary>
    public static ClassificationTask Of(ImageTask images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Of(images.Train, images.Test, images.Augmentation);
    }

    /// <summary>ImageNet in folders.</summary>
    public static ClassificationTask Of(ImageNetFolders photos)
    {
        ArgumentNullException.ThrowIfNull(photos);
        return new ClassificationTask(photos.ClassNames, ImageNetFolders.Image, (options, rng) => photos.Batches(options, rng).ToSource(), model =>
        {
            Answers answers = new(photos.ClassNames);
            photos.Validate((x, y) => answers.Add(model(x), y));
            return answers;
        });
    }
}
