using System.Diagnostics;
using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Tests.Data.Media;

/// <summary>Those that need FFmpeg itself pass without a check where it is not installed; the rest use a stand-in or none.</summary>
public sealed class FfmpegTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-media-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Make(string name, params string[] arguments)
    {
        string path = Path.Combine(folder, name);
        using Process process = Process.Start("ffmpeg", ["-v", "error", "-nostdin", .. arguments, "file:" + path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }

    private FfmpegOptions StandIn(string script)
    {
        string path = Path.Combine(folder, "stand-in");
        File.WriteAllText(path, "#!/bin/sh\n" + script);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new FfmpegOptions { Program = path, Timeout = TimeSpan.FromSeconds(1) };
    }

    [Fact]
    public void A_jpeg_reads_as_nearly_the_picture_that_was_written()
    {
        if (!Ffmpeg.IsInstalled()) return;
        Image slope = new(32, 16, 3, [.. Enumerable.Range(0, 32 * 16 * 3).Select(i => (byte)(i / 3 % 32 * 4 + 50))]);
        slope.Write(Path.Combine(folder, "slope.png"));
        // A name that a shell or an option parser would take for something else.
        string jpeg = Make("-i $(x) 'a' \"b\";.png", "-i", Path.Combine(folder, "slope.png"), "-q:v", "1", "-f", "mjpeg");
        Image back = Image.Read(jpeg);
        Assert.Equal((32, 16, 3), (back.Width, back.Height, back.Channels));
        Assert.All(back.Pixels.Zip(slope.Pixels), pair => Assert.InRange(pair.First, pair.Second - 6, pair.Second + 6));
    }

    [Fact]
    public void A_flac_reads_as_the_sound_that_was_written()
    {
        if (!Ffmpeg.IsInstalled()) return;
        Sound tone = new(8000, 2, [.. Enumerable.Range(0, 8000).Select(i => MathF.Round(16384 * MathF.Sin(i * 0.1f)) / 32768)]);
        tone.Write(Path.Combine(folder, "tone.wav"));
        string flac = Make("tone.flac", "-i", Path.Combine(folder, "tone.wav"));
        Sound back = Sound.Read(flac);
        Assert.Equal((8000, 2), (back.SampleRate, back.Channels));
        Assert.Equal(tone.Samples, back.Samples);

        Sound other = Ffmpeg.ReadSound(flac, sampleRate: 4000, channels: 1);
        Assert.Equal((4000, 1, 2000), (other.SampleRate, other.Channels, other.Length));
    }

    [Fact]
    public void The_pictures_of_a_film_come_one_by_one()
    {
        if (!Ffmpeg.IsInstalled()) return;
        string film = Make("film.mkv", "-f", "lavfi", "-i", "testsrc=size=32x24:rate=10:duration=1", "-c:v", "ffv1");
        IReadOnlyList<Image> frames = Ffmpeg.ReadFrames(film, maxFrames: 100);
        Assert.Equal(10, frames.Count);
        Assert.All(frames, frame => Assert.Equal((32, 24, 3), (frame.Width, frame.Height, frame.Channels)));
        Assert.Equal(3, Ffmpeg.ReadFrames(film, maxFrames: 3).Count);
        Assert.Equal(5, Ffmpeg.ReadFrames(film, maxFrames: 100, framesPerSecond: 5).Count);
    }

    [Fact]
    public void A_damaged_file_gives_the_words_of_FFmpeg_and_the_name()
    {
        if (!Ffmpeg.IsInstalled()) return;
        string path = Path.Combine(folder, "broken.jpg");
        File.WriteAllBytes(path, [0xFF, 0xD8, 0xFF, .. new byte[100]]);
        Assert.StartsWith($"{path}: FFmpeg ", Assert.Throws<FileFormatException>(() => Image.Read(path)).Message);
    }

    [Fact]
    public void Without_FFmpeg_the_error_says_how_to_install_it()
    {
        string path = Path.Combine(folder, "x.jpg");
        File.WriteAllBytes(path, [0xFF, 0xD8, 0xFF, 0]);
        FfmpegOptions none = new() { Program = "no-such-ffmpeg" };
        Assert.False(Ffmpeg.IsInstalled(none));
        string message = Assert.Throws<FfmpegMissingException>(() => Ffmpeg.ReadImage(path, options: none)).Message;
        Assert.Contains(path, message);
        Assert.Contains("apt install ffmpeg", message);
        Assert.Throws<FileNotFoundException>(() => Ffmpeg.ReadImage(path + "2", options: none));
    }

    [Theory, InlineData("sleep 60"), InlineData("exec sleep 60"), InlineData("while :; do :; done"), InlineData("exec 1>&- 2>&-; sleep 60")]
    public void A_program_that_hangs_is_stopped(string script)
    {
        if (OperatingSystem.IsWindows()) return;
        string path = Path.Combine(folder, "x.jpg");
        File.WriteAllBytes(path, [0xFF, 0xD8, 0xFF, 0]);
        long start = Stopwatch.GetTimestamp();
        Assert.Contains("FfmpegOptions.Timeout", Assert.Throws<FileFormatException>(() => Ffmpeg.ReadImage(path, options: StandIn(script))).Message);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.9, 10);
    }

    [Fact]
    public void A_program_that_sends_without_end_is_stopped_at_the_limit()
    {
        if (OperatingSystem.IsWindows()) return;
        string path = Path.Combine(folder, "x.jpg");
        File.WriteAllBytes(path, [0xFF, 0xD8, 0xFF, 0]);
        string message = Assert.Throws<FileFormatException>(
            () => Ffmpeg.ReadImage(path, ReadLimits.Default with { ExpandedBytes = 1 << 20 }, StandIn("exec yes"))).Message;
        Assert.Contains("ReadLimits.ExpandedBytes", message);
    }
}
