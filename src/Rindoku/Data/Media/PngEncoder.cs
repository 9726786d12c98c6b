using System.Buffers.Binary;
using System.IO.Compression;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Writes a picture as PNG, 8 bits a channel, not interlaced.</summary>
internal static class PngEncoder
{
    public static void Write(Stream stream, Image image)
    {
        stream.Write(Png.Signature);
        WriteChunk(stream, "IHDR"u8, Header(image));
        WriteChunk(stream, "IDAT"u8, Pack(image));
        WriteChunk(stream, "IEND"u8, []);
    }

    private static byte[] Header(Image image)
    {
        byte[] header = new byte[PngHeader.Bytes];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        header[8] = 8;
        header[9] = image.Channels switch { 1 => PngHeader.Grey, 2 => PngHeader.GreyAlpha, 3 => PngHeader.Rgb, _ => PngHeader.Rgba };
        return header;
    }

    private static ReadOnlySpan<byte> Pack(Image image)
    {
        MemoryStream packed = new();
        using (ZLibStream deflate = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            int rowBytes = image.Width * image.Channels;
            byte[] best = new byte[rowBytes + 1], candidate = new byte[rowBytes + 1], zeros = new byte[rowBytes];
            for (int y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<byte> row = image.Pixels.AsSpan(y * rowBytes, rowBytes);
                ReadOnlySpan<byte> above = y == 0 ? zeros : image.Pixels.AsSpan((y - 1) * rowBytes, rowBytes);
                Filter(row, above, image.Channels, ref best, ref candidate);
                deflate.Write(best);
            }
        }
        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    // Of the five filters, the one whose differences are smallest in sum: the heuristic that the specification recommends (section 12).
    private static void Filter(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, ref byte[] best, ref byte[] candidate)
    {
        long least = long.MaxValue;
        for (int filter = 0; filter < PngFilters.Count; filter++)
        {
            candidate[0] = (byte)filter;
            PngFilters.Apply(filter, row, above, step, candidate.AsSpan(1));
            long sum = 0;
            foreach (byte difference in candidate.AsSpan(1)) sum += Math.Abs((int)(sbyte)difference);
            if (sum >= least) continue;
            least = sum;
            (best, candidate) = (candidate, best);
        }
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Update(Crc32.Update(0, type), data));
        stream.Write(number);
    }
}
