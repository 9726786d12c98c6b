using System.Globalization;
using System.IO.Compression;
using System.Text;
using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>What the authors' networks take: blue, green, red, from 0 to 255, less the mean of ImageNet's pixels.</summary>
public sealed class CaffeInput : Transform
{
    /// <summary>The means of blue, green and red.</summary>
    private static readonly float[] Mean = [104, 117, 123];

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        ShapeException.Require(input.Channels == 3, $"CaffeInput: needs an image of red, green and blue, got {input}");
        return input;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        for (int channel = 0; channel < Mean.Length; channel++)
        {
            ReadOnlySpan<float> from = source.Slice((Mean.Length - 1 - channel) * size.Plane, size.Plane);
            Span<float> to = destination.Slice(channel * size.Plane, size.Plane);
            for (int i = 0; i < to.Length; i++) to[i] = 255 * from[i] - Mean[channel];
        }
    }

    /// <summary>The picture that was changed, red, green and blue from 0 to 1 again.</summary>
    /// <param name="input">(3, H, W).</param>
    public static Tensor Undo(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int plane = ImageSize.Of(input.Shape).Plane;
        return Tensor.Generate(input.Shape, i =>
        {
            int channel = Mean.Length - 1 - i / plane;
            return (input.Span[channel * plane + i % plane] + Mean[channel]) / 255;
        });
    }
}

/// <summary>Photos as a SqueezeNet takes them, and the 250 photos and 1,000 class names of the data set <c>imagenet-sample</c>.</summary>
public static class ImageNetPhotos
{
    /// <summary>The side of the square that the network sees.</summary>
    public const int Side = 227;

    /// <summary>How many classes ILSVRC-2012 has.</summary>
    public const int ClassCount = 1000;

    private const int ShortSide = 256;
    private const long MostPhotoBytes = 20_000_000;

    // Beyond this the ends of a picture are cut off first: resized by its short side, a line of pixels would take gigabytes.
    private const int MostTimesAsLong = 8;

    /// <summary>A photo as the network takes it: its short side brought to 256 pixels, the square of 227 in the middle, as <see cref="CaffeInput"/>.</summary>
    /// <param name="photo">Any picture; grey ones become three equal channels, transparency is dropped.</param>
    /// <returns>(3, 227, 227).</returns>
    public static Tensor Prepare(Image photo)
    {
        ArgumentNullException.ThrowIfNull(photo);
        int shorter = Math.Min(photo.Width, photo.Height), longest = MostTimesAsLong * shorter;
        int width = Math.Min(photo.Width, longest), height = Math.Min(photo.Height, longest);
        Compose steps = new(
            new CentreCrop(height, width),
            new Resize((int)Math.Round((double)ShortSide * height / shorter), (int)Math.Round((double)ShortSide * width / shorter)),
            new CentreCrop(Side, Side),
            new CaffeInput());
        return steps.Apply(photo.WithChannels(3).ToTensor(), new Rng(0));
    }

    /// <summary>The names of the classes, or null where the data folder has none.</summary>
    /// <exception cref="FileFormatException">The file does not have a line for each class.</exception>
    public static IReadOnlyList<string>? ClassNames(DataDirectory data)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataEntry entry = DataCatalogue.Find("imagenet-sample");
        if (data.Find(entry) is not { } edition) return null;
        string path = data.PathOf(edition.Files[0]);
        string[] names = new string[ClassCount];
        foreach ((string[] fields, int line) in Rows(File.ReadAllText(path)))
        {
            if (fields.Length < 3 || !int.TryParse(fields[0], CultureInfo.InvariantCulture, out int index) || (uint)index >= ClassCount)
                throw new FileFormatException($"{path}, line {line}: found '{string.Join(' ', fields)}'; needed a class number from 0 to 999, a WordNet number and a name, with tabs between");
            names[index] = fields[2];
        }
        int missing = Array.IndexOf(names, null);
        return missing < 0 ? names : throw new FileFormatException($"{path}: class {missing} has no line");
    }

    /// <summary>The photos with their classes, ready for the network: (250, 3, 227, 227).</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="scratch">A folder for one photo at a time: they are JPEG, which FFmpeg reads from files.</param>
    /// <param name="progress">Told after each photo which part of them is read.</param>
    /// <param name="most">How many photos to read at most.</param>
    /// <param name="stop">Ends the reading between two photos.</param>
    /// <exception cref="DataException">The set does not lie in the data folder.</exception>
    /// <exception cref="FfmpegMissingException">FFmpeg is not installed.</exception>
    /// <exception cref="FileFormatException">The archive or a photo is damaged.</exception>
    public static LabelledSet Read(DataDirectory data, string scratch, Action<double>? progress = null, int most = int.MaxValue, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataEdition edition = data.Require(DataCatalogue.Find("imagenet-sample"));
        IReadOnlyList<string> names = ClassNames(data)!;
        string path = data.PathOf(edition.Files[1]);
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            string labels = Encoding.UTF8.GetString(Unpack(archive, "labels.tsv", path));
            (string File, int Class)[] photos = [.. Rows(labels).Take(most).Select(row => (row.Fields[0], int.Parse(row.Fields[1], CultureInfo.InvariantCulture)))];
            float[] pixels = new float[photos.Length * 3 * Side * Side];
            for (int i = 0; i < photos.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                Image photo = Decode(Unpack(archive, photos[i].File, path), Path.Combine(scratch, "photo"));
                Prepare(photo).Span.CopyTo(pixels.AsSpan(i * 3 * Side * Side));
                progress?.Invoke((i + 1.0) / photos.Length);
            }
            return new LabelledSet(Tensor.Own(pixels, [photos.Length, 3, Side, Side]), IntTensor.Of([.. photos.Select(photo => photo.Class)]), names);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException or IndexOutOfRangeException or NotSupportedException)
        {
            throw new FileFormatException($"{path}: a damaged archive of photos ({error.Message.TrimEnd('.')})", error);
        }
    }

    private static Image Decode(byte[] photo, string scratchFile)
    {
        File.WriteAllBytes(scratchFile, photo);
        try
        {
            return Image.Read(scratchFile);
        }
        finally
        {
            File.Delete(scratchFile);
        }
    }

    private static byte[] Unpack(ZipArchive archive, string name, string path)
    {
        ZipArchiveEntry entry = archive.GetEntry(name) ?? throw new FileFormatException($"{path}: has no entry {name}");
        if (entry.Length > MostPhotoBytes) throw new FileFormatException($"{path}[{name}]", 0, $"{entry.Length} bytes", $"at most {MostPhotoBytes}");
        byte[] bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    // The rows of a table with tabs between its fields and a line of names at its head.
    private static IEnumerable<(string[] Fields, int Line)> Rows(string table) => table.Split('\n', StringSplitOptions.TrimEntries)
        .Select((line, i) => (line, i + 1)).Skip(1).Where(row => row.line.Length > 0).Select(row => (row.line.Split('\t'), row.Item2));
}
