namespace Rindoku.IO;

/// <summary>Reads and writes npy files, NumPy's format of a single array.</summary>
/// <remarks>Arrays of Python objects are refused: they are pickles, which can run code.</remarks>
public static class Npy
{
    private const string Name = "array";

    /// <summary>Reads an array of floats (half and double precision become float32).</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, corrupt, not npy or not of floats, or passes a limit.</exception>
    public static Tensor ReadTensor(string path, ReadLimits? limits = null)
    {
        NpzFile file = Read(path, limits);
        return file.Tensors.GetValueOrDefault(Name)
            ?? throw new FileFormatException($"{path} holds integers; read them with Npy.ReadIntegers or Npy.ReadLongs");
    }

    /// <summary>Reads an array of integers, of any width in the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">
    /// The file is truncated, corrupt, not npy or not of integers, a value needs more than 32 bits, or a limit is passed.
    /// </exception>
    public static IntTensor ReadIntegers(string path, ReadLimits? limits = null) => RequireIntegers(Read(path, limits)).Int(Name);

    /// <summary>Reads an array of integers, of any width in the file, as 64-bit ones.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, corrupt, not npy or not of integers, or passes a limit.</exception>
    public static Longs ReadLongs(string path, ReadLimits? limits = null) => RequireIntegers(Read(path, limits)).Long(Name);

    /// <summary>Writes floats; the file appears whole or not at all.</summary>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(string path, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        AtomicFile.Write(path, stream => WriteTo(stream, tensor));
    }

    /// <summary>Writes integers; the file appears whole or not at all.</summary>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(string path, IntTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        AtomicFile.Write(path, stream => WriteTo(stream, tensor));
    }

    /// <summary>Writes 64-bit integers; the file appears whole or not at all.</summary>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(string path, Longs longs)
    {
        ArgumentNullException.ThrowIfNull(longs);
        AtomicFile.Write(path, stream => WriteTo(stream, longs));
    }

    internal static void WriteTo(Stream stream, Tensor tensor) => WriteTo(stream, "<f4", tensor.Shape, tensor.Span);

    internal static void WriteTo(Stream stream, IntTensor tensor) => WriteTo(stream, "<i4", tensor.Shape, tensor.Span);

    internal static void WriteTo(Stream stream, Longs longs) => WriteTo(stream, "<i8", longs.Shape, longs.Span);

    /// <summary>Reads the array that <paramref name="source"/> holds into <paramref name="file"/>.</summary>
    internal static void ReadInto(NpzFile file, FormatReader source, string name)
    {
        NpyHeader header = NpyHeader.Read(source);
        file.ReadArray(source, name, header.Type, header.Shape, header.BigEndian, header.ColumnMajor);
    }

    private static void WriteTo<T>(Stream stream, string description, Shape shape, ReadOnlySpan<T> values) where T : unmanaged
    {
        stream.Write(NpyHeader.Format(description, shape));
        LittleEndian.Write(stream, values);
    }

    private static NpzFile Read(string path, ReadLimits? limits)
    {
        using FormatReader source = FormatReader.Open(path, limits);
        NpzFile file = new(path);
        ReadInto(file, source, Name);
        return file;
    }

    private static NpzFile RequireIntegers(NpzFile file) => file.Tensors.Count == 0
        ? file
        : throw new FileFormatException($"{file.File} holds floats; read them with Npy.ReadTensor");
}
