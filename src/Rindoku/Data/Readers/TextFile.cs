using System.Text;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads plain text in UTF-8, gzip-packed or not.</summary>
public static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file, without a byte order mark; line ends stay as they are.</summary>
    /// <exception cref="FileFormatException">A byte is not UTF-8, the packed data is damaged, or a limit is passed.</exception>
    public static string Read(string path, ReadLimits? limits = null)
    {
        byte[] bytes = PackedFile.Read(path, limits ?? ReadLimits.Default);
        int start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        try
        {
            return Strict.GetString(bytes, start, bytes.Length - start);
        }
        catch (DecoderFallbackException error)
        {
            long at = start + Math.Max(error.Index, 0);
            throw new FileFormatException(path, at, $"bytes {Convert.ToHexString(error.BytesUnknown ?? [])}", "text in UTF-8", error);
        }
    }

    /// <summary>The lines of a file, without their ends (LF, CR LF or CR); a last line without an end counts, an empty one after the last end does not.</summary>
    /// <exception cref="FileFormatException">As for <see cref="Read"/>.</exception>
    public static IReadOnlyList<string> ReadLines(string path, ReadLimits? limits = null)
    {
        List<string> lines = [];
        using StringReader reader = new(Read(path, limits));
        while (reader.ReadLine() is { } line) lines.Add(line);
        return lines;
    }
}
