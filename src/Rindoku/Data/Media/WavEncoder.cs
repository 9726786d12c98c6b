using System.Buffers.Binary;

namespace Rindoku.Data;

/// <summary>Writes a sound as WAV.</summary>
internal static class WavEncoder
{
    private const int HeaderBytes = 44;

    private static int Bytes(WavFormat format) => format switch { WavFormat.Pcm8 => 1, WavFormat.Pcm16 => 2, WavFormat.Pcm24 => 3, _ => 4 };

    public static void RequireFits(Sound sound, WavFormat format)
    {
        long bytes = (long)sound.Samples.Length * Bytes(format);
        if (sound.Channels * Bytes(format) > ushort.MaxValue || bytes > uint.MaxValue - HeaderBytes - 1)
            throw new ArgumentException($"Wav.Write: {sound} does not fit in WAV, which holds frames of 65,535 bytes and 4 GiB at most");
    }

    public static void Write(Stream stream, Sound sound, WavFormat format)
    {
        int width = Bytes(format), frameBytes = width * sound.Channels;
        uint dataBytes = (uint)((long)sound.Length * frameBytes), padding = dataBytes & 1;
        stream.Write(Header(sound, format, width, dataBytes, padding));

        byte[] buffer = new byte[Math.Max(1, 64 * 1024 / frameBytes) * frameBytes];
        int used = 0;
        for (int t = 0; t < sound.Length; t++)
        {
            for (int channel = 0; channel < sound.Channels; channel++, used += width)
                Store(sound.Samples[(long)channel * sound.Length + t], format, buffer.AsSpan(used, width));
            if (used < buffer.Length) continue;
            stream.Write(buffer);
            used = 0;
        }
        stream.Write(buffer, 0, used);
        if (padding != 0) stream.WriteByte(0);
    }

    private static byte[] Header(Sound sound, WavFormat format, int width, uint dataBytes, uint padding)
    {
        byte[] header = new byte[HeaderBytes];
        Span<byte> h = header;
        "RIFF"u8.CopyTo(h);
        BinaryPrimitives.WriteUInt32LittleEndian(h[4..], HeaderBytes - 8 + dataBytes + padding);
        "WAVEfmt "u8.CopyTo(h[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(h[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(h[20..], (short)(format == WavFormat.Float32 ? 3 : 1));
        BinaryPrimitives.WriteUInt16LittleEndian(h[22..], (ushort)sound.Channels);
        BinaryPrimitives.WriteInt32LittleEndian(h[24..], sound.SampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(h[28..], (uint)Math.Min((long)sound.SampleRate * sound.Channels * width, uint.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(h[32..], (ushort)(sound.Channels * width));
        BinaryPrimitives.WriteInt16LittleEndian(h[34..], (short)(8 * width));
        "data"u8.CopyTo(h[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(h[40..], dataBytes);
        return header;
    }

    private static void Store(float sample, WavFormat format, Span<byte> bytes)
    {
        switch (format)
        {
            case WavFormat.Pcm8: bytes[0] = (byte)(Integer(sample, 8) + 128); break;
            case WavFormat.Pcm16: BinaryPrimitives.WriteInt16LittleEndian(bytes, (short)Integer(sample, 16)); break;
            case WavFormat.Pcm24:
                int value = Integer(sample, 24);
                (bytes[0], bytes[1], bytes[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));
                break;
            case WavFormat.Pcm32: BinaryPrimitives.WriteInt32LittleEndian(bytes, Integer(sample, 32)); break;
            default: BinaryPrimitives.WriteSingleLittleEndian(bytes, sample); break;
        }
    }

    // In double, which holds every 32-bit integer; NaN is silence.
    private static int Integer(float sample, int bits)
    {
        double scale = 1L << (bits - 1);
        return double.IsNaN(sample) ? 0 : (int)Math.Clamp(Math.Round(sample * scale), -scale, scale - 1);
    }
}
