using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>A picture of an <see cref="ImageFolder"/>.</summary>
/// <param name="Image">The picture, as the file has it.</param>
/// <param name="Label">The number of its class.</param>
/// <param name="Path">The file.</param>
public sealed record ImageExample(Image Image, int Label, string Path);

/// <summary>A folder of pictures with one sub-folder for each class, read from the disk as they are asked for.</summary>
/// <remarks>
/// Classes are the sub-folders that hold a picture, in the order of their names; examples are the files of a class and of the
/// folders in it, in the order of their paths. Files that are no picture by their name are left out. PNG is read in C#, other formats need FFmpeg.
/// </remarks>
public sealed class ImageFolder : IDataset<ImageExample>
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"];

    private readonly List<(string Path, int Label)> files = [];
    private readonly ReadLimits limits;

    /// <summary>The pictures under a folder; only their names are read now.</summary>
    /// <param name="root">The folder with a sub-folder for each class.</param>
    /// <param name="limits">How much to believe of a picture; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="DataException">No sub-folder holds a picture.</exception>
    public ImageFolder(string root, ReadLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException($"There is no folder {root}.");
        this.limits = limits ?? ReadLimits.Default;
        List<string> names = [];
        foreach (string folder in Directory.GetDirectories(root).Order(StringComparer.Ordinal))
        {
            string[] pictures = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsPicture).Order(StringComparer.Ordinal)];
            if (pictures.Length == 0) continue;
            files.AddRange(pictures.Select(path => (path, names.Count)));
            names.Add(Path.GetFileName(folder));
        }
        if (names.Count == 0) throw new DataException($"No sub-folder of {root} holds a picture; needed is one sub-folder for each class, with {string.Join(", ", Extensions)} files.");
        ClassNames = names;
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many pictures there are.</summary>
    public int Count => files.Count;

    /// <summary>One picture, read from its file now.</summary>
    /// <exception cref="FileFormatException">The file is damaged, is no picture, or passes a limit.</exception>
    public ImageExample this[int index]
    {
        get
        {
            (string path, int label) = files[index];
            return new ImageExample(Image.Read(path, limits), label, path);
        }
    }

    /// <summary>All pictures in memory, resized where they have another size.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="channels">1 for grey, 3 for red-green-blue; pictures are converted.</param>
    /// <returns>Inputs (N, channels, height, width), pixels from 0 to 1.</returns>
    /// <exception cref="FileFormatException">A file is damaged, is no picture, or all together pass <see cref="ReadLimits.Elements"/>.</exception>
    public LabelledSet Load(int height, int width, int channels = 3)
    {
        Resize resize = new(height, width);
        Shape shape = [channels, height, width];
        if ((long)Count * shape.Length > limits.Elements)
            throw new FileFormatException($"{Count} pictures of {shape} have more than {limits.Elements} elements in all (ReadLimits.Elements)");

        float[] pixels = new float[Count * shape.Length];
        for (int i = 0; i < Count; i++)
            Convert(this[i], channels, resize, pixels.AsSpan(i * shape.Length, shape.Length), new Rng(0));
        return new LabelledSet(Tensor.Own(pixels, shape.Insert(0, Count)), IntTensor.Of([.. files.Select(file => file.Label)]), ClassNames);
    }

    /// <summary>A loader that reads the pictures of a batch when its turn comes near.</summary>
    /// <param name="options">How to make batches.</param>
    /// <param name="rng">Orders and random changes are keyed by its seed and stream; it is not moved.</param>
    /// <param name="transform">Must bring all pictures to the same size: start it with <see cref="Resize"/> if they differ.</param>
    /// <param name="channels">1 for grey, 3 for red-green-blue; pictures are converted.</param>
    public Loader<ImageExample, Batch> Stream(LoaderOptions options, Rng rng, Transform transform, int channels = 3)
    {
        ArgumentNullException.ThrowIfNull(transform);
        return new Loader<ImageExample, Batch>(this, options, rng, draft => Collate(draft, transform, channels));
    }

    private static Batch Collate(BatchDraft<ImageExample> draft, Transform transform, int channels)
    {
        Tensor? x = null;
        int[] labels = new int[draft.Count];
        for (int i = 0; i < draft.Count; i++)
        {
            ImageExample example = draft[i];
            Shape shape = transform.Output(new ImageSize(channels, example.Image.Height, example.Image.Width)).Shape;
            x ??= Tensor.Uninitialized(shape.Insert(0, draft.Count));
            ShapeException.Require(x.Shape[1..] == shape, $"ImageFolder.Stream: {example.Path} becomes {shape}, others of its batch {x.Shape[1..]}; start the transform with Resize");
            Convert(example, channels, transform, x.Writable.Slice(i * shape.Length, shape.Length), draft.RngOf(i));
            labels[i] = example.Label;
        }
        return new Batch(x!, IntTensor.Of(labels), draft.Indices, draft.Position);
    }

    private static void Convert(ImageExample example, int channels, Transform transform, Span<float> destination, Rng rng)
    {
        Tensor picture = example.Image.WithChannels(channels).ToTensor();
        transform.Apply(picture.Span, ImageSize.Of(picture.Shape), destination, rng);
    }

    private static bool IsPicture(string path) => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());
}
