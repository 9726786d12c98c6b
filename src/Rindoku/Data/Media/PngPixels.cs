using System.Buffers.Binary;

namespace Rindoku.Data;

/// <summary>Turns rows of PNG samples, of any depth and colour type, into pixels of 8 bits a channel.</summary>
internal sealed class PngPixels(PngHeader header, byte[]? palette, byte[]? transparency)
{
    /// <summary>Channels a pixel: those of the file, with colours for palette numbers and alpha for transparent colours.</summary>
    public int Channels { get; } = (header.Colour == PngHeader.Palette ? 3 : header.Samples) + (transparency is null ? 0 : 1);

    /// <summary>
    /// Writes the pixels of a row to places <paramref name="first"/>, <c>first + step</c>, ... of <paramref name="pixels"/>.
    /// </summary>
    public void Expand(ReadOnlySpan<byte> row, int width, Span<byte> pixels, int first, int step)
    {
        if (header.Depth == 8 && step == 1 && header.Samples == Channels && header.Colour != PngHeader.Palette)
        {
            row.CopyTo(pixels.Slice(first * Channels, row.Length));
            return;
        }
        for (int x = 0; x < width; x++)
        {
            Span<byte> pixel = pixels.Slice((first + x * step) * Channels, Channels);
            if (header.Colour == PngHeader.Palette) Look(Sample(row, x), pixel);
            else Convert(row, x * header.Samples, pixel);
        }
    }

    private void Convert(ReadOnlySpan<byte> row, int at, Span<byte> pixel)
    {
        // A pixel is transparent when all its samples, at their full depth, are those of the tRNS chunk.
        bool transparent = transparency is not null;
        for (int s = 0; s < header.Samples; s++)
        {
            int sample = Sample(row, at + s);
            pixel[s] = Scale(sample);
            transparent = transparent && sample == BinaryPrimitives.ReadUInt16BigEndian(transparency.AsSpan(2 * s));
        }
        if (transparency is not null) pixel[^1] = transparent ? (byte)0 : (byte)255;
    }

    // A number beyond the palette gives black, as browsers do: the specification leaves it open, and no memory is at stake.
    private void Look(int number, Span<byte> pixel)
    {
        if (3 * number + 3 <= palette!.Length) palette.AsSpan(3 * number, 3).CopyTo(pixel);
        if (transparency is not null) pixel[3] = number < transparency.Length ? transparency[number] : (byte)255;
    }

    private int Sample(ReadOnlySpan<byte> row, int at)
    {
        switch (header.Depth)
        {
            case 8: return row[at];
            case 16: return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * at)..]);
            default:
                // Several samples in a byte, the leftmost in the highest bits.
                int bit = at * header.Depth;
                return row[bit >> 3] >> (8 - header.Depth - (bit & 7)) & (1 << header.Depth) - 1;
        }
    }

    private byte Scale(int sample) => header.Depth switch
    {
        8 => (byte)sample,
        16 => (byte)((sample * 255 + 32767) / 65535),
        _ => (byte)(sample * 255 / ((1 << header.Depth) - 1)),
    };
}
