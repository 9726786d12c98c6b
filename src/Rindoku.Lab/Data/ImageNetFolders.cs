using Rindoku.Autograd;
using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>ImageNet, or any large set of photos, as folders in the data folder: <c>imagenet/train/CLASS/*</c> and <c>imagenet/val/CLASS/*</c>.</summary>
/// <remarks>
/// For training, photos are brought to 256 × 256 pixels, cropped to 224 × 224 at a random place and mirrored half of the time; for testing
/// the middle is taken. Each channel is standardised with ImageNet's mean and deviation. JPEG needs FFmpeg.
/// </remarks>
public sealed class ImageNetFolders
{
    private const int Side = 224, Resized = 256, ImagesAtOnce = 50;

    private readonly ImageFolder train, validation;

    /// <summary>The set in a data folder; only names are read now.</summary>
    /// <exception cref="DataException">It is not there.</exception>
    public ImageNetFolders(DataDirectory data)
    {
        ArgumentNullException.ThrowIfNull(data);
        (train, validation) = (Open(data, "train"), Open(data, "val"));
        if (!train.ClassNames.SequenceEqual(validation.ClassNames))
            throw new DataException($"imagenet/train has {train.ClassNames.Count} class folders and imagenet/val {validation.ClassNames.Count}; both need the same ones.");
    }

    /// <summary>The shape of an image as networks are given it.</summary>
    public static Shape Image { get; } = [3, Side, Side];

    /// <summary>The names of the class folders.</summary>
    public IReadOnlyList<string> ClassNames => train.ClassNames;

    /// <summary>How many classes there are.</summary>
    public int Classes => ClassNames.Count;

    /// <summary>Training batches, read from the disk when their turn comes near.</summary>
    public Loader<ImageExample, Batch> Batches(LoaderOptions options, Rng rng) => train.Stream(options, rng, Changes(new RandomCrop(Side, Side), new RandomHorizontalFlip()));

    /// <summary>Calls for the validation images in their order, some at a time, without recording gradients.</summary>
    /// <param name="visit">Given the images (n, 3, 224, 224) and their labels.</param>
    public void Validate(Action<Tensor, IntTensor> visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        using NoGrad noGrad = NoGrad.Enter();
        LoaderOptions options = new(ImagesAtOnce) { Shuffle = false };
        foreach (Batch batch in validation.Stream(options, new Rng(0), Changes(new CentreCrop(Side, Side))).Epoch(0)) visit(batch.X, batch.Y);
    }

    private static Compose Changes(params Transform[] crops) =>
        new([new Resize(Resized, Resized), .. crops, new Normalise([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f])]);

    private static ImageFolder Open(DataDirectory data, string part)
    {
        string folder = Path.Combine(data.Root, "imagenet", part);
        return Directory.Exists(folder) ? new ImageFolder(folder)
            : throw new DataException($"There is no folder {folder}: needed is ImageNet, unpacked to imagenet/train and imagenet/val with a folder of photos for each class.");
    }
}
