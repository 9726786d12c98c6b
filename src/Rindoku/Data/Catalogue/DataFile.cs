namespace Rindoku.Data;

/// <summary>A file of a data set: where it lies in the data directory, and how to know it.</summary>
/// <param name="Path">The path in the data directory, with <c>/</c> between its parts.</param>
/// <param name="Bytes">Its exact size.</param>
/// <param name="Sha256">The SHA-256 of its bytes, 64 hexadecimal digits in lower case.</param>
/// <param name="Addresses">Where it can be had, best first; empty for a file that only lies in prepared data directories.</param>
public sealed record DataFile(string Path, long Bytes, string Sha256, params IReadOnlyList<Uri> Addresses);

/// <summary>One form in which a data set is published: the whole of it, or a reduced copy.</summary>
/// <param name="Name">A word for it: <c>official</c>, <c>reduced</c>.</param>
/// <param name="Summary">What it holds, with counts.</param>
/// <param name="Files">Its files.</param>
public sealed record DataEdition(string Name, string Summary, params IReadOnlyList<DataFile> Files)
{
    /// <summary>The size of all files together.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>Whether every file has an address to download it from.</summary>
    public bool CanBeDownloaded => Files.All(file => file.Addresses.Count > 0);
}

/// <summary>A data set that the library knows.</summary>
/// <param name="Name">The name to ask for it by.</param>
/// <param name="Title">What it is, in one line.</param>
/// <param name="Licence">The licence, as its origin states it.</param>
/// <param name="Origin">The page that presents it.</param>
/// <param name="Editions">The forms it exists in, best first.</param>
public sealed record DataEntry(string Name, string Title, string Licence, Uri Origin, params IReadOnlyList<DataEdition> Editions);
