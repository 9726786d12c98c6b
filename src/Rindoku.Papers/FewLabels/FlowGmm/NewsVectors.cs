using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Lab.Data;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>AG News: headings and first sentences of news, of four kinds.</summary>
internal static class NewsVectors
{
    private const string Entry = "ag_news_6600.csv";

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["World", "Sports", "Business", "Sci/Tech"];

    /// <summary>The texts, heading and sentence together, with their kinds.</summary>
    /// <exception cref="DataException">The set does not lie in the data folder.</exception>
    /// <exception cref="FileFormatException">The archive or the table in it is damaged.</exception>
    public static (IReadOnlyList<string> Texts, IntTensor Labels) Read(DataDirectory data)
    {
        DataEdition edition = data.Require(DataCatalogue.Find("ag-news"));
        string path = data.PathOf(edition.Files[0]);
        CsvTable table = CsvTable.Parse("class,title,text\n" + ZipText.Read(path, Entry), $"{path}: {Entry}");
        string[] classes = [.. table["class"]], titles = [.. table["title"]], texts = [.. table["text"]];
        int[] labels = [.. classes.Select((text, row) => text is ['1' or '2' or '3' or '4'] ? text[0] - '1'
            : throw new FileFormatException($"{path}: {Entry}, line {row + 1}: found class '{text}'; needed 1, 2, 3 or 4"))];
        return ([.. titles.Zip(texts, (title, text) => $"{title} {text}")], IntTensor.Of(labels));
    }
}
