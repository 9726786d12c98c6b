namespace Rindoku.Data;

/// <summary>The words of a vocabulary that stand for no word of the text; each may be left out (null).</summary>
/// <remarks>They get the first ids, in the order of the properties.</remarks>
public sealed record SpecialSymbols
{
    /// <summary>No special symbols.</summary>
    public static SpecialSymbols None { get; } = new();

    /// <summary><c>&lt;pad&gt; &lt;unk&gt; &lt;s&gt; &lt;/s&gt;</c>: ids 0 to 3.</summary>
    public static SpecialSymbols All { get; } = new() { Padding = "<pad>", Unknown = "<unk>", Begin = "<s>", End = "</s>" };

    /// <summary>Only a symbol for what is not in the vocabulary: <c>&lt;unk&gt;</c>, id 0.</summary>
    public static SpecialSymbols OnlyUnknown { get; } = new() { Unknown = "<unk>" };

    /// <summary>Fills short sequences up to the length of the longest.</summary>
    public string? Padding { get; init; }

    /// <summary>Stands for every word that is not in the vocabulary.</summary>
    public string? Unknown { get; init; }

    /// <summary>Stands before the first word.</summary>
    public string? Begin { get; init; }

    /// <summary>Stands after the last word.</summary>
    public string? End { get; init; }

    /// <summary>Further symbols, such as the language to translate to.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    internal IReadOnlyList<string> InOrder => [.. new[] { Padding, Unknown, Begin, End }.OfType<string>(), .. Others];
}
