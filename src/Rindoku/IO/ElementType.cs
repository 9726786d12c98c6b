using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Rindoku.IO;

/// <summary>How a file stores the elements of an array.</summary>
internal enum ElementType { F64, F32, F16, BF16, I64, U64, I32, U32, I16, U16, I8, U8, Bool }

/// <summary>
/// Reads stored elements as what the library computes with: floats, 32-bit integers, or 64-bit integers for the wider ones.
/// </summary>
internal static class Elements
{
    private const int ChunkBytes = 64 * 1024;
    private const int DirectFloats = 1 << 28;

    public static int Size(this ElementType type) => type switch
    {
        ElementType.F64 or ElementType.I64 or ElementType.U64 => 8,
        ElementType.F32 or ElementType.I32 or ElementType.U32 => 4,
        ElementType.F16 or ElementType.BF16 or ElementType.I16 or ElementType.U16 => 2,
        _ => 1,
    };

    public static bool IsFloat(this ElementType type) => type <= ElementType.BF16;

    public static bool IsLong(this ElementType type) => type is ElementType.I64 or ElementType.U64 or ElementType.U32;

    /// <summary>Fills <paramref name="to"/> with floats; wider ones are rounded, those beyond float's range become infinite.</summary>
    public static void ReadFloats(FormatReader source, ElementType type, bool bigEndian, Span<float> to, string what)
    {
        if (type == ElementType.F32 && bigEndian != BitConverter.IsLittleEndian)
        {
            // As they lie in the file; in parts, because the bytes of a large array may be more than a span can count.
            for (; to.Length > 0; to = to[Math.Min(DirectFloats, to.Length)..])
                source.ReadExactly(MemoryMarshal.AsBytes(to[..Math.Min(DirectFloats, to.Length)]), what);
            return;
        }
        switch (type)
        {
            case ElementType.F64: ReadChunks<double, float>(source, bigEndian, to, what, TensorPrimitives.ConvertTruncating); break;
            case ElementType.F32: ReadChunks<float, float>(source, bigEndian, to, what, (from, floats) => from.CopyTo(floats)); break;
            case ElementType.F16: ReadChunks<Half, float>(source, bigEndian, to, what, TensorPrimitives.ConvertToSingle); break;
            case ElementType.BF16: ReadChunks<ushort, float>(source, bigEndian, to, what, WidenBrainFloats); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating type");
        }
    }

    /// <summary>Fills <paramref name="to"/> with integers of up to 32 bits; a boolean gives 0 or 1.</summary>
    public static void ReadInts(FormatReader source, ElementType type, bool bigEndian, Span<int> to, string what)
    {
        switch (type)
        {
            case ElementType.I32: ReadChunks<int, int>(source, bigEndian, to, what, (from, ints) => from.CopyTo(ints)); break;
            case ElementType.I16: ReadChunks<short, int>(source, bigEndian, to, what, TensorPrimitives.ConvertTruncating); break;
            case ElementType.U16: ReadChunks<ushort, int>(source, bigEndian, to, what, TensorPrimitives.ConvertTruncating); break;
            case ElementType.I8: ReadChunks<sbyte, int>(source, bigEndian, to, what, TensorPrimitives.ConvertTruncating); break;
            case ElementType.U8: ReadChunks<byte, int>(source, bigEndian, to, what, TensorPrimitives.ConvertTruncating); break;
            case ElementType.Bool: ReadBooleans(source, to, what); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "not an integer type of up to 32 bits");
        }
    }

    /// <summary>Fills <paramref name="to"/> with integers of more than 31 bits.</summary>
    /// <exception cref="FileFormatException">An unsigned one is 2^63 or more.</exception>
    public static void ReadLongs(FormatReader source, ElementType type, bool bigEndian, Span<long> to, string what)
    {
        long start = source.Position;
        switch (type)
        {
            case ElementType.I64: ReadChunks<long, long>(source, bigEndian, to, what, (from, longs) => from.CopyTo(longs)); return;
            case ElementType.U32: ReadChunks<uint, long>(source, bigEndian, to, what, TensorPrimitives.ConvertTruncating); return;
            case ElementType.U64: ReadChunks<ulong, long>(source, bigEndian, to, what, TensorPrimitives.ConvertTruncating); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "not an integer type of more than 31 bits");
        }
        int tooLarge = to.IndexOfAnyInRange(long.MinValue, -1);
        if (tooLarge >= 0) throw source.Error(start + 8L * tooLarge, $"{(ulong)to[tooLarge]} in {what}", $"at most {long.MaxValue}");
    }

    private static void ReadChunks<TFrom, TTo>(
        FormatReader source, bool bigEndian, Span<TTo> to, string what, Conversion<TFrom, TTo> convert)
        where TFrom : unmanaged
    {
        int size = Marshal.SizeOf<TFrom>();
        TFrom[] chunk = new TFrom[Math.Min(to.Length, ChunkBytes / size)];
        while (to.Length > 0)
        {
            Span<TFrom> part = chunk.AsSpan(0, Math.Min(chunk.Length, to.Length));
            Span<byte> bytes = MemoryMarshal.AsBytes(part);
            source.ReadExactly(bytes, what);
            if (bigEndian == BitConverter.IsLittleEndian) ReverseEach(bytes, size);
            convert(part, to[..part.Length]);
            to = to[part.Length..];
        }
    }

    private static void ReadBooleans(FormatReader source, Span<int> to, string what)
    {
        long start = source.Position;
        ReadChunks<byte, int>(source, bigEndian: false, to, what, TensorPrimitives.ConvertTruncating);
        int wrong = to.IndexOfAnyExcept(0, 1);
        if (wrong >= 0) throw source.Error(start + wrong, $"a boolean of value {to[wrong]} in {what}", "0 or 1");
    }

    private static void WidenBrainFloats(ReadOnlySpan<ushort> from, Span<float> to)
    {
        for (int i = 0; i < from.Length; i++) to[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
    }

    private static void ReverseEach(Span<byte> bytes, int size)
    {
        for (int at = 0; at < bytes.Length; at += size) bytes.Slice(at, size).Reverse();
    }

    private delegate void Conversion<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to);
}
