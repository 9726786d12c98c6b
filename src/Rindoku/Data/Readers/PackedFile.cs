using System.Buffers.Binary;
using System.IO.Compression;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads whole files that may be gzip-packed. Memory grows with the bytes that really come, never with a promise.</summary>
internal static class PackedFile
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>The bytes of a file, unpacked if it starts as a gzip file does, whatever its name.</summary>
    public static byte[] Read(string path, ReadLimits limits)
    {
        using FileStream file = Open(path, limits);
        return IsGzip(file) ? Unpack(file, path, limits) : ReadAll(file, path, limits.ExpandedBytes, "ReadLimits.ExpandedBytes");
    }

    /// <summary>Opens a file that is not greater than the limits allow.</summary>
    public static FileStream Open(string path, ReadLimits limits)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder; needed a file.");
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 64 * 1024, FileOptions.SequentialScan);
        if (file.Length <= limits.FileBytes) return file;

        long length = file.Length;
        file.Dispose();
        throw new FileFormatException(path, 0, $"{length} bytes", $"at most {limits.FileBytes} (ReadLimits.FileBytes)");
    }

    /// <summary>Whether a file starts as gzip files do; the position is moved back.</summary>
    public static bool IsGzip(Stream file)
    {
        Span<byte> magic = stackalloc byte[2];
        int read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
    }

    /// <summary>The most bytes that may come out of a packed file.</summary>
    public static long MostUnpacked(long packedBytes, ReadLimits limits) =>
        (long)Math.Min(limits.ExpandedBytes, packedBytes * limits.ExpansionRatio);

    private static byte[] Unpack(FileStream file, string path, ReadLimits limits)
    {
        using GZipStream gzip = new(file, CompressionMode.Decompress, leaveOpen: true);
        byte[] bytes = ReadAll(gzip, path, MostUnpacked(file.Length, limits), "ReadLimits.ExpandedBytes or ExpansionRatio");

        // A gzip stream that ends early may look like one that ends; its last four bytes say how long it should have been.
        Span<byte> trailer = stackalloc byte[4];
        if (file.Length < 18) throw new FileFormatException(path, 0, $"{file.Length} bytes", "a whole gzip file, which has 18 or more");
        file.Position = file.Length - 4;
        file.ReadExactly(trailer);
        uint promised = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (promised != (uint)bytes.LongLength)
            throw new FileFormatException(path, file.Length - 4, $"{bytes.LongLength} unpacked bytes but a length of {promised} at its end", "a whole gzip file; this one is truncated or damaged");
        return bytes;
    }

    /// <summary>All bytes of a stream, up to a limit.</summary>
    public static byte[] ReadAll(Stream stream, string path, long most, string limitName)
    {
        most = Math.Min(most, Array.MaxLength);
        using MemoryStream all = new();
        byte[] chunk = new byte[(int)Math.Min(ChunkBytes, most + 1)];
        try
        {
            for (int read; (read = stream.Read(chunk)) > 0;)
            {
                if (all.Length + read > most)
                    throw new FileFormatException(path, 0, $"more than {most} bytes when unpacked", $"at most that ({limitName})");
                all.Write(chunk, 0, read);
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new FileFormatException(path, all.Length, $"damaged packed data after {all.Length} unpacked bytes", "a whole gzip file", error);
        }
        return all.Length == all.Capacity ? all.GetBuffer() : all.ToArray();
    }
}
