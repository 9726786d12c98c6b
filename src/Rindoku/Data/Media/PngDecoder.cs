using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads one PNG picture, chunk by chunk.</summary>
internal sealed class PngDecoder(FormatReader source) : IDisposable
{
    private readonly MemoryStream packed = new();
    private PngHeader? header;
    private byte[]? palette;
    private byte[]? transparency;
    // The pieces of the packed picture must follow each other without another chunk between them.
    private bool packedEnded;

    public void Dispose() => packed.Dispose();

    /// <summary>Reads the picture at which a source stands.</summary>
    public static Image Read(FormatReader source)
    {
        using PngDecoder decoder = new(source);
        return decoder.Read();
    }

    private Image Read()
    {
        Span<byte> signature = stackalloc byte[8];
        long start = source.Position;
        source.ReadExactly(signature, "PNG signature");
        if (!signature.SequenceEqual(Png.Signature))
            throw source.Error(start, Convert.ToHexString(signature), "89504E470D0A1A0A, as PNG files begin");

        while (ReadChunk()) { }
        return Unpack();
    }

    /// <summary>Reads a chunk; false at the last.</summary>
    private bool ReadChunk()
    {
        long place = source.Position;
        Span<byte> start = stackalloc byte[8];
        source.ReadExactly(start, "a chunk's length and type");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(start);
        ReadOnlySpan<byte> type = start[4..];
        foreach (byte letter in type)
            if (!char.IsAsciiLetter((char)letter))
                throw source.Error(place + 4, $"a chunk of type {Convert.ToHexString(type)}", "four letters");
        string name = Encoding.ASCII.GetString(type);
        source.Require(length + 4L, $"chunk {name} and its checksum");
        if (header is null != (name == "IHDR")) throw source.Error(place, $"chunk {name}", "IHDR first, and once");
        if (name != "IDAT" && packed.Length > 0) packedEnded = true;

        uint crc = Crc32.Update(0, type);
        crc = name switch
        {
            "IHDR" or "PLTE" or "tRNS" or "IEND" => ReadSmall(name, place, (int)Math.Min(length, int.MaxValue), crc),
            "IDAT" => ReadPacked(place, length, crc),
            _ => Skip(name, place, length, crc),
        };
        Span<byte> stored = stackalloc byte[4];
        source.ReadExactly(stored, "a chunk's checksum");
        uint expected = BinaryPrimitives.ReadUInt32BigEndian(stored);
        if (crc != expected) throw source.Error(place, $"chunk {name} with checksum {crc:X8}", $"{expected:X8}: the data are damaged");
        return name != "IEND";
    }

    private uint ReadSmall(string name, long place, int length, uint crc)
    {
        int most = name switch { "IHDR" => PngHeader.Bytes, "PLTE" => 768, "tRNS" => 256, _ => 0 };
        if (length > most) throw source.Error(place, $"chunk {name} of {length} bytes", $"at most {most}");
        byte[] data = source.ReadBytes(length, $"chunk {name}");
        // The checksum comes after the data, but a picture that is both damaged and wrong may be refused for either.
        switch (name)
        {
            case "IHDR":
                if (length != PngHeader.Bytes) throw source.Error(place, $"chunk IHDR of {length} bytes", $"{PngHeader.Bytes}");
                header = PngHeader.Parse(source, place + 8, data);
                break;
            case "PLTE": palette = RequirePalette(place, data); break;
            case "tRNS": transparency = RequireTransparency(place, data); break;
        }
        return Crc32.Update(crc, data);
    }

    private byte[] RequirePalette(long place, byte[] data)
    {
        if (palette is not null || packed.Length > 0 || header!.Value.Colour is PngHeader.Grey or PngHeader.GreyAlpha)
            throw source.Error(place, "a palette", "one at most, before the pixels, and none in a grey picture");
        if (data.Length == 0 || data.Length % 3 != 0)
            throw source.Error(place, $"a palette of {data.Length} bytes", "1 to 256 colours of 3 bytes");
        return data;
    }

    private byte[] RequireTransparency(long place, byte[] data)
    {
        int colour = header!.Value.Colour;
        if (transparency is not null || packed.Length > 0 || colour is PngHeader.GreyAlpha or PngHeader.Rgba)
            throw source.Error(place, "transparent colours", "one such chunk at most, before the pixels, and none beside an alpha channel");
        bool fits = colour switch
        {
            PngHeader.Grey => data.Length == 2,
            PngHeader.Rgb => data.Length == 6,
            _ => palette is not null && data.Length <= palette.Length / 3,
        };
        if (!fits)
            throw source.Error(place,
                $"transparent colours of {data.Length} bytes", "2 for grey, 6 for RGB, up to one a colour after a palette");
        return data;
    }

    private uint ReadPacked(long place, uint length, uint crc)
    {
        if (packedEnded) throw source.Error(place, "chunk IDAT after others", "all IDAT chunks one after the other");
        if (packed.Length + length > Array.MaxLength)
            throw source.Error(place, "still more packed pixels", $"at most {Array.MaxLength} bytes");
        return Pass(length, crc, packed);
    }

    private uint Skip(string name, long place, uint length, uint crc)
    {
        // A capital first letter says that the picture cannot be understood without the chunk.
        if (char.IsAsciiLetterUpper(name[0]))
            throw source.Error(place, $"an unknown chunk {name} that must be understood", "IHDR, PLTE, IDAT or IEND");
        return Pass(length, crc, Stream.Null);
    }

    private uint Pass(long length, uint crc, Stream to)
    {
        byte[] buffer = new byte[Math.Min(length, 64 * 1024)];
        for (; length > 0; length -= buffer.Length)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(length, buffer.Length));
            source.ReadExactly(part, "chunk data");
            crc = Crc32.Update(crc, part);
            to.Write(part);
        }
        return crc;
    }

    private Image Unpack()
    {
        PngHeader head = header!.Value;
        if (head.Colour == PngHeader.Palette && palette is null)
            throw source.Error(source.Position, "no palette", "chunk PLTE before the pixels");
        PngPixels converter = new(head, palette, transparency);
        long raw = head.RawBytes, bytes = (long)head.Width * head.Height * converter.Channels;
        source.RequireWithin(raw, source.Limits.ExpandedBytes, source.Position, "bytes of pixels");
        if (Math.Max(bytes, head.RowBytes(head.Width) + 1) > Array.MaxLength)
            throw source.Error(source.Position,
                $"{head.Width} x {head.Height} pixels", $"a picture and rows of at most {Array.MaxLength} bytes");
        // Before memory is taken: so few packed bytes cannot hold so large a picture.
        if (raw > packed.Length * source.Limits.ExpansionRatio)
        {
            throw source.Error(source.Position, $"{packed.Length} packed bytes for {head.Width} x {head.Height} pixels",
                $"1/{source.Limits.ExpansionRatio} of their {raw} bytes (ReadLimits.ExpansionRatio)");
        }

        byte[] pixels = new byte[bytes];
        packed.Position = 0;
        using ZLibStream inflate = new(packed, CompressionMode.Decompress);
        using FormatReader rows = new(inflate, $"{source.File} (unpacked pixels)", raw, source.Limits with { FileBytes = long.MaxValue });
        foreach (PngPass pass in head.Passes()) UnpackPass(rows, head, pass, converter, pixels);
        RequireEnd(inflate, rows);
        return new Image(head.Width, head.Height, converter.Channels, pixels);
    }

    private static void UnpackPass(FormatReader rows, PngHeader head, PngPass pass, PngPixels converter, byte[] pixels)
    {
        // The filter's number stands before each row.
        byte[] row = new byte[head.RowBytes(pass.Width) + 1], above = new byte[row.Length];
        for (int y = 0; y < pass.Height; y++)
        {
            rows.ReadExactly(row, "pixels");
            if (row[0] >= PngFilters.Count) throw rows.Error(rows.Position - row.Length, $"filter {row[0]}", "0 to 4");
            PngFilters.Undo(row[0], row.AsSpan(1), above.AsSpan(1), head.FilterStep);
            int first = (pass.Y + y * pass.StepY) * head.Width + pass.X;
            converter.Expand(row.AsSpan(1), pass.Width, pixels, first, pass.StepX);
            (row, above) = (above, row);
        }
    }

    // Reading on to the end also makes the decompressor compare its own checksum.
    private static void RequireEnd(ZLibStream inflate, FormatReader rows)
    {
        try
        {
            if (inflate.ReadByte() >= 0) throw rows.Error(rows.Position, "more packed pixels", "the end of the picture");
        }
        catch (InvalidDataException error)
        {
            throw rows.Error(rows.Position, $"damage ({error.Message.TrimEnd('.')})", "the end of the packed pixels", error);
        }
    }
}
