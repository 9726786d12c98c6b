using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>What a network learns from and is measured with: sets in memory, or folders of pictures that are read as they are needed.</summary>
/// <param name="Classes">The names of the classes.</param>
/// <param name="Channels">Channels of a picture.</param>
/// <param name="Train">Batches to learn from, in an order of its own for each purpose that is named.</param>
/// <param name="Test">The test pictures with their classes, in parts.</param>
internal sealed record PictureTask(IReadOnlyList<string> Classes, int Channels, Func<string, BatchSource<Batch>> Train, Func<IEnumerable<(Tensor X, IntTensor Y)>> Test)
{
    private const int AtOnce = 250, PhotosAtOnce = 10;

    public static PictureTask Of(ArmRun<SqueezeNetSettings> run)
    {
        SqueezeNetSettings s = run.Settings;
        LoaderOptions options = new(s.BatchSize) { DropLast = true };
        if (s.Pictures.Length > 0) return OfFolders(Path.Combine(run.Data.Root, s.Pictures), options, run.Rng);
        ImageTask task = ImageTask.Load(s.Data, run.Data);
        return new PictureTask(task.Train.ClassNames, task.Channels,
            purpose => new Loader(task.Train, options, run.Rng.Split("batches").Split(purpose), task.Augmentation).ToSource(),
            () => Parts(task.Test, AtOnce));
    }

    /// <summary>1 for each test picture that a model, in evaluation mode, takes for what it is.</summary>
    public float[] Correct(SqueezeNet model)
    {
        using NoGrad noGrad = NoGrad.Enter();
        List<float> correct = [];
        foreach ((Tensor x, IntTensor y) in Test())
        {
            using MemoryScope scope = MemoryScope.Open();
            correct.AddRange(Classification.Correct(model.Forward(x), y));
        }
        return [.. correct];
    }

    /// <summary>The scores of a set of photos: a few at once, for the maps of a photo take four megabytes.</summary>
    public static Tensor Scores(SqueezeNet model, LabelledSet photos, Action<double>? progress = null)
    {
        using NoGrad noGrad = NoGrad.Enter();
        List<float> scores = [];
        foreach ((Tensor x, _) in Parts(photos, PhotosAtOnce))
        {
            using MemoryScope scope = MemoryScope.Open();
            scores.AddRange(model.Forward(x).Span);
            progress?.Invoke((double)scores.Count / (photos.Count * photos.ClassCount));
        }
        return Tensor.Own([.. scores], [photos.Count, scores.Count / photos.Count]);
    }

    private static IEnumerable<(Tensor X, IntTensor Y)> Parts(LabelledSet set, int atOnce)
    {
        for (int from = 0; from < set.Count; from += atOnce)
        {
            LabelledSet part = set[from..Math.Min(set.Count, from + atOnce)];
            yield return (part.Inputs, part.Labels);
        }
    }

    // As the authors train: pictures warped to 256 x 256, windows of 227 at random, mirror images.
    private static PictureTask OfFolders(string root, LoaderOptions options, Rng rng)
    {
        const int side = 256;
        ImageFolder train = new(Path.Combine(root, "train")), test = new(Path.Combine(root, "val"));
        if (!train.ClassNames.SequenceEqual(test.ClassNames)) throw new DataException($"The folders train and val of {root} do not have the same classes.");
        Compose training = new(new Resize(side, side), new RandomCrop(ImageNetPhotos.Side, ImageNetPhotos.Side), new RandomHorizontalFlip(), new CaffeInput());
        Compose testing = new(new Resize(side, side), new CentreCrop(ImageNetPhotos.Side, ImageNetPhotos.Side), new CaffeInput());
        LoaderOptions inOrder = options with { Shuffle = false, DropLast = false };
        return new PictureTask(train.ClassNames, 3,
            purpose => train.Stream(options, rng.Split("batches").Split(purpose), training).ToSource(),
            () => test.Stream(inOrder, rng, testing).Epoch(0).Select(batch => (batch.X, batch.Y)));
    }
}
