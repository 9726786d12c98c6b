using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>The texts that experiments choose among.</summary>
public enum TextSet
{
    /// <summary>Jane Austen's Northanger Abbey, 432,000 characters, embedded.</summary>
    Novel,

    /// <summary>Shakespeare's plays, 1.1 million characters, from the data folder.</summary>
    TinyShakespeare,

    /// <summary>Articles of Wikipedia cut into words (use <see cref="WordRule.Spaces"/>), from the data folder: the validation part of WikiText-2 only.</summary>
    WikiText2,

    /// <summary>Stories for small children, from the data folder, an empty line between two.</summary>
    TinyStories,
}

/// <summary>A text to learn from, to choose by and to measure with.</summary>
/// <param name="Train">The first part of the text.</param>
/// <param name="Validation">The part behind it.</param>
/// <param name="Test">The last part.</param>
/// <remarks>
/// Novel and WikiText-2 are cut at 80 and 90 % of their length, TinyShakespeare and TinyStories at 90 and 95 %; a cut is moved on to the
/// end of a line, paragraph or story. WikiText-2's own training and test parts are not to be had: the validation part is cut as
/// said, and figures are not those of the whole set. So it is with TinyShakespeare where the data folder has only its first 95 %.
/// </remarks>
public sealed record TextTask(string Train, string Validation, string Test)
{
    /// <summary>Loads a text.</summary>
    /// <param name="set">Which.</param>
    /// <param name="data">Where the texts lie that are not embedded.</param>
    /// <exception cref="DataException">The text does not lie in the data folder.</exception>
    public static TextTask Load(TextSet set, DataDirectory data) => set switch
    {
        TextSet.Novel => Cut(Novel.Load(), 0.8, 0.9, "\n\n"),
        TextSet.TinyShakespeare => Cut(DataSets.TinyShakespeare(data), 0.9, 0.95, "\n\n"),
        TextSet.WikiText2 => Cut(DataSets.WikiText2(data), 0.8, 0.9, "\n"),
        TextSet.TinyStories => Stories(DataSets.TinyStories(data)),
        _ => throw new ArgumentOutOfRangeException(nameof(set), $"TextTask: there is no text {set}"),
    };

    private static TextTask Cut(string text, double first, double second, string end)
    {
        int one = EndAfter(first), two = EndAfter(second);
        return new TextTask(text[..one], text[one..two], text[two..]);

        int EndAfter(double part) => text.IndexOf(end, (int)(part * text.Length), StringComparison.Ordinal) + end.Length;
    }

    private static TextTask Stories(IReadOnlyList<string> stories)
    {
        int one = (int)(0.9 * stories.Count), two = (int)(0.95 * stories.Count);
        return new TextTask(Joined(stories.Take(one)), Joined(stories.Take(one..two)), Joined(stories.Skip(two)));

        static string Joined(IEnumerable<string> stories) => string.Concat(stories.Select(story => story + "\n\n"));
    }
}
