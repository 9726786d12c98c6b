using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>The training and the test part of a classification set.</summary>
/// <param name="Train">What to learn from.</param>
/// <param name="Test">What to measure with.</param>
/// <param name="Edition">The edition that was read, for the record: figures on a reduced copy are not those of the whole set.</param>
public sealed record DataSplits(LabelledSet Train, LabelledSet Test, DataEdition Edition);

/// <summary>Reads the sets of the <see cref="DataCatalogue"/> from a data directory, whichever edition lies there.</summary>
public static class DataSets
{
    /// <summary>The classes of Fashion-MNIST.</summary>
    public static IReadOnlyList<string> FashionClasses { get; } =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>The classes of CIFAR-10.</summary>
    public static IReadOnlyList<string> Cifar10Classes { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>MNIST, (N, 1, 28, 28), pixels from 0 to 1.</summary>
    /// <exception cref="DataException">The set does not lie in the directory.</exception>
    /// <exception cref="FileFormatException">A file is damaged.</exception>
    public static DataSplits Mnist(DataDirectory directory) => ReadIdx(directory, "mnist", Digits.ClassNames);

    /// <summary>Fashion-MNIST, (N, 1, 28, 28), pixels from 0 to 1.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static DataSplits FashionMnist(DataDirectory directory) => ReadIdx(directory, "fashion-mnist", FashionClasses);

    /// <summary>notMNIST, 4,000 letters A to J, (N, 1, 28, 28), pixels from 0 to 1.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static LabelledSet NotMnist(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "notmnist");
        return Idx.ReadImages(path(edition.Files[0].Path), path(edition.Files[1].Path), [.. "ABCDEFGHIJ".Select(letter => letter.ToString())]);
    }

    /// <summary>CIFAR-10, (N, 3, 32, 32), pixels from 0 to 1.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static DataSplits Cifar10(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "cifar10");
        if (edition.Name == "reduced")
        {
            return new DataSplits(
                CifarBinary.Read(path("cifar10/train_10k.bin.gz"), Cifar10Classes), CifarBinary.Read(path("cifar10/test_2k.bin.gz"), Cifar10Classes), edition);
        }
        string archive = path(edition.Files[0].Path);
        string[] train = [.. Enumerable.Range(1, 5).Select(i => $"cifar-10-batches-bin/data_batch_{i}.bin")];
        return new DataSplits(
            CifarBinary.ReadArchive(archive, train, Cifar10Classes),
            CifarBinary.ReadArchive(archive, ["cifar-10-batches-bin/test_batch.bin"], Cifar10Classes), edition);
    }

    /// <summary>CIFAR-100 with its 100 fine classes, (N, 3, 32, 32), pixels from 0 to 1.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static DataSplits Cifar100(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "cifar100");
        string archive = path(edition.Files[0].Path);
        const string names = "cifar-100-binary/fine_label_names.txt";
        string[] classes = System.Text.Encoding.UTF8.GetString(TarGzip.Read(archive, [names], ReadLimits.Default)[names])
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new DataSplits(
            CifarBinary.ReadArchive(archive, ["cifar-100-binary/train.bin"], classes, CifarLabel.Fine),
            CifarBinary.ReadArchive(archive, ["cifar-100-binary/test.bin"], classes, CifarLabel.Fine), edition);
    }

    /// <summary>Images of other things than CIFAR-10's, (N, 3, 32, 32), pixels from 0 to 1; the class is the source.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static LabelledSet Ood32(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "ood32");
        return CifarBinary.Read(path(edition.Files[0].Path), ["objects", "blood cells", "emoji"]);
    }

    /// <summary>The text of tiny-shakespeare.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static string TinyShakespeare(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "tiny-shakespeare");
        return TextFile.Read(path(edition.Files[0].Path));
    }

    /// <summary>32,033 first names.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static IReadOnlyList<string> Names(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "names");
        return TextFile.ReadLines(path(edition.Files[0].Path));
    }

    /// <summary>The Free Spoken Digit Dataset: 2,500 recordings of 8 kHz, named digit_speaker_index; indices 0 to 4 are its test set.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static IReadOnlyList<NamedSound> SpokenDigits(DataDirectory directory) => ReadSounds(directory, "fsdd");

    /// <summary>Prompts of a telephone exchange, spoken by one woman: 344 recordings of 8 kHz.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static IReadOnlyList<NamedSound> SpeechPrompts(DataDirectory directory) => ReadSounds(directory, "speech-prompts");

    private static IReadOnlyList<NamedSound> ReadSounds(DataDirectory directory, string name)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, name);
        return ZipSounds.Read(path(edition.Files[0].Path));
    }

    // Every edition of an idx set lists training images and labels, then test images and labels.
    private static DataSplits ReadIdx(DataDirectory directory, string name, IReadOnlyList<string> classes)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, name);
        string[] files = [.. edition.Files.Select(file => path(file.Path))];
        return new DataSplits(Idx.ReadImages(files[0], files[1], classes), Idx.ReadImages(files[2], files[3], classes), edition);
    }

    private static (DataEdition Edition, Func<string, string> PathOf) Open(DataDirectory directory, string name)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return (directory.Require(DataCatalogue.Find(name)), path => Path.Combine([directory.Root, .. path.Split('/')]));
    }
}
