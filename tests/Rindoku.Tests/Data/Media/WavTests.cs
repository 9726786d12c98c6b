using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Testing;
using Rindoku.Tests.IO;

namespace Rindoku.Tests.Data.Media;

public sealed class WavTests
{
    // The files that tests/golden/media.py put together, by name.
    private static readonly SafetensorsFile Files = Safetensors.Read(Path.Combine(Golden.RepositoryRoot(), "tests", "golden", "wav.safetensors"));

    public static TheoryData<string> Names => [.. Files.Integers.Keys.Select(key => key[..^5])];

    private static byte[] Bytes(string name) => [.. Files.Int(name + "/file").ToArray().Select(value => (byte)value)];

    private static byte[] Written(Sound sound, WavFormat format)
    {
        MemoryStream stream = new();
        Wav.Write(stream, sound, format);
        return stream.ToArray();
    }

    private static string Refusal(byte[] file, ReadLimits? limits = null)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<FileFormatException>(() => Wav.Read(new MemoryStream(file), limits)).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        return message;
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_kind_of_sample_gives_its_values(string name)
    {
        Sound sound = Wav.Read(new MemoryStream(Bytes(name)));
        Assert.Equal((8000, 2, 50), (sound.SampleRate, sound.Channels, sound.Length));
        Assert.Equal(Files.Tensor(name + "/samples").ToArray(), sound.Samples);
        Assert.Equal(Files.Tensor(name + "/samples").Shape, sound.ToTensor().Shape);
    }

    [Theory, InlineData(WavFormat.Pcm8, 8), InlineData(WavFormat.Pcm16, 16), InlineData(WavFormat.Pcm24, 24)]
    public void Integers_that_were_read_are_written_as_the_same_integers(WavFormat format, int bits)
    {
        Sound sound = Wav.Read(new MemoryStream(Bytes($"pcm{bits}")));
        byte[] written = Written(sound, format);
        Assert.Equal(sound.Samples, Wav.Read(new MemoryStream(written)).Samples);
        Assert.Equal(44 + 50 * 2 * bits / 8, written.Length);
    }

    [Fact]
    public void Values_beyond_the_range_are_cut_off_and_floats_are_kept()
    {
        Sound loud = new(44100, 1, [2, -2, float.NaN, 1, -1, 0.5f / 32768]);
        Assert.Equal([32767 / 32768f, -1, 0, 32767 / 32768f, -1, 0], Wav.Read(new MemoryStream(Written(loud, WavFormat.Pcm16))).Samples);
        Assert.Equal([127 / 128f, -1, 0, 127 / 128f, -1, 0], Wav.Read(new MemoryStream(Written(loud, WavFormat.Pcm8))).Samples);
        Assert.Equal([1, -1, 0, 1, -1, 0.5f / 32768], Wav.Read(new MemoryStream(Written(loud, WavFormat.Pcm32))).Samples);
        Assert.Equal(loud.Samples, Wav.Read(new MemoryStream(Written(loud, WavFormat.Float32))).Samples);
    }

    [Fact]
    public void Long_sounds_of_many_channels_and_an_odd_number_of_bytes_read_back()
    {
        foreach (var (channels, length) in ((int, int)[])[(1, 100_001), (3, 40_001), (7, 1), (2, 0)])
        {
            float[] samples = [.. Enumerable.Range(0, channels * length).Select(i => (i % 251 - 125) / 128f)];
            Sound back = Wav.Read(new MemoryStream(Written(new Sound(8000, channels, samples), WavFormat.Pcm8)));
            Assert.Equal(samples, back.Samples);
            Assert.Equal(channels, back.Channels);
        }
    }

    [Fact]
    public void Lengths_that_lie_are_refused_and_take_no_memory()
    {
        byte[] file = Written(new Sound(8000, 2, new float[20]), WavFormat.Pcm16);
        Assert.Contains("the whole file", Refusal(With(4, 0x7FFFFFFF)));
        Assert.Contains("bytes of samples", Refusal(With(40, 0x7FFFFFFF)));
        Assert.Contains("bytes of samples", Refusal(With(40, -1)));
        Assert.Contains("whole frames of 4", Refusal(With(40, 37)));
        Assert.Contains("2147483646 bytes of chunk 'fmt '", Refusal(With(16, int.MaxValue - 1)));
        Assert.Contains("16 to 1024", Refusal(With(16, 14)));
        Assert.Contains("0 channels at 8000 Hz", Refusal(With(20, 1)));
        Assert.Contains("2 channels at 0 Hz", Refusal(With(24, 0)));
        Assert.Contains("format 1 of 12 bits", Refusal(With(32, 4 | 12 << 16)));
        Assert.Contains("frames of 5 bytes", Refusal(With(32, 5 | 16 << 16)));
        Assert.Contains("format 85 of 16 bits", Refusal(With(20, 85 | 2 << 16)));
        Assert.Contains("chunk 'fmt ' before them", Refusal([.. file[..12], .. "junk"u8, .. file[16..]]));
        Assert.Contains("RIFF...WAVE", Refusal([.. "RIFX"u8, .. file[4..]]));
        Assert.Contains("the whole file", Refusal(file[..36]));
        Assert.Contains("8 bytes of chunk 'data'", Refusal(With(4, 28)[..36]));
        Assert.Contains("ReadLimits.SoundSamples", Refusal(file, ReadLimits.Default with { SoundSamples = 19 }));

        byte[] With(int at, int value)
        {
            byte[] copy = [.. file];
            BitConverter.GetBytes(value).CopyTo(copy, at);
            return copy;
        }
    }

    [Fact]
    public void Damaged_files_are_read_or_refused()
    {
        byte[] file = Bytes("pcm16-extensible");
        var (read, refused) = Fuzz.Run(file, stream => Wav.Read(stream), rounds: 5000);
        Assert.True(refused > file.Length && read > 100, $"read {read}, refused {refused}");
    }

    [Fact]
    public void A_sound_too_large_for_the_format_is_refused() =>
        Assert.Throws<ArgumentException>(() => Written(new Sound(8000, 40_000, new float[40_000]), WavFormat.Pcm16));
}
