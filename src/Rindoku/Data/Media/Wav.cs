using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>How a WAV file stores its samples.</summary>
public enum WavFormat
{
    /// <summary>Unsigned integers of 8 bits; 128 is silence.</summary>
    Pcm8,

    /// <summary>Signed integers of 16 bits.</summary>
    Pcm16,

    /// <summary>Signed integers of 24 bits.</summary>
    Pcm24,

    /// <summary>Signed integers of 32 bits.</summary>
    Pcm32,

    /// <summary>Floats of 32 bits, which may also lie beyond -1 and 1.</summary>
    Float32,
}

/// <summary>Reads and writes WAV sounds: integers of 8, 16, 24 and 32 bits, and floats of 32 and (reading only) 64.</summary>
/// <remarks>
/// An integer of n bits is divided by 2^(n-1) when read, and samples are multiplied by it, rounded and cut off when written: what was
/// read from integers of at most 24 bits is written as the same integers. Source: Microsoft and IBM, Multimedia Programming Interface
/// and Data Specifications 1.0 (1991), and WAVEFORMATEXTENSIBLE.
/// </remarks>
public static class Wav
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, corrupt or not WAV, or passes a limit.</exception>
    public static Sound Read(string path, ReadLimits? limits = null)
    {
        using FormatReader source = FormatReader.Open(path, limits);
        return new WavDecoder(source, streamed: false).Read();
    }

    /// <summary>Reads a sound from where a stream stands.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The content is truncated, corrupt or not WAV, or passes a limit.</exception>
    public static Sound Read(Stream stream, ReadLimits? limits = null)
    {
        using FormatReader source = FormatReader.Over(stream, limits);
        return new WavDecoder(source, streamed: false).Read();
    }

    /// <summary>Writes a file that appears whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="sound">The sound.</param>
    /// <param name="format">How to store the samples.</param>
    /// <exception cref="ArgumentException">The sound has more than 65,535 channels or is longer than the format's 4 GiB.</exception>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(string path, Sound sound, WavFormat format = WavFormat.Pcm16)
    {
        ArgumentNullException.ThrowIfNull(sound);
        WavEncoder.RequireFits(sound, format);
        AtomicFile.Write(path, stream => WavEncoder.Write(stream, sound, format));
    }

    /// <summary>Writes to a stream, which stays open.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="sound">The sound.</param>
    /// <param name="format">How to store the samples.</param>
    /// <exception cref="ArgumentException">The sound has more than 65,535 channels or is longer than the format's 4 GiB.</exception>
    public static void Write(Stream stream, Sound sound, WavFormat format = WavFormat.Pcm16)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(sound);
        WavEncoder.RequireFits(sound, format);
        WavEncoder.Write(stream, sound, format);
    }
}
