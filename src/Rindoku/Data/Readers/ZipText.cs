using System.IO.Compression;
using System.Text;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads text files out of ZIP archives.</summary>
public static class ZipText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of an entry, in UTF-8.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="entry">The name of the entry, with its folders.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The archive is damaged, has no such entry, a byte is not UTF-8, or a limit is passed.</exception>
    public static string Read(string path, string entry, ReadLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(entry);
        limits ??= ReadLimits.Default;
        try
        {
            using ZipArchive archive = Open(path, limits);
            ZipArchiveEntry file = archive.GetEntry(entry) ?? throw new FileFormatException($"{path}: has no entry {entry}");
            return Strict.GetString(Unpack(file, $"{path}[{entry}]", limits));
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or DecoderFallbackException or NotSupportedException)
        {
            throw new FileFormatException($"{path}[{entry}]: a damaged archive, or no text in UTF-8 ({error.Message.TrimEnd('.')})", error);
        }
    }

    /// <summary>Opens an archive that has no more entries than are believed.</summary>
    internal static ZipArchive Open(string path, ReadLimits limits)
    {
        ZipArchive archive = ZipFile.OpenRead(path);
        if (archive.Entries.Count <= limits.Tensors) return archive;
        int count = archive.Entries.Count;
        archive.Dispose();
        throw new FileFormatException(path, 0, $"{count} entries", $"at most {limits.Tensors} (ReadLimits.Tensors)");
    }

    /// <summary>The bytes of an entry, if it does not unpack to more than is believed.</summary>
    internal static byte[] Unpack(ZipArchiveEntry entry, string place, ReadLimits limits)
    {
        if (entry.Length > limits.ExpandedBytes || entry.Length > limits.ExpansionRatio * Math.Max(1, entry.CompressedLength) || entry.Length > Array.MaxLength)
            throw new FileFormatException(place, 0, $"{entry.Length} bytes unpacked from {entry.CompressedLength}", "less (ReadLimits.ExpandedBytes, ReadLimits.ExpansionRatio)");
        byte[] bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
