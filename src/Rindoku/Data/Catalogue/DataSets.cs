using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>The training and the test part of a classification set.</summary>
/// <param name="Train">What to learn from.</param>
/// <param name="Test">What to measure with.</param>
/// <param name="Edition">The edition that was read, for the record: figures on a reduced copy are not those of the whole set.</param>
public sealed record DataSplits(LabelledSet Train, LabelledSet Test, DataEdition Edition);

/// <summary>A text and the number of its class.</summary>
/// <param name="Text">The text.</param>
/// <param name="Label">The class, from 0.</param>
public sealed record LabelledText(string Text, int Label);

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

    /// <summary>What there is of WikiText-2, the validation part: words with a space between, articles under <c>= Title =</c>, lines ending in LF.</summary>
    /// <remarks>The spaces at the ends of lines are taken out; with a token for each line end there are 217,646 words.</remarks>
    /// <inheritdoc cref="Mnist"/>
    public static string WikiText2(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "wikitext-2");
        string text = ZipText.Read(path(edition.Files[0].Path), "wiki.valid.tokens.txt");
        return string.Join('\n', text.Split('\n').Select(line => line.Trim(' ')));
    }

    /// <summary>2,100 stories of TinyStories, each with LF line ends and none at its end.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static IReadOnlyList<string> TinyStories(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "tinystories");
        string text = ZipText.Read(path(edition.Files[0].Path), "tinystories_2100.txt");
        return [.. text.Split("<|endoftext|>").Select(story => story.Trim()).Where(story => story.Length > 0)];
    }

    /// <summary>The captions of Multi30k in a language: line i says the same in all three.</summary>
    /// <param name="directory">Where the set lies.</param>
    /// <param name="language">English, German or French.</param>
    /// <returns>29,000 training, 1,014 validation and 1,000 test captions.</returns>
    /// <inheritdoc cref="Mnist"/>
    public static (IReadOnlyList<string> Train, IReadOnlyList<string> Validation, IReadOnlyList<string> Test) Multi30k(DataDirectory directory, Language language)
    {
        string ending = language switch
        {
            Language.English => "en",
            Language.German => "de",
            Language.French => "fr",
            _ => throw new ArgumentOutOfRangeException(nameof(language), $"Multi30k: there is no {language}; there are English, German and French"),
        };
        (DataEdition edition, Func<string, string> path) = Open(directory, "multi30k");
        return (Lines("train"), Lines("val"), Lines("test_2016_flickr"));

        string[] Lines(string part) => ZipText.Read(path(edition.Files[0].Path), $"{part}.{ending}").TrimEnd('\n').Split('\n');
    }

    /// <summary>SST-2: what film reviews say, 0 for blame and 1 for praise, cut into words with a space between.</summary>
    /// <returns>67,349 phrases to learn from, and the 436 sentences of the development part that there are.</returns>
    /// <remarks>Source: Socher et al. 2013; as in GLUE, whose test labels are not public.</remarks>
    /// <inheritdoc cref="Mnist"/>
    public static (IReadOnlyList<LabelledText> Train, IReadOnlyList<LabelledText> Test) Sst2(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "glue-small");
        string archive = path(edition.Files[0].Path);
        return (Read("SST-2/train.tsv"), Read("SST-2/dev_a.tsv"));

        LabelledText[] Read(string entry) =>
            [.. ZipText.Read(archive, entry).TrimEnd('\n').Split('\n').Skip(1).Select((line, row) => line.TrimEnd('\r').Split('\t') is [{ Length: > 0 } text, ['0' or '1'] label]
                ? new LabelledText(text.Trim(' '), label[0] - '0')
                : throw new FileFormatException($"{archive}[{entry}], line {row + 2}: found '{line}'; needed is a sentence, a tab, and 0 or 1"))];
    }

    /// <summary>32,033 first names.</summary>
    /// <inheritdoc cref="Mnist"/>
    public static IReadOnlyList<string> Names(DataDirectory directory)
    {
        (DataEdition edition, Func<string, string> path) = Open(directory, "names");
        return TextFile.ReadLines(path(edition.Files[0].Path));
    }

    /// <summary>The stories of one of bAbI's 20 tasks.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="task">The number of the task, 1 to 20.</param>
    /// <returns>Training stories, of 10,000 questions where they lie there and else of 1,000, and test stories.</returns>
    /// <exception cref="DataException">The set does not lie in the directory.</exception>
    /// <exception cref="FileFormatException">A file is damaged.</exception>
    public static (IReadOnlyList<BabiStory> Train, IReadOnlyList<BabiStory> Test) Babi(DataDirectory directory, int task)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(task, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(task, BabiTaskNames.Length);
        (DataEdition edition, Func<string, string> path) = Open(directory, "babi");
        string small = path(edition.Files[0].Path), large = path(edition.Files[1].Path), name = $"qa{task}_{BabiTaskNames[task - 1]}";
        bool many = BabiLargeTasks.Contains(task);
        return (Read(many ? large : small, $"{(many ? "en-10k" : "en")}/{name}_train.txt"), Read(small, $"en/{name}_test_a.txt"));

        static IReadOnlyList<BabiStory> Read(string archive, string entry) => BabiStory.Parse(ZipText.Read(archive, entry), $"{archive}: {entry}");
    }

    private static readonly int[] BabiLargeTasks = [1, 2, 5, 15, 16, 19];

    private static readonly string[] BabiTaskNames =
    [
        "single-supporting-fact", "two-supporting-facts", "three-supporting-facts", "two-arg-relations", "three-arg-relations", "yes-no-questions", "counting",
        "lists-sets", "simple-negation", "indefinite-knowledge", "basic-coreference", "conjunction", "compound-coreference", "time-reasoning", "basic-deduction",
        "basic-induction", "positional-reasoning", "size-reasoning", "path-finding", "agents-motivations",
    ];

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
