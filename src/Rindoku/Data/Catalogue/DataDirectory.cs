using System.Security.Cryptography;

namespace Rindoku.Data;

/// <summary>The folder that data sets lie in.</summary>
public sealed class DataDirectory
{
    /// <summary>The folder at a path, which need not exist yet.</summary>
    public DataDirectory(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Root = Path.GetFullPath(path);
    }

    /// <summary>The full path of the folder.</summary>
    public string Root { get; }

    /// <summary>The folder to use: the one given, else the one of the environment variable RINDOKU_DATA, else the user's cache folder.</summary>
    /// <param name="option">The value of <c>--data</c>, if it was given.</param>
    /// <param name="environment">Reads an environment variable; null for the process's own.</param>
    public static DataDirectory Resolve(string? option = null, Func<string, string?>? environment = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        if (!string.IsNullOrWhiteSpace(option)) return new DataDirectory(option);
        if (environment("RINDOKU_DATA") is { Length: > 0 } named) return new DataDirectory(named);
        return new DataDirectory(Path.Combine(CacheFolder(environment), "rindoku", "data"));
    }

    private static string CacheFolder(Func<string, string?> environment)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsWindows()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        if (OperatingSystem.IsMacOS()) return Path.Combine(home, "Library", "Caches");
        return environment("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(home, ".cache");
    }

    /// <summary>The full path of a file of a data set.</summary>
    public string PathOf(DataFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Path.Combine([Root, .. file.Path.Split('/')]);
    }

    /// <summary>The edition of a set that lies here: the first whose files all have their sizes. Null if none does.</summary>
    /// <remarks>Only names and sizes are looked at; <see cref="Check"/> reads the files.</remarks>
    public DataEdition? Find(DataEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Editions.FirstOrDefault(edition => edition.Files.All(file => SizeOf(file) == file.Bytes));
    }

    /// <summary>The edition of a set that lies here.</summary>
    /// <exception cref="DataException">None does; the message says what is wrong with the files that are there, and how to get the set.</exception>
    public DataEdition Require(DataEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (Find(entry) is { } edition) return edition;

        string advice = entry.Editions.Any(e => e.CanBeDownloaded)
            ? $"Run 'rindoku data get {entry.Name}', or name the folder that has it with --data or RINDOKU_DATA."
            : "It has no address to download it from: name the folder that has it with --data or RINDOKU_DATA.";
        throw new DataException($"The data set '{entry.Name}' is not in {Root}.{Damage(entry)} {advice}");
    }

    // A file that is there with a size of no edition was cut short or is another file.
    private string Damage(DataEntry entry)
    {
        foreach (IGrouping<string, DataFile> same in entry.Editions.SelectMany(edition => edition.Files).GroupBy(file => file.Path))
        {
            if (SizeOf(same.First()) is { } size && same.All(file => file.Bytes != size))
                return $" {same.Key} has {size} bytes and should have {string.Join(" or ", same.Select(file => file.Bytes))}.";
        }
        return "";
    }

    private long? SizeOf(DataFile file)
    {
        FileInfo info = new(PathOf(file));
        return info.Exists ? info.Length : null;
    }

    /// <summary>Reads the files of the edition that lies here, and compares their SHA-256.</summary>
    /// <returns>One result for each file.</returns>
    /// <exception cref="DataException">No edition lies here.</exception>
    public async Task<IReadOnlyList<FileCheck>> Check(DataEntry entry, CancellationToken stop = default)
    {
        List<FileCheck> results = [];
        foreach (DataFile file in Require(entry).Files)
        {
            await using FileStream stream = new(PathOf(file), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
            results.Add(new FileCheck(file, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, stop))));
        }
        return results;
    }

    /// <summary>Sees to it that a set lies here: an edition that does is used as it is, else the first that can be is downloaded.</summary>
    /// <param name="entry">The set.</param>
    /// <param name="downloader">What fetches files.</param>
    /// <param name="progress">Told of every piece that comes, or null.</param>
    /// <param name="stop">Stops the download; what has come is kept, and a later call goes on from there.</param>
    /// <exception cref="DataException">It can not be downloaded, or the download failed.</exception>
    public async Task<DataEdition> Get(DataEntry entry, Downloader downloader, IProgress<DownloadProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(downloader);
        if (Find(entry) is { } present) return present;
        DataEdition edition = entry.Editions.FirstOrDefault(e => e.CanBeDownloaded) ?? Require(entry);
        foreach (DataFile file in edition.Files)
        {
            if (SizeOf(file) != file.Bytes) await downloader.Download(file, PathOf(file), progress, stop);
        }
        return edition;
    }
}

/// <summary>What a check found in a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Sha256">The SHA-256 that it has.</param>
public sealed record FileCheck(DataFile File, string Sha256)
{
    /// <summary>Whether it is the one it should have.</summary>
    public bool Ok => Sha256 == File.Sha256;
}
