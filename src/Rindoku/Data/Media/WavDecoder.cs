using System.Buffers.Binary;
using System.Text;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads one WAV sound.</summary>
/// <param name="source">The file.</param>
/// <param name="streamed">
/// Whether a length of 2^32 - 1 means "to the end", as programs write that send a sound before they know its length.
/// </param>
internal sealed class WavDecoder(FormatReader source, bool streamed)
{
    private const int Pcm = 1, Ieee = 3, Extensible = 0xFFFE;

    private readonly record struct Layout(int SampleRate, int Channels, int Bits, bool Float)
    {
        public int FrameBytes => Channels * (Bits / 8);
    }

    public Sound Read()
    {
        long start = source.Position;
        Span<byte> riff = stackalloc byte[12];
        source.ReadExactly(riff, "RIFF header");
        if (!riff[..4].SequenceEqual("RIFF"u8) || !riff[8..].SequenceEqual("WAVE"u8))
            throw source.Error(start, $"'{Printable(riff[..4])}...{Printable(riff[8..])}'", "RIFF...WAVE");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(riff[4..]);
        if (!streamed && length - 4L > source.Remaining)
            throw source.Error(start + 4, $"a length of {length} with {source.Remaining} more bytes in the file", "the whole file");

        Layout? layout = null;
        Span<byte> chunk = stackalloc byte[8];
        while (true)
        {
            long place = source.Position;
            source.ReadExactly(chunk, layout is null ? "chunk 'fmt '" : "chunk 'data'");
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            ReadOnlySpan<byte> name = chunk[..4];
            if (name.SequenceEqual("data"u8))
                return ReadSamples(place, size, layout ?? throw source.Error(place, "samples", "chunk 'fmt ' before them"));

            // Chunks begin at even places.
            source.Require(size + (size & 1L), $"chunk '{Printable(name)}'");
            if (!name.SequenceEqual("fmt "u8)) Skip(size);
            else if (layout is null) layout = ReadLayout(place, size);
            else throw source.Error(place, "a second chunk 'fmt '", "one");
            Skip(size & 1);
        }
    }

    private Layout ReadLayout(long place, uint size)
    {
        if (size is < 16 or > 1024) throw source.Error(place, $"chunk 'fmt ' of {size} bytes", "16 to 1024");
        byte[] bytes = source.ReadBytes(size, "chunk 'fmt '");
        int tag = Short(0), channels = Short(2), frameBytes = Short(12), bits = Short(14);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));
        // The extensible form keeps the old numbers in the first two bytes of a longer name.
        if (tag == Extensible && size < 40) throw source.Error(place, $"an extensible format of {size} bytes", "at least 40");
        if (tag == Extensible) tag = Short(24);

        bool known = (tag, bits) is (Pcm, 8 or 16 or 24 or 32) or (Ieee, 32 or 64);
        if (!known)
            throw source.Error(place + 8, $"format {tag} of {bits} bits", "integers (1) of 8, 16, 24, 32 bits or floats (3) of 32, 64");
        if (channels == 0 || rate is 0 or > int.MaxValue)
            throw source.Error(place + 10, $"{channels} channels at {rate} Hz", "at least one of each");
        Layout layout = new((int)rate, channels, bits, tag == Ieee);
        if (frameBytes != layout.FrameBytes)
            throw source.Error(place + 20, $"frames of {frameBytes} bytes", $"{layout.FrameBytes} for {channels} channels of {bits} bits");
        return layout;

        int Short(int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
    }

    private Sound ReadSamples(long place, uint size, Layout layout)
    {
        long bytes = streamed && size == uint.MaxValue ? source.Remaining / layout.FrameBytes * layout.FrameBytes : size;
        source.Require(bytes, "samples");
        if (bytes % layout.FrameBytes != 0) throw source.Error(place, $"{bytes} bytes of samples", $"whole frames of {layout.FrameBytes}");
        long count = bytes / (layout.Bits / 8);
        long most = Math.Min(source.Limits.SoundSamples, Array.MaxLength);
        source.RequireWithin(count, most, place, "samples", nameof(ReadLimits.SoundSamples));

        float[] samples = new float[count];
        int length = (int)(count / layout.Channels), done = 0;
        int part = Math.Max(1, 64 * 1024 / layout.FrameBytes);
        byte[] buffer = new byte[(int)Math.Min(bytes, (long)part * layout.FrameBytes)];
        while (done < length)
        {
            int frames = Math.Min(part, length - done);
            ReadOnlySpan<byte> data = buffer.AsSpan(0, frames * layout.FrameBytes);
            source.ReadExactly(buffer.AsSpan(0, data.Length), "samples");
            Separate(data, layout, samples, length, done);
            done += frames;
        }
        return new Sound(layout.SampleRate, layout.Channels, samples);
    }

    /// <summary>Files hold the channels of a moment side by side; a sound holds the moments of a channel side by side.</summary>
    private static void Separate(ReadOnlySpan<byte> data, Layout layout, float[] samples, int length, int start)
    {
        int width = layout.Bits / 8;
        for (int frame = 0, at = 0; at < data.Length; frame++)
            for (int channel = 0; channel < layout.Channels; channel++, at += width)
                samples[(long)channel * length + start + frame] = Value(data.Slice(at, width), layout.Float);
    }

    private static float Value(ReadOnlySpan<byte> b, bool isFloat) => (b.Length, isFloat) switch
    {
        (1, _) => (b[0] - 128) / 128f,
        (2, _) => BinaryPrimitives.ReadInt16LittleEndian(b) / 32768f,
        (3, _) => (b[0] | b[1] << 8 | (sbyte)b[2] << 16) / 8388608f,
        (4, false) => BinaryPrimitives.ReadInt32LittleEndian(b) / 2147483648f,
        (4, true) => BinaryPrimitives.ReadSingleLittleEndian(b),
        _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(b),
    };

    private void Skip(long count)
    {
        Span<byte> buffer = stackalloc byte[512];
        for (; count > 0; count -= buffer.Length) source.ReadExactly(buffer[..(int)Math.Min(count, buffer.Length)], "chunk");
    }

    private static string Printable(ReadOnlySpan<byte> name) =>
        string.Concat(Encoding.Latin1.GetString(name).Select(c => char.IsAsciiLetterOrDigit(c) || c == ' ' ? c : '?'));
}
