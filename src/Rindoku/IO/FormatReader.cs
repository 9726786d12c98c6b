using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Rindoku.IO;

/// <summary>Reads a binary format from a stream whose length is known, and makes errors that name the file and the place.</summary>
/// <remarks>Its rule: memory is taken only after <see cref="Require"/> has seen that the promised bytes exist.</remarks>
internal sealed class FormatReader : IDisposable
{
    private readonly Stream stream;
    private readonly bool ownsStream;

    /// <summary>Reads <paramref name="length"/> bytes from <paramref name="stream"/>; fewer are an error when they are asked for.</summary>
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

    public string File { get; }

    public long Length { get; }

    public long Position { get; private set; }

    public long Remaining => Length - Position;

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

    public ulong ReadUInt64(string what)
    {
        Span<byte> bytes = stackalloc byte[8];
        ReadExactly(bytes, what);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>The stream itself, for a reader that seeks for itself; only at the start.</summary>
    // A zip archive counts from the start of its stream: one that begins in the middle of another is first copied.
    public Stream Rest() => stream.Position == 0 ? stream : Spool(stream, File, Limits);

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
