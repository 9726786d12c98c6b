using System.IO.Compression;
using System.Text;
using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Lab.Data;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>AG News: headings and first sentences of news, of four kinds.</summary>
internal static class NewsVectors
{
    private const int MostBytes = 50_000_000;

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["World", "Sports", "Business", "Sci/Tech"];

    /// <summary>The texts, heading and sentence together, with their kinds.</summary>
    /// <exception cref="DataException">The set does not lie in the data folder.</exception>
    /// <exception cref="FileFormatException">The archive or the table in it is damaged.</exception>
    public static (IReadOnlyList<string> Texts, IntTensor Labels) Read(DataDirectory data)
    {
        DataEdition edition = data.Require(DataCatalogue.Find("ag-news"));
        string path = data.PathOf(edition.Files[0]);
        CsvTable table = CsvTable.Parse("class,title,text\n" + Unpack(path), $"{path}: {Entry}");
        string[] classes = [.. table["class"]], titles = [.. table["title"]], texts = [.. table["text"]];
        int[] labels = [.. classes.Select((text, row) => text is ['1' or '2' or '3' or '4'] ? text[0] - '1'
            : throw new FileFormatException($"{path}: {Entry}, line {row + 1}: found class '{text}'; needed 1, 2, 3 or 4"))];
        return ([.. titles.Zip(texts, (title, text) => $"{title} {text}")], IntTensor.Of(labels));
    }

    private const string Entry = "ag_news_6600.csv";

    private static string Unpack(string path)
    {
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            ZipArchiveEntry entry = archive.GetEntry(Entry) ?? throw new FileFormatException($"{path}: there is no {Entry} in it");
            if (entry.Length > MostBytes) throw new FileFormatException($"{path}: {Entry} has {entry.Length} bytes; needed at most {MostBytes}");
            using StreamReader reader = new(entry.Open(), Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (InvalidDataException error)
        {
            throw new FileFormatException($"{path}: a damaged archive ({error.Message.TrimEnd('.')})", error);
        }
    }
}
