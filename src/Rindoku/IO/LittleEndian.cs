using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rindoku.IO;

/// <summary>Writes arrays of numbers with the least significant byte first, whatever the processor.</summary>
internal static class LittleEndian
{
    public static void Write<T>(Stream stream, ReadOnlySpan<T> values) where T : unmanaged
    {
        // In parts: the bytes of a large array may be more than a span can count.
        const int part = 1 << 20;
        for (; values.Length > 0; values = values[Math.Min(part, values.Length)..])
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values[..Math.Min(part, values.Length)]);
            if (BitConverter.IsLittleEndian) stream.Write(bytes);
            else WriteReversed(stream, bytes, Unsafe.SizeOf<T>());
        }
    }

    private static void WriteReversed(Stream stream, ReadOnlySpan<byte> bytes, int size)
    {
        byte[] copy = bytes.ToArray();
        for (int at = 0; at < copy.Length; at += size) copy.AsSpan(at, size).Reverse();
        stream.Write(copy);
    }
}
