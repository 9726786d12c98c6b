using System.IO.Compression;

namespace Rindoku.IO;

/// <summary>Reads and writes npz files, NumPy's format of several named arrays: a zip archive of npy files.</summary>
/// <remarks>
/// Arrays of Python objects are refused: they are pickles, which can run code. Every entry's checksum is verified, and an archive
/// that unpacks to more than its limits, or counts the same bytes several times, is refused before it is unpacked.
/// </remarks>
public static class Npz
{
    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, corrupt or not npz, or passes a limit.</exception>
    public static NpzFile Read(string path, ReadLimits? limits = null)
    {
        using FormatReader source = FormatReader.Open(path, limits);
        return Read(source);
    }

    /// <summary>Reads an archive from where a stream stands to its end.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The content is truncated, corrupt or not npz, or passes a limit.</exception>
    public static NpzFile Read(Stream stream, ReadLimits? limits = null)
    {
        using FormatReader source = FormatReader.Over(stream, limits);
        return Read(source);
    }

    /// <summary>Writes a file that appears whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Arrays of floats, by name; stored as <c>&lt;f4</c>.</param>
    /// <param name="ints">Arrays of integers, by name; stored as <c>&lt;i4</c>.</param>
    /// <param name="longs">Arrays of 64-bit integers, by name; stored as <c>&lt;i8</c>.</param>
    /// <param name="compress">Whether to deflate, as <c>numpy.savez_compressed</c> does.</param>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IEnumerable<KeyValuePair<string, IntTensor>>? ints = null,
        IEnumerable<KeyValuePair<string, Longs>>? longs = null,
        bool compress = false)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        CompressionLevel level = compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression;
        AtomicFile.Write(path, stream =>
        {
            using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (var (name, tensor) in tensors) Add(name, entry => Npy.WriteTo(entry, tensor));
            foreach (var (name, tensor) in ints ?? []) Add(name, entry => Npy.WriteTo(entry, tensor));
            foreach (var (name, array) in longs ?? []) Add(name, entry => Npy.WriteTo(entry, array));

            void Add(string name, Action<Stream> write)
            {
                if (!names.Add(name)) throw new ArgumentException($"Npz.Write: the name '{name}' is given twice; each array needs its own");
                ZipArchiveEntry entry = archive.CreateEntry(name + ".npy", level);
                // The same arrays give the same file, whenever it is written; NumPy does so too.
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using Stream content = entry.Open();
                write(content);
            }
        });
    }

    private static NpzFile Read(FormatReader source)
    {
        NpzFile file = new(source.File);
        try
        {
            using ZipArchive archive = new(source.Rest(), ZipArchiveMode.Read, leaveOpen: true);
            RequireHonestSizes(archive, source);
            foreach (ZipArchiveEntry entry in archive.Entries) ReadEntry(file, entry, source);
        }
        catch (Exception error) when (IsZipError(error))
        {
            throw source.Error(0, $"a damaged zip archive ({error.Message.TrimEnd('.')})", "a zip archive of npy files", error);
        }
        return file;
    }

    // What the framework's zip reader throws at damaged archives, beside InvalidDataException.
    private static bool IsZipError(Exception error) => error is InvalidDataException or EndOfStreamException or NotSupportedException
        or ArgumentException or OverflowException || error is IOException and not FileFormatException;

    private static void RequireHonestSizes(ZipArchive archive, FormatReader source)
    {
        ReadLimits limits = source.Limits;
        source.RequireWithin(archive.Entries.Count, limits.Tensors, 0, "entries");

        long packed = 0, expanded = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            string name = entry.FullName;
            long from = entry.CompressedLength, to = entry.Length;
            source.RequireWithin(name.Length, limits.NameLength, 0, "characters in a name");
            if (from < 0 || to < 0) throw source.Error(0, $"{name} of {from} packed and {to} unpacked bytes", "no negative lengths");

            // Neither sum can overflow: each is held to its limit before the next step.
            packed += Math.Min(from, long.MaxValue / 2);
            expanded += Math.Min(to, long.MaxValue / 2);
            if (packed > source.Length)
                throw source.Error(0, $"{packed} packed bytes up to {name}", $"at most {source.Length}, the file's length");
            source.RequireWithin(expanded, limits.ExpandedBytes, 0, $"unpacked bytes up to {name}");
            if (to > from * limits.ExpansionRatio)
            {
                throw source.Error(0, $"{name} growing from {from} to {to} bytes",
                    $"at most {limits.ExpansionRatio} times as many (ReadLimits.ExpansionRatio)");
            }
        }
    }

    private static void ReadEntry(NpzFile file, ZipArchiveEntry entry, FormatReader source)
    {
        const string ending = ".npy";
        string inside = $"{source.File}[{entry.FullName}]";
        if (!entry.FullName.EndsWith(ending, StringComparison.Ordinal))
            throw new FileFormatException(inside, 0, "an entry of another kind", "npy files only");
        string name = entry.FullName[..^ending.Length];
        if (file.Contains(name)) throw new FileFormatException(inside, 0, $"a second {name}", "each name once");

        using ChecksumStream content = new(entry.Open());
        using FormatReader reader = new(content, inside, entry.Length, source.Limits);
        Npy.ReadInto(file, reader, name);
        long end = reader.Position;
        if (content.ReadByte() >= 0) throw reader.Error(end, "more bytes", $"the end, after the {entry.Length} that the archive promises");
        if (content.Checksum != entry.Crc32)
            throw reader.Error(end, $"checksum {content.Checksum:X8}", $"{entry.Crc32:X8}: the data are damaged");
    }
}
