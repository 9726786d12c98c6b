using System.Globalization;

namespace Rindoku.Lab;

/// <summary>Reads the front matter of a card: a small, strict part of YAML, so that a slip is an error with its line number.</summary>
internal sealed class CardReader
{
    private static readonly string[] Keys =
        ["slug", "title", "arxiv", "year", "authors", "affiliation", "code", "reading-group", "shelf", "en", "ja"];

    private static readonly string[] LineKeys = ["purpose", "method", "result", "model", "affiliation"];

    private readonly string source;
    private readonly Dictionary<string, (string Value, int Line)> values = new(StringComparer.Ordinal);

    private CardReader(string source) => this.source = source;

    public static Card Read(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] lines = text.ReplaceLineEndings("\n").TrimStart('\uFEFF').Split('\n');
        CardReader reader = new(source);
        int end = reader.ReadFrontMatter(lines);
        return reader.Build(string.Join('\n', lines[(end + 1)..]).Trim());
    }

    private int ReadFrontMatter(string[] lines)
    {
        if (lines[0].TrimEnd() != "---") throw Error(1, $"'{lines[0]}'", "a line '---' that opens the front matter");
        string section = "";
        for (int i = 1; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd();
            if (line == "---") return i;
            if (line.Length == 0 || line.StartsWith('#')) continue;
            ReadLine(line, i + 1, ref section);
        }
        throw Error(lines.Length, "the end of the file", "a line '---' that closes the front matter");
    }

    private void ReadLine(string line, int number, ref string section)
    {
        bool indented = char.IsWhiteSpace(line[0]);
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) throw Error(number, $"'{line.Trim()}'", "key: value");
        string key = line[..colon].Trim(), value = Unquote(line[(colon + 1)..].Trim());

        if (indented && section.Length == 0) throw Error(number, $"an indented '{key}'", "'en:' or 'ja:' above it");
        string[] allowed = indented ? LineKeys : Keys;
        if (!allowed.Contains(key)) throw Error(number, $"'{key}'", $"one of {string.Join(", ", allowed)}");
        if (!indented) section = key is "en" or "ja" ? key : "";
        string full = indented ? $"{section}.{key}" : key;
        if (!values.TryAdd(full, (value, number))) throw Error(number, $"a second '{full}'", "each key once");
    }

    private Card Build(string body) => new()
    {
        Slug = Slug(),
        Title = Need("title"),
        ArXiv = Optional("arxiv"),
        Year = int.TryParse(Need("year"), NumberStyles.None, CultureInfo.InvariantCulture, out int year) ? year
            : throw Error(values["year"].Line, $"year '{values["year"].Value}'", "a number such as 2016"),
        Authors = [.. Need("authors").Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
        Affiliation = Need("affiliation"),
        Code = Optional("code"),
        ReadingGroup = Optional("reading-group"),
        Shelf = Need("shelf"),
        English = Lines("en"),
        Japanese = Lines("ja"),
        Body = body,
    };

    private FiveLines Lines(string language) => new(Need($"{language}.purpose"), Need($"{language}.method"), Need($"{language}.result"),
        Need($"{language}.model"), Need($"{language}.affiliation"));

    private string Slug()
    {
        string slug = Need("slug");
        if (!slug.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw Error(values["slug"].Line, $"slug '{slug}'", "lower-case letters, digits and hyphens only");
        return slug;
    }

    private string Need(string key) => values.TryGetValue(key, out var found) && found.Value.Length > 0 ? found.Value
        : throw new LabException($"{source}: the front matter lacks '{key.Replace(".", ": ", StringComparison.Ordinal)}'");

    private string Optional(string key) => values.TryGetValue(key, out var found) ? found.Value : "";

    private static string Unquote(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;

    private LabException Error(int line, string found, string needed) => new($"{source}, line {line}: found {found}; needed {needed}");
}
