using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Rindoku.Lab.Reports;

/// <summary>Writes a small picture as PNG: 8 bits a channel, no filters, one chunk of data (ISO/IEC 15948).</summary>
internal static class PngEncoder
{
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(n =>
    {
        uint c = (uint)n;
        for (int bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
        return c;
    })];

    /// <param name="pixels">(channels, height, width), 0 to 1; others are clipped, NaN is black.</param>
    /// <param name="channels">1 or 3.</param>
    public static byte[] Encode(ReadOnlySpan<float> pixels, int channels, int height, int width)
    {
        using MemoryStream png = new();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8; // bits
        header[9] = (byte)(channels == 1 ? 0 : 2); // grey or colour
        Chunk(png, "IHDR", header);
        Chunk(png, "IDAT", Compressed(pixels, channels, height, width));
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    private static byte[] Compressed(ReadOnlySpan<float> pixels, int channels, int height, int width)
    {
        using MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] row = new byte[1 + channels * width];
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    for (int c = 0; c < channels; c++) row[1 + x * channels + c] = Level(pixels[(c * height + y) * width + x]);
                zlib.Write(row);
            }
        }
        return data.ToArray();
    }

    private static byte Level(float value) => value > 0 ? (byte)Math.Round(255 * Math.Min(1, value)) : (byte)0;

    private static void Chunk(Stream png, string type, byte[] content)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(body);
        uint crc = 0xFFFFFFFF;
        foreach (byte b in body) crc = CrcTable[(crc ^ b) & 0xFF] ^ (crc >> 8);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc ^ 0xFFFFFFFF);
        png.Write(number);
    }
}
