using Rindoku.Data;

namespace Rindoku.Lab.Tests.Data;

public sealed class TextTaskTests
{
    private static readonly DataDirectory Nowhere = new("nowhere");

    /// <summary>The data folder beside the repository, or null: tests of real texts do nothing without it.</summary>
    private static DataDirectory? Real(string set)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            DataDirectory data = new(Path.Combine(folder.FullName, "shared", "data"));
            if (Directory.Exists(data.Root)) return data.Find(DataCatalogue.Find(set)) is null ? null : data;
        }
        return null;
    }

    [Fact]
    public void The_novel_is_cut_between_paragraphs_and_needs_no_folder()
    {
        TextTask task = TextTask.Load(TextSet.Novel, Nowhere);
        Assert.Equal(Novel.Load(), task.Train + task.Validation + task.Test);
        Assert.Equal(0.8, task.Train.Length / 431_920.0, 0.01);
        Assert.Equal(0.1, task.Test.Length / 431_920.0, 0.01);
        Assert.EndsWith("\n\n", task.Train, StringComparison.Ordinal);
        Assert.EndsWith("\n\n", task.Validation, StringComparison.Ordinal);
        foreach (TextSet set in new[] { TextSet.TinyShakespeare, TextSet.WikiText2, TextSet.TinyStories })
            Assert.Throws<DataException>(() => TextTask.Load(set, Nowhere));
    }

    [Theory]
    [InlineData(TextSet.TinyShakespeare, "tiny-shakespeare", 0.9, 0.05)]
    [InlineData(TextSet.WikiText2, "wikitext-2", 0.8, 0.1)]
    [InlineData(TextSet.TinyStories, "tinystories", 0.9, 0.05)]
    public void Real_texts_are_cut_where_the_documentation_says(TextSet set, string name, double training, double test)
    {
        if (Real(name) is not { } data) return;
        TextTask task = TextTask.Load(set, data);
        double whole = task.Train.Length + task.Validation.Length + task.Test.Length;
        Assert.Equal(training, task.Train.Length / whole, 0.01);
        Assert.Equal(test, task.Test.Length / whole, 0.01);
        Assert.EndsWith("\n", task.Train, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_are_the_same_for_every_pair_of_languages_and_those_to_measure_with_are_unseen()
    {
        TranslationTask german = TranslationTask.Load(TranslationSet.Numbers, Language.English, Language.German, Nowhere);
        TranslationTask digits = TranslationTask.Load(TranslationSet.Numbers, Language.French, Language.Digits, Nowhere);
        Assert.Equal((8000, 1000, 1000), (german.Train.Count, german.Validation.Count, german.Test.Count));
        int[] test = [.. german.Test.Select(t => NumberWords.Read(t.Target, Language.German))];
        Assert.Equal(test, german.Test.Select(t => NumberWords.Read(t.Source, Language.English)));
        Assert.Equal(test, digits.Test.Select(t => NumberWords.Read(t.Target, Language.Digits)));
        int[] all = [.. german.Train.Concat(german.Validation).Concat(german.Test).Select(t => NumberWords.Read(t.Target, Language.German))];
        Assert.Equal(Enumerable.Range(0, 10_000), all.Order());
        Assert.All(test, number => Assert.InRange(number, 100, 9999));
    }

    [Fact]
    public void Captions_say_the_same_in_both_languages()
    {
        Assert.Throws<LabException>(() => TranslationTask.Load(TranslationSet.Multi30k, Language.English, Language.Digits, Nowhere));
        Assert.Throws<DataException>(() => TranslationTask.Load(TranslationSet.Multi30k, Language.English, Language.German, Nowhere));
        if (Real("multi30k") is not { } data) return;
        TranslationTask task = TranslationTask.Load(TranslationSet.Multi30k, Language.English, Language.German, data);
        Assert.Equal((29_000, 1014, 1000), (task.Train.Count, task.Validation.Count, task.Test.Count));
        Assert.Equal(new Translation("Two young, White males are outside near many bushes.", "Zwei junge weiße Männer sind im Freien in der Nähe vieler Büsche."), task.Train[0]);
    }
}
