using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Rindoku.IO;

/// <summary>Reads a binary format from a stream whose length is known, and makes errors that name the file and the place.</summary>
/// <remarks>Its rule: memory is taken only after <see cref="Require"/> has seen that the promised bytes exist.</remarks>
public sealed class FormatReader : IDisposable
{
    private readonly Stream stream;
    private readonly bool ownsStream;

    /// <summary>Reads <paramref name="length"/> bytes from <paramref name="stream"/>; fewer are an error when they are asked for.</summary>
    /// <param name="stream">Where the bytes come from.</param>
    /// <param name="file">What errors call it.</param>
    /// <param name="length">How many bytes there are.</param>
    /// <param name="limits">How much to believe of them.</param>
    /// <param name="ownsStream">Whether the stream is closed with the reader.</param>
    /// <exception cref="FileFormatException">There are more bytes than <see cref="ReadLimits.FileBytes"/>.</exception>
    public FormatReader(Stream stream, string file, long length, ReadLimits limits, bool ownsStream = false)
    {
        this.stream = stream;
        this.ownsStream = ownsStream;
        File = file;
        Length = length;
        Limits = limits;
        if (length > limits.FileBytes)
        {
            Dispose();
            throw Error(0, $"{length} bytes", $"at most {limits.FileBytes} (ReadLimits.FileBytes)");
        }
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is greater than <see cref="ReadLimits.FileBytes"/>.</exception>
    /// <exception cref="IOException">There is no such file, or it cannot be opened.</exception>
    public static FormatReader Open(string path, ReadLimits? limits)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder; needed a file.");
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 64 * 1024, FileOptions.SequentialScan);
        limits ??= ReadLimits.Default;
        if (stream.CanSeek) return new FormatReader(stream, path, stream.Length, limits, ownsStream: true);
        // A pipe under a file's name.
        using (stream)
        {
            MemoryStream copy = Spool(stream, path, limits);
            return new FormatReader(copy, path, copy.Length, limits, ownsStream: true);
        }
    }

    /// <summary>
    /// Reads on from where a stream stands. One that cannot tell its length is first copied to memory, within the limits.
    /// </summary>
    public static FormatReader Over(Stream stream, ReadLimits? limits)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= ReadLimits.Default;
        string file = stream is FileStream named ? named.Name : "(stream)";
        if (!stream.CanSeek) stream = Spool(stream, file, limits);
        return new FormatReader(stream, file, stream.Length - stream.Position, limits);
    }

    /// <summary>The file, or what is known of where the bytes come from.</summary>
    public string File { get; }

    /// <summary>How many bytes there are in all.</summary>
    public long Length { get; }

    /// <summary>How many of them have been read.</summary>
    public long Position { get; private set; }

    /// <summary>How many are left.</summary>
    public long Remaining => Length - Position;

    /// <summary>How much to believe of the file.</summary>
    public ReadLimits Limits { get; }

    /// <summary>An error at a place.</summary>
    public FileFormatException Error(long offset, string found, string needed, Exception? cause = null) =>
        new(File, offset, found, needed, cause);

    /// <summary>
    /// Throws if more is <paramref name="given"/> than one of the <see cref="ReadLimits"/> allows; the error names the limit.
    /// </summary>
    public void RequireWithin(long given, long limit, long offset, string what, [CallerArgumentExpression(nameof(limit))] string name = "")
    {
        if (given > limit) throw Error(offset, $"{given} {what}", $"at most {limit} (ReadLimits.{name[(name.LastIndexOf('.') + 1)..]})");
    }

    /// <summary>Throws unless <paramref name="count"/> more bytes exist.</summary>
    public void Require(long count, string what)
    {
        if (count < 0 || count > Remaining)
            throw Error(Position, $"the end of the file after {Remaining} more bytes", $"{(ulong)count} bytes of {what}");
    }

    /// <summary>Fills <paramref name="bytes"/>.</summary>
    public void ReadExactly(Span<byte> bytes, string what)
    {
        Require(bytes.Length, what);
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException)
        {
            throw Error(Position, $"an end or damage ({error.Message.TrimEnd('.')})", $"{bytes.Length} bytes of {what}", error);
        }
        Position += bytes.Length;
    }

    /// <summary>The next <paramref name="count"/> bytes, in a new array.</summary>
    public byte[] ReadBytes(long count, string what)
    {
        Require(count, what);
        if (count > Array.MaxLength) throw Error(Position, $"{count} bytes of {what}", $"at most {Array.MaxLength}");
        byte[] bytes = new byte[count];
        ReadExactly(bytes, what);
        return bytes;
    }

    /// <summary>The next eight bytes as a number, the least significant byte first.</summary>
    /// <exception cref="FileFormatException">There are fewer.</exception>
    public ulong ReadUInt64(string what)
    {
        Span<byte> bytes = stackalloc byte[8];
        ReadExactly(bytes, what);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>The stream itself, for a reader that seeks for itself; only at the start.</summary>
    // A zip archive counts from the start of its stream: one that begins in the middle of another is first copied.
    internal Stream Rest() => stream.Position == 0 ? stream : Spool(stream, File, Limits);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (ownsStream) stream.Dispose();
    }

    private static MemoryStream Spool(Stream stream, string file, ReadLimits limits)
    {
        MemoryStream copy = new();
        byte[] buffer = new byte[64 * 1024];
        long most = Math.Min(limits.FileBytes, Array.MaxLength);
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (copy.Length + read > most)
                throw new FileFormatException(file, copy.Length, "still more bytes", $"at most {most} (ReadLimits.FileBytes)");
            copy.Write(buffer, 0, read);
        }
        copy.Position = 0;
        return copy;
    }
}
