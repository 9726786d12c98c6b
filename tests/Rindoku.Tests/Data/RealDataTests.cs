using Rindoku.Data;

namespace Rindoku.Tests.Data;

/// <summary>Counts, first and last labels and means of the reduced editions, computed with numpy from the same files.</summary>
public sealed class RealDataTests
{
    private static DataDirectory Folder => RealDataFactAttribute.Folder!;

    private static void Check(LabelledSet set, Shape shape, int first, int last, double mean)
    {
        Assert.Equal(shape, set.Inputs.Shape);
        Assert.Equal((first, last), (set.Labels[0], set.Labels[set.Count - 1]));
        double sum = 0;
        foreach (float pixel in set.Inputs.Span) sum += pixel;
        Assert.Equal(mean, sum / set.Inputs.Length, 7);
    }

    [RealDataFact("mnist")]
    public void Mnist()
    {
        DataSplits splits = DataSets.Mnist(Folder);
        if (splits.Edition.Name != "reduced") return;
        Check(splits.Train, [9000, 1, 28, 28], 5, 9, 0.131413963918901);
        Check(splits.Test, [10000, 1, 28, 28], 7, 6, 0.13251460584233699);
    }

    [RealDataFact("fashion-mnist")]
    public void Fashion_mnist()
    {
        DataSplits splits = DataSets.FashionMnist(Folder);
        if (splits.Edition.Name != "reduced") return;
        Check(splits.Train, [10000, 1, 28, 28], 9, 6, 0.2863089170668269);
        Check(splits.Test, [8000, 1, 28, 28], 9, 6, 0.28641310024009614);
    }

    [RealDataFact("glue-small")]
    public void Sst2()
    {
        (IReadOnlyList<LabelledText> train, IReadOnlyList<LabelledText> test) = DataSets.Sst2(Folder);
        Assert.Equal((67_349, 436), (train.Count, test.Count));
        Assert.Equal(new LabelledText("hide new secretions from the parental units", 0), train[0]);
        Assert.Equal(new LabelledText("it 's a charming and often affecting journey .", 1), test[0]);
    }

    [RealDataFact("notmnist")]
    public void Not_mnist() => Check(DataSets.NotMnist(Folder), [4000, 1, 28, 28], 8, 1, 0.43030364270708255);

    [RealDataFact("cifar10")]
    public void Cifar10()
    {
        DataSplits splits = DataSets.Cifar10(Folder);
        if (splits.Edition.Name != "reduced") return;
        Check(splits.Train, [10000, 3, 32, 32], 7, 0, 0.47382115413092446);
        Check(splits.Test, [2000, 3, 32, 32], 5, 5, 0.478218876378677);
        Assert.All(splits.Train.ClassCounts(), count => Assert.Equal(1000, count));
        Assert.All(splits.Test.ClassCounts(), count => Assert.Equal(200, count));
        Assert.Equal(TextFile.ReadLines(Path.Combine(Folder.Root, "cifar10", "batches.meta.txt")), DataSets.Cifar10Classes);
    }

    [RealDataFact("ood32")]
    public void Ood32()
    {
        LabelledSet set = DataSets.Ood32(Folder);
        Check(set, [935, 3, 32, 32], 1, 2, 0.6960969338715879);
        Assert.Equal([125, 410, 400], set.ClassCounts());
    }

    [RealDataFact("names", "tiny-shakespeare")]
    public void Texts()
    {
        IReadOnlyList<string> names = DataSets.Names(Folder);
        Assert.Equal((32033, "emma", "zzyzx"), (names.Count, names[0], names[^1]));
        Assert.StartsWith("First Citizen:\nBefore we proceed", DataSets.TinyShakespeare(Folder));
        Assert.InRange(DataSets.TinyShakespeare(Folder).Length, 1_059_682, 1_115_394);
    }

    [RealDataFact("wikitext-2")]
    public void WikiText2_has_as_many_words_as_are_published()
    {
        // 217,646 with one for each line end; the count is that of the set's README.
        string text = DataSets.WikiText2(Folder);
        Assert.Equal(217_646, WordTokenizer.Words(text, WordRule.Spaces).Count());
        Assert.StartsWith("\n= Homarus gammarus =\n\nHomarus", text);
    }

    [RealDataFact("tinystories")]
    public void TinyStories()
    {
        IReadOnlyList<string> stories = DataSets.TinyStories(Folder);
        Assert.Equal(2100, stories.Count);
        Assert.StartsWith("One day, a little girl named Lily found a needle", stories[0]);
        Assert.All(stories, story => Assert.DoesNotContain("<|", story, StringComparison.Ordinal));
    }

    [RealDataFact("multi30k")]
    public void Multi30k_has_the_same_lines_in_every_language()
    {
        foreach (Language language in new[] { Language.English, Language.German, Language.French })
        {
            var (train, validation, test) = DataSets.Multi30k(Folder, language);
            Assert.Equal((29_000, 1014, 1000), (train.Count, validation.Count, test.Count));
            Assert.All(train, line => Assert.False(string.IsNullOrWhiteSpace(line)));
        }
        Assert.Equal("Two young, White males are outside near many bushes.", DataSets.Multi30k(Folder, Language.English).Train[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => DataSets.Multi30k(Folder, Language.Digits));
    }

    [RealDataFact("babi")]
    public void Stories_of_all_twenty_tasks()
    {
        HashSet<string> words = [];
        for (int task = 1; task <= 20; task++)
        {
            (IReadOnlyList<BabiStory> train, IReadOnlyList<BabiStory> test) = DataSets.Babi(Folder, task);
            int questions = train.Sum(story => story.Questions);
            Assert.InRange(questions, task is 1 or 2 or 5 or 15 or 16 or 19 ? 9990 : 990, task is 1 or 2 or 5 or 15 or 16 or 19 ? 10_000 : 1000);
            Assert.InRange(test.Sum(story => story.Questions), 495, 510);
            foreach (BabiStory story in train.Concat(test)) words.UnionWith(story.Words.Concat(story.Answers.OfType<string>()));
        }
        Assert.Equal(BabiStory.AllWords.Order(StringComparer.Ordinal), words.Order(StringComparer.Ordinal));
    }

    [RealDataFact("mnist", "names", "notmnist", "ood32")]
    public async Task The_files_have_the_hashes_of_the_catalogue()
    {
        foreach (string name in new[] { "mnist", "names", "notmnist", "ood32" })
            Assert.All(await Folder.Check(DataCatalogue.Find(name)), check => Assert.True(check.Ok, $"{check.File.Path}: {check.Sha256}"));
    }
}
