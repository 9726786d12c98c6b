using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>A sound: samples from -1 to 1, channel after channel.</summary>
public sealed class Sound
{
    /// <summary>A sound over <paramref name="samples"/>, which the caller gives away.</summary>
    /// <param name="sampleRate">Samples a second and channel, at least 1.</param>
    /// <param name="channels">1 mono, 2 stereo (left, right), ...</param>
    /// <param name="samples">All samples of the first channel, then all of the second, ...</param>
    /// <exception cref="ShapeException">The number of samples is no multiple of the channels.</exception>
    public Sound(int sampleRate, int channels, float[] samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentNullException.ThrowIfNull(samples);
        ShapeException.Require(samples.Length % channels == 0,
            $"Sound: {samples.Length} samples for {channels} channels, which need a multiple");
        SampleRate = sampleRate;
        Channels = channels;
        Samples = samples;
    }

    /// <summary>Samples a second and channel.</summary>
    public int SampleRate { get; }

    /// <summary>1 mono, 2 stereo (left, right), ...</summary>
    public int Channels { get; }

    /// <summary>Samples a channel.</summary>
    public int Length => Samples.Length / Channels;

    /// <summary>The samples: place <c>channel Length + time</c>.</summary>
    public float[] Samples { get; }

    /// <summary>How long the sound lasts.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Length / SampleRate);

    /// <summary>Reads a sound; what it is, its first bytes say, not its name. All but WAV needs FFmpeg (<see cref="Ffmpeg"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, corrupt or no sound, or passes a limit.</exception>
    /// <exception cref="FfmpegMissingException">The file is not WAV, and FFmpeg is not installed.</exception>
    public static Sound Read(string path, ReadLimits? limits = null)
    {
        byte[] start = MediaKind.Start(path);
        if (MediaKind.IsWav(start)) return Wav.Read(path, limits);
        if (MediaKind.IsOtherSound(start)) return Ffmpeg.ReadSound(path, limits);
        throw new FileFormatException(path, 0, MediaKind.Describe(start),
            "a sound: WAV, FLAC, Ogg, MP3, AAC, MP4, AIFF, AU, Matroska or WebM");
    }

    /// <summary>Writes the sound as WAV; the file appears whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="format">How to store the samples.</param>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public void Write(string path, WavFormat format = WavFormat.Pcm16) => Wav.Write(path, this, format);

    /// <summary>The samples as a tensor.</summary>
    /// <returns>(channels, time).</returns>
    public Tensor ToTensor() => Tensor.From(Samples, [Channels, Length]);

    /// <summary>A sound of a tensor.</summary>
    /// <param name="x">(channels, time), or (time) for mono.</param>
    /// <param name="sampleRate">Samples a second and channel.</param>
    /// <exception cref="ShapeException"><paramref name="x"/> has another number of axes, or no channel.</exception>
    public static Sound FromTensor(Tensor x, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 1 || (x.Rank == 2 && x.Shape[0] > 0),
            $"Sound.FromTensor: needs (channels, time) or (time), got {x.Shape}");
        return new Sound(sampleRate, x.Rank == 1 ? 1 : x.Shape[0], x.ToArray());
    }

    /// <summary>The mean of all channels.</summary>
    /// <returns>This sound itself when it is mono already.</returns>
    public Sound ToMono()
    {
        if (Channels == 1) return this;
        float[] mono = new float[Length];
        for (int c = 0; c < Channels; c++)
            for (int t = 0; t < mono.Length; t++) mono[t] += Samples[c * mono.Length + t] / Channels;
        return new Sound(SampleRate, 1, mono);
    }

    /// <summary>The rate, the channels and the duration.</summary>
    public override string ToString() => $"Sound({SampleRate} Hz, {Channels} channels, {Length} samples)";
}
