namespace Rindoku.Lab;

/// <summary>The five lines in which a reading group sums up a paper.</summary>
/// <param name="Purpose">What it wants (目的).</param>
/// <param name="Method">How it does it (方法).</param>
/// <param name="Result">What came of it (成果).</param>
/// <param name="ModelName">What the model is called (モデル名).</param>
/// <param name="Affiliation">Where the authors work (著者所属).</param>
public sealed record FiveLines(string Purpose, string Method, string Result, string ModelName, string Affiliation);

/// <summary>What a paper is: the front matter and text of its <c>card.md</c>.</summary>
/// <remarks>
/// The file starts with lines <c>key: value</c> between two lines <c>---</c>; <c>en:</c> and <c>ja:</c> are followed by indented
/// lines <c>purpose</c>, <c>method</c>, <c>result</c>, <c>model</c> and <c>affiliation</c>. The rest is Markdown.
/// </remarks>
public sealed record Card
{
    /// <summary>The short name, as the command line takes it: <c>stochastic-depth</c>.</summary>
    public required string Slug { get; init; }

    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>The arXiv number, <c>1603.09382</c>, or empty where there is none.</summary>
    public string ArXiv { get; init; } = "";

    /// <summary>The year in which it appeared.</summary>
    public required int Year { get; init; }

    /// <summary>The authors, in the paper's order.</summary>
    public required IReadOnlyList<string> Authors { get; init; }

    /// <summary>Where they work.</summary>
    public required string Affiliation { get; init; }

    /// <summary>The address of the official code, or empty.</summary>
    public string Code { get; init; } = "";

    /// <summary>The reading group that it comes from, or empty.</summary>
    public string ReadingGroup { get; init; } = "";

    /// <summary>The shelf: <c>Vision</c>, <c>Language</c>, ...</summary>
    public required string Shelf { get; init; }

    /// <summary>The five lines in English.</summary>
    public required FiveLines English { get; init; }

    /// <summary>The five lines in Japanese.</summary>
    public required FiveLines Japanese { get; init; }

    /// <summary>How it works and what we measured, in Markdown.</summary>
    public required string Body { get; init; }

    /// <summary>The five lines in a language.</summary>
    /// <param name="language"><c>en</c> or <c>ja</c>.</param>
    /// <exception cref="LabException">There is no such language.</exception>
    public FiveLines Lines(string language) => language switch
    {
        "en" => English,
        "ja" => Japanese,
        _ => throw new LabException(Suggest.Unknown("language", language, ["en", "ja"])),
    };

    /// <summary>The labels of the five lines in a language, in their order.</summary>
    /// <param name="language"><c>en</c> or <c>ja</c>.</param>
    public static IReadOnlyList<string> Labels(string language) => language == "ja"
        ? ["目的", "方法", "成果", "モデル名", "著者所属"]
        : ["Purpose", "Method", "Result", "Model name", "Affiliation"];

    /// <summary>Reads the card that lies beside a class: the resource <c>card.md</c> of its namespace.</summary>
    /// <exception cref="LabException">There is none, or it is not well formed; the message names the line.</exception>
    public static Card Load(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        using Stream? resource = type.Assembly.GetManifestResourceStream(type, "card.md");
        string name = $"{type.Namespace}.card.md";
        if (resource is null)
            throw new LabException($"{type.Name} has no card: the resource {name} is missing. Put card.md beside the class, in the folder of its namespace.");
        using StreamReader reader = new(resource);
        return Parse(reader.ReadToEnd(), name);
    }

    /// <summary>Reads a card from its text.</summary>
    /// <param name="text">The content of a <c>card.md</c>.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <exception cref="LabException">It is not well formed; the message names the line.</exception>
    public static Card Parse(string text, string source = "card.md") => CardReader.Read(text, source);
}
