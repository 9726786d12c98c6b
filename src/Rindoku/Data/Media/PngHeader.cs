using System.Buffers.Binary;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>One of the seven pictures that an interlaced picture is sent as, or the whole of one that is not.</summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY, int Width, int Height);

/// <summary>The IHDR chunk of a PNG file: size, bits a sample, and what the samples mean.</summary>
internal readonly record struct PngHeader(int Width, int Height, int Depth, int Colour, bool Interlaced)
{
    public const byte Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6;
    public const int Bytes = 13;

    // Adam7, the specification's section 8: where each pass starts and how far apart its pixels lie.
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Samples a pixel in the file.</summary>
    public int Samples => Colour switch { Grey or Palette => 1, GreyAlpha => 2, Rgb => 3, _ => 4 };

    public int PixelBits => Samples * Depth;

    /// <summary>How far back the byte of the same sample of the pixel before lies, for the filters.</summary>
    public int FilterStep => Math.Max(1, PixelBits / 8);

    public long RowBytes(int width) => ((long)width * PixelBits + 7) / 8;

    /// <summary>The bytes of all rows with their filter numbers, before compression.</summary>
    public long RawBytes
    {
        get
        {
            long sum = 0;
            foreach (PngPass pass in Passes()) sum += (RowBytes(pass.Width) + 1) * pass.Height;
            return sum;
        }
    }

    /// <summary>The passes that have pixels.</summary>
    public List<PngPass> Passes()
    {
        if (!Interlaced) return [new PngPass(0, 0, 1, 1, Width, Height)];
        List<PngPass> passes = [];
        foreach (var (x, y, stepX, stepY) in Adam7)
        {
            if (Width <= x || Height <= y) continue;
            passes.Add(new PngPass(x, y, stepX, stepY, (Width - x - 1) / stepX + 1, (Height - y - 1) / stepY + 1));
        }
        return passes;
    }

    /// <summary>Checks the 13 bytes of the chunk, which begin at <paramref name="place"/>.</summary>
    public static PngHeader Parse(FormatReader source, long place, ReadOnlySpan<byte> bytes)
    {
        uint width = BinaryPrimitives.ReadUInt32BigEndian(bytes), height = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        int depth = bytes[8], colour = bytes[9], compression = bytes[10], filter = bytes[11], interlace = bytes[12];
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
            throw source.Error(place, $"a size of {width} x {height}", "sides from 1 to 2^31 - 1");
        source.RequireWithin((long)width * height, source.Limits.ImagePixels, place, $"pixels, {width} x {height}");

        bool known = colour switch
        {
            Grey => depth is 1 or 2 or 4 or 8 or 16,
            Palette => depth is 1 or 2 or 4 or 8,
            Rgb or GreyAlpha or Rgba => depth is 8 or 16,
            _ => false,
        };
        if (!known) throw source.Error(place + 8, $"{depth} bits of colour type {colour}", "a combination that PNG has");
        if (compression != 0 || filter != 0 || interlace > 1)
            throw source.Error(place + 10, $"compression {compression}, filter {filter}, interlace {interlace}", "0, 0, and 0 or 1");
        return new PngHeader((int)width, (int)height, depth, colour, interlace == 1);
    }
}
