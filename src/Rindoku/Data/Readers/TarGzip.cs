using System.Formats.Tar;
using System.IO.Compression;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads chosen files of a .tar.gz archive into memory.</summary>
internal static class TarGzip
{
    /// <exception cref="FileFormatException">The archive is damaged or truncated, lacks a file, or passes a limit.</exception>
    public static Dictionary<string, byte[]> Read(string path, IReadOnlyList<string> wanted, ReadLimits limits)
    {
        using FileStream file = PackedFile.Open(path, limits);
        if (!PackedFile.IsGzip(file)) throw new FileFormatException(path, 0, "no gzip header", "a .tar.gz archive");
        long most = PackedFile.MostUnpacked(file.Length, limits);
        Dictionary<string, byte[]> found = [];
        int entries = 0;
        try
        {
            using GZipStream gzip = new(file, CompressionMode.Decompress);
            using TarReader tar = new(gzip);
            while (found.Count < wanted.Distinct().Count() && tar.GetNextEntry() is { } entry)
            {
                if (++entries > limits.Tensors) throw new FileFormatException(path, 0, "still more entries", $"at most {limits.Tensors} (ReadLimits.Tensors)");
                if (!wanted.Contains(entry.Name) || entry.DataStream is not { } data) continue;
                byte[] bytes = PackedFile.ReadAll(data, $"{path}: {entry.Name}", most, "ReadLimits.ExpandedBytes or ExpansionRatio");
                if (bytes.LongLength != entry.Length)
                    throw new FileFormatException($"{path}: {entry.Name}", bytes.LongLength, "the end of the archive", $"{entry.Length} bytes");
                most -= bytes.LongLength;
                found[entry.Name] = bytes;
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new FileFormatException(path, 0, $"damaged archive ({error.Message.TrimEnd('.')})", "a whole .tar.gz", error);
        }

        string[] missing = [.. wanted.Where(name => !found.ContainsKey(name))];
        if (missing.Length > 0) throw new FileFormatException(path, 0, $"no entry {string.Join(", ", missing)}", "an archive that has it");
        return found;
    }
}
