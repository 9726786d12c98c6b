
namespace Rindoku.IO;

/// <summary>Reads and writes safetensors files, the format of this library's checkpoints and of most published models.</summary>
/// <remarks>
/// A file is the length of a header (8 bytes, little-endian), the header as JSON (for each array its type, shape and place), and
/// the arrays one after the other. It can hold no code. Source: https://huggingface.co/docs/safetensors, "Format".
/// </remarks>
public static class Safetensors
{
    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, corrupt or not safetensors, or passes a limit.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafetensorsFile Read(string path, ReadLimits? limits = null)
    {
        using FormatReader source = FormatReader.Open(path, limits);
        return Read(source);
    }

    /// <summary>Reads a file from where a stream stands to its end.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The content is truncated, corrupt or not safetensors, or passes a limit.</exception>
    public static SafetensorsFile Read(Stream stream, ReadLimits? limits = null)
    {
        using FormatReader source = FormatReader.Over(stream, limits);
        return Read(source);
    }

    /// <summary>Writes a file through a temporary one beside it, flushed to the disk and renamed over <paramref name="path"/>.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Arrays of floats, by name; stored as F32.</param>
    /// <param name="ints">Arrays of integers, by name; stored as I32.</param>
    /// <param name="longs">Arrays of 64-bit integers, by name; stored as I64.</param>
    /// <param name="metadata">Strings about the arrays.</param>
    /// <exception cref="ArgumentException">A name occurs twice, or is the reserved <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IEnumerable<KeyValuePair<string, IntTensor>>? ints = null,
        IEnumerable<KeyValuePair<string, Longs>>? longs = null,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        SafetensorsWriter writer = new(tensors, ints, longs, metadata);
        AtomicFile.Write(path, writer.WriteTo);
    }

    /// <summary>Writes to a stream, which stays open, the same bytes as to a file.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="tensors">Arrays of floats, by name; stored as F32.</param>
    /// <param name="ints">Arrays of integers, by name; stored as I32.</param>
    /// <param name="longs">Arrays of 64-bit integers, by name; stored as I64.</param>
    /// <param name="metadata">Strings about the arrays.</param>
    /// <exception cref="ArgumentException">A name occurs twice, or is the reserved <c>__metadata__</c>.</exception>
    public static void Write(
        Stream stream,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IEnumerable<KeyValuePair<string, IntTensor>>? ints = null,
        IEnumerable<KeyValuePair<string, Longs>>? longs = null,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        new SafetensorsWriter(tensors, ints, longs, metadata).WriteTo(stream);
    }

    private static SafetensorsFile Read(FormatReader source)
    {
        SafetensorsHeader header = SafetensorsHeader.Read(source);
        SafetensorsFile file = new(source.File, header.Metadata);
        foreach (SafetensorsHeader.Entry entry in header.Entries) file.ReadArray(source, entry.Name, entry.Type, entry.Shape);
        return file;
    }
}
