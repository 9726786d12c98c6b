using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>The translations that experiments choose among.</summary>
public enum TranslationSet
{
    /// <summary>Numbers from 0 to 9,999 in words or digits: <see cref="NumberWords"/>.</summary>
    Numbers,

    /// <summary>Captions of photographs in English, German and French, from the data folder.</summary>
    Multi30k,
}

/// <summary>A sentence and its translation.</summary>
/// <param name="Source">The sentence.</param>
/// <param name="Target">Its translation.</param>
public sealed record Translation(string Source, string Target);

/// <summary>Sentences with their translations to learn from, to choose by and to measure with.</summary>
/// <param name="Train">29,000 captions, or 8,000 numbers.</param>
/// <param name="Validation">1,014 captions, or 1,000 numbers.</param>
/// <param name="Test">1,000 captions (Flickr 2016), or 1,000 numbers.</param>
/// <remarks>
/// Numbers are put in a random order that is the same every time and for all languages, so that no test number was seen in training in
/// another language; the numbers from 0 to 99, which the others are made of, are all for training. Captions are raw: a caller cuts them into words.
/// </remarks>
public sealed record TranslationTask(IReadOnlyList<Translation> Train, IReadOnlyList<Translation> Validation, IReadOnlyList<Translation> Test)
{
    private const int HeldOut = 1000, Basic = 100;

    /// <summary>Loads a task.</summary>
    /// <param name="set">Which.</param>
    /// <param name="from">The language of the sentences.</param>
    /// <param name="to">The language of the translations.</param>
    /// <param name="data">Where the sets lie that are not made on the spot.</param>
    /// <exception cref="DataException">The set does not lie in the data folder.</exception>
    /// <exception cref="LabException">The set does not have the language.</exception>
    public static TranslationTask Load(TranslationSet set, Language from, Language to, DataDirectory data)
    {
        if (set == TranslationSet.Numbers) return Numbers(from, to);
        if (from == Language.Digits || to == Language.Digits) throw new LabException($"Multi30k from {from} to {to}: it has English, German and French, and no digits.");
        var (sources, targets) = (DataSets.Multi30k(data, from), DataSets.Multi30k(data, to));
        return new TranslationTask(Paired(sources.Train, targets.Train), Paired(sources.Validation, targets.Validation), Paired(sources.Test, targets.Test));
    }

    private static TranslationTask Numbers(Language from, Language to)
    {
        int[] order = [.. new Rng(0).Split("numbers").Permutation(NumberWords.Count - Basic).Select(i => i + Basic)];
        return new TranslationTask(
            Written([.. order[(2 * HeldOut)..], .. Enumerable.Range(0, Basic)]), Written(order[..HeldOut]), Written(order[HeldOut..(2 * HeldOut)]));

        Translation[] Written(int[] numbers) => [.. numbers.Select(number => new Translation(NumberWords.Write(number, from), NumberWords.Write(number, to)))];
    }

    private static Translation[] Paired(IReadOnlyList<string> sources, IReadOnlyList<string> targets) => sources.Count == targets.Count
        ? [.. sources.Zip(targets, (source, target) => new Translation(source, target))]
        : throw new LabException($"Multi30k: {sources.Count} lines in the one language and {targets.Count} in the other; the archive is damaged: rindoku data check multi30k.");
}
