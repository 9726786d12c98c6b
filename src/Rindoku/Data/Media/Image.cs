using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>A picture of 8 bits a channel: 1 grey, 2 grey and alpha, 3 red-green-blue, or 4 with alpha.</summary>
public sealed class Image
{
    /// <summary>A picture over <paramref name="pixels"/>, which the caller gives away.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 to 4.</param>
    /// <param name="pixels">Row by row from the top, the channels of a pixel side by side.</param>
    /// <exception cref="ShapeException">The number of bytes is not height x width x channels.</exception>
    public Image(int width, int height, int channels, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 4);
        ArgumentNullException.ThrowIfNull(pixels);
        long needed = (long)width * height * channels;
        ShapeException.Require(pixels.Length == needed,
            $"Image: {pixels.Length} bytes for {width} x {height} pixels of {channels} channels, which need {needed}");
        Width = width;
        Height = height;
        Channels = channels;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>1 grey, 2 grey and alpha, 3 red-green-blue, 4 with alpha.</summary>
    public int Channels { get; }

    /// <summary>
    /// The bytes, row by row from the top, the channels of a pixel side by side: place <c>(y Width + x) Channels + c</c>.
    /// </summary>
    public byte[] Pixels { get; }

    /// <summary>One byte of the picture.</summary>
    public byte this[int y, int x, int channel] => Pixels[(y * Width + x) * Channels + channel];

    /// <summary>Reads a picture; what it is, its first bytes say, not its name. All but PNG needs FFmpeg (<see cref="Ffmpeg"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, corrupt or no picture, or passes a limit.</exception>
    /// <exception cref="FfmpegMissingException">The file is not PNG, and FFmpeg is not installed.</exception>
    public static Image Read(string path, ReadLimits? limits = null)
    {
        byte[] start = MediaKind.Start(path);
        if (MediaKind.IsPng(start)) return Png.Read(path, limits);
        if (MediaKind.IsOtherImage(start)) return Ffmpeg.ReadImage(path, limits);
        throw new FileFormatException(path, 0, MediaKind.Describe(start),
            "a picture: PNG, JPEG, GIF, BMP, WebP, TIFF, QOI, PNM, JPEG 2000 or AVIF");
    }

    /// <summary>Writes the picture as PNG; the file appears whole or not at all.</summary>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public void Write(string path) => Png.Write(path, this);

    /// <summary>The picture as floats: byte / 255.</summary>
    /// <returns>(channels, height, width), from 0 to 1.</returns>
    public Tensor ToTensor()
    {
        Tensor y = Tensor.Uninitialized([Channels, Height, Width]);
        Span<float> floats = y.Writable;
        int plane = Height * Width;
        for (int c = 0; c < Channels; c++)
        {
            Span<float> to = floats.Slice(c * plane, plane);
            for (int i = 0, from = c; i < plane; i++, from += Channels) to[i] = Pixels[from] / 255f;
        }
        return y;
    }

    /// <summary>A picture of floats from 0 to 1: byte = 255 x, rounded; smaller and greater values are cut off, NaN gives 0.</summary>
    /// <param name="x">(channels, height, width) with 1 to 4 channels, or (height, width) for grey.</param>
    /// <exception cref="ShapeException"><paramref name="x"/> has another shape.</exception>
    public static Image FromTensor(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 2 || (x.Rank == 3 && x.Shape[0] is >= 1 and <= 4),
            $"Image.FromTensor: needs (channels, height, width) with 1 to 4 channels, or (height, width); got {x.Shape}");
        ShapeException.Require(x.Length > 0, $"Image.FromTensor: needs at least one pixel, got {x.Shape}");
        int channels = x.Rank == 2 ? 1 : x.Shape[0], height = x.Shape[^2], width = x.Shape[^1], plane = height * width;

        byte[] pixels = new byte[x.Length];
        ReadOnlySpan<float> floats = x.Span;
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<float> from = floats.Slice(c * plane, plane);
            for (int i = 0, to = c; i < plane; i++, to += channels)
                pixels[to] = float.IsNaN(from[i]) ? (byte)0 : (byte)MathF.Round(Math.Clamp(from[i], 0, 1) * 255);
        }
        return new Image(width, height, channels, pixels);
    }

    /// <summary>The same picture with other channels.</summary>
    /// <param name="channels">1 grey, 2 grey and alpha, 3 red-green-blue, 4 with alpha.</param>
    /// <returns>This picture itself when it has these channels already.</returns>
    /// <remarks>
    /// Grey is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601); alpha that is dropped is not blended in, alpha that is added is 255.
    /// </remarks>
    public Image WithChannels(int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 4);
        if (channels == Channels) return this;

        byte[] pixels = new byte[checked(Width * Height * channels)];
        for (int from = 0, to = 0; to < pixels.Length; from += Channels, to += channels)
        {
            ReadOnlySpan<byte> source = Pixels.AsSpan(from, Channels);
            Span<byte> target = pixels.AsSpan(to, channels);
            bool colour = Channels >= 3;
            if (channels <= 2) target[0] = colour ? Luma(source) : source[0];
            else if (colour) source[..3].CopyTo(target);
            else target[..3].Fill(source[0]);
            if (channels is 2 or 4) target[^1] = Channels is 2 or 4 ? source[^1] : (byte)255;
        }
        return new Image(Width, Height, channels, pixels);
    }

    /// <summary>The size and the channels.</summary>
    public override string ToString() => $"Image({Width} x {Height}, {Channels} channels)";

    private static byte Luma(ReadOnlySpan<byte> rgb) => (byte)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
}
