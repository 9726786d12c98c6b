using System.Buffers.Binary;
using System.Text;

namespace Rindoku.IO;

/// <summary>The header of an npy file: the type, order and shape of its array.</summary>
/// <remarks>Source: NumPy's documentation, numpy.lib.format, versions 1.0 to 3.0. The header is a Python dictionary written out.</remarks>
internal sealed record NpyHeader(ElementType Type, bool BigEndian, bool ColumnMajor, Shape Shape)
{
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header; the source then stands at the first element, and exactly the array is left.</summary>
    public static NpyHeader Read(FormatReader source)
    {
        Span<byte> start = stackalloc byte[8];
        source.ReadExactly(start, "an npy file's first bytes");
        if (!start[..6].SequenceEqual(Magic)) throw source.Error(0, Convert.ToHexString(start[..6]), "934E554D5059, as npy files begin");
        if (start[6] is < 1 or > 3) throw source.Error(6, $"npy version {start[6]}.{start[7]}", "version 1, 2 or 3");

        Span<byte> length = stackalloc byte[4];
        length.Clear();
        source.ReadExactly(start[6] == 1 ? length[..2] : length, "the header's length");
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(length);
        source.RequireWithin(count, source.Limits.HeaderBytes, 8, "bytes of header");

        long place = source.Position;
        NpyHeader header = new NpyHeaderParser(source, place, Encoding.Latin1.GetString(source.ReadBytes(count, "header"))).Parse();
        long bytes = header.Shape.Length * (long)header.Type.Size();
        if (bytes != source.Remaining)
            throw source.Error(place, $"{source.Remaining} bytes after the header", $"{bytes} for {header.Type} of shape {header.Shape}");
        return header;
    }

    /// <summary>
    /// The header of an array in row-major order, as version 1.0, padded so that the elements start at a multiple of 64 bytes.
    /// </summary>
    public static byte[] Format(string description, Shape shape)
    {
        string sizes = shape.Rank == 1 ? $"{shape[0]}," : string.Join(", ", shape);
        string text = $"{{'descr': '{description}', 'fortran_order': False, 'shape': ({sizes}), }}";
        const int before = 10;
        int padded = (before + text.Length + 1 + 63) / 64 * 64;

        byte[] bytes = new byte[padded];
        bytes.AsSpan().Fill((byte)' ');
        Magic.CopyTo(bytes);
        bytes[6] = 1;
        bytes[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), checked((ushort)(padded - before)));
        Encoding.Latin1.GetBytes(text, bytes.AsSpan(before));
        bytes[^1] = (byte)'\n';
        return bytes;
    }
}
