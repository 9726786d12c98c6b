using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads and writes PNG pictures.</summary>
/// <remarks>
/// Reading takes every colour type, bit depth and interlacing of the format; 16 bits a channel are rounded to 8, fewer are spread
/// over 0 to 255, palettes become red-green-blue, and transparent colours become an alpha channel. Checksums are verified. Gamma and
/// colour profiles are not applied. Source: W3C, Portable Network Graphics (PNG) Specification, third edition.
/// </remarks>
public static class Png
{
    /// <summary>The eight bytes that every PNG file begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, corrupt or not PNG, or passes a limit.</exception>
    public static Image Read(string path, ReadLimits? limits = null)
    {
        using FormatReader source = FormatReader.Open(path, limits);
        return PngDecoder.Read(source);
    }

    /// <summary>Reads a picture from where a stream stands.</summary>
    /// <param name="stream">The stream; it stays open and, if it can seek, stands behind the picture afterwards.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The content is truncated, corrupt or not PNG, or passes a limit.</exception>
    public static Image Read(Stream stream, ReadLimits? limits = null)
    {
        using FormatReader source = FormatReader.Over(stream, limits);
        return PngDecoder.Read(source);
    }

    /// <summary>Writes a file that appears whole or not at all.</summary>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(string path, Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        AtomicFile.Write(path, stream => PngEncoder.Write(stream, image));
    }

    /// <summary>Writes to a stream, which stays open.</summary>
    public static void Write(Stream stream, Image image)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(image);
        PngEncoder.Write(stream, image);
    }
}
