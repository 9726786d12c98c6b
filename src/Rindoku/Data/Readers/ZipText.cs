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
            using ZipArchive archive = ZipFile.OpenRead(path);
            if (archive.Entries.Count > limits.Tensors) throw new FileFormatException(path, 0, $"{archive.Entries.Count} entries", $"at most {limits.Tensors} (ReadLimits.Tensors)");
            ZipArchiveEntry file = archive.GetEntry(entry) ?? throw new FileFormatException($"{path}: has no entry {entry}");
            if (file.Length > limits.ExpandedBytes || file.Length > limits.ExpansionRatio * Math.Max(1, file.CompressedLength) || file.Length > Array.MaxLength)
                throw new FileFormatException($"{path}[{entry}]", 0, $"{file.Length} bytes unpacked from {file.CompressedLength}", "less (ReadLimits.ExpandedBytes, ReadLimits.ExpansionRatio)");
            using Stream stream = file.Open();
            byte[] bytes = new byte[file.Length];
            stream.ReadExactly(bytes);
            return Strict.GetString(bytes);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or DecoderFallbackException or NotSupportedException)
        {
            throw new FileFormatException($"{path}[{entry}]: a damaged archive, or no text in UTF-8 ({error.Message.TrimEnd('.')})", error);
        }
    }
}
