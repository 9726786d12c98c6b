using System.Globalization;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads pictures, sounds and films of all the kinds that FFmpeg knows, when it is installed.</summary>
/// <remarks>
/// The program is started directly, with a list of arguments and no shell; it may open the named file but no address on a network;
/// it is stopped when it takes too long or sends more than the limits allow.
/// </remarks>
public static class Ffmpeg
{
    /// <summary>Whether the program is found.</summary>
    public static bool IsInstalled(FfmpegOptions? options = null) => (options ?? FfmpegOptions.Default).Find() is not null;

    /// <summary>Reads a picture, or the first of a film.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <param name="options">Which program, and how long it may take.</param>
    /// <exception cref="FfmpegMissingException">FFmpeg is not installed.</exception>
    /// <exception cref="FileFormatException">FFmpeg could not read the file, took too long, or a limit was passed.</exception>
    public static Image ReadImage(string path, ReadLimits? limits = null, FfmpegOptions? options = null)
    {
        List<Image> images = ReadPictures(path, ["-frames:v", "1"], limits, options);
        return images.Count > 0 ? images[0] : throw new FileFormatException($"{path}: FFmpeg found no picture in it");
    }

    /// <summary>Reads the pictures of a film.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxFrames">How many pictures at most.</param>
    /// <param name="framesPerSecond">How many a second, by repeating or leaving out; all that there are if not given.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <param name="options">Which program, and how long it may take.</param>
    /// <exception cref="FfmpegMissingException">FFmpeg is not installed.</exception>
    /// <exception cref="FileFormatException">FFmpeg could not read the file, took too long, or a limit was passed.</exception>
    public static IReadOnlyList<Image> ReadFrames(
        string path, int maxFrames, double? framesPerSecond = null, ReadLimits? limits = null, FfmpegOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxFrames);
        List<string> arguments = ["-fps_mode", "passthrough", "-frames:v", maxFrames.ToString(CultureInfo.InvariantCulture)];
        if (framesPerSecond is { } rate)
        {
            if (!(rate > 0 && double.IsFinite(rate)))
                throw new ArgumentOutOfRangeException(nameof(framesPerSecond), rate, "needs a positive number");
            arguments.AddRange(["-vf", $"fps={rate.ToString("R", CultureInfo.InvariantCulture)}"]);
        }
        return ReadPictures(path, arguments, limits, options);
    }

    /// <summary>Reads a sound, or that of a film.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <param name="sampleRate">Samples a second to resample to; the file's own if not given.</param>
    /// <param name="channels">Channels to mix to; the file's own if not given.</param>
    /// <param name="options">Which program, and how long it may take.</param>
    /// <exception cref="FfmpegMissingException">FFmpeg is not installed.</exception>
    /// <exception cref="FileFormatException">FFmpeg could not read the file, took too long, or a limit was passed.</exception>
    public static Sound ReadSound(
        string path, ReadLimits? limits = null, int? sampleRate = null, int? channels = null, FfmpegOptions? options = null)
    {
        limits ??= ReadLimits.Default;
        List<string> arguments = ["-vn"];
        if (sampleRate is { } rate)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate, nameof(sampleRate));
            arguments.AddRange(["-ar", rate.ToString(CultureInfo.InvariantCulture)]);
        }
        if (channels is { } count)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count, nameof(channels));
            arguments.AddRange(["-ac", count.ToString(CultureInfo.InvariantCulture)]);
        }
        arguments.AddRange(["-c:a", "pcm_f32le", "-f", "wav"]);
        using MemoryStream output = FfmpegProcess.Run(path, arguments, limits.ExpandedBytes, options);
        using FormatReader source = new(output, $"{path} (through FFmpeg)", output.Length, limits with { FileBytes = long.MaxValue });
        return new WavDecoder(source, streamed: true).Read();
    }

    private static List<Image> ReadPictures(string path, IEnumerable<string> arguments, ReadLimits? limits, FfmpegOptions? options)
    {
        limits ??= ReadLimits.Default;
        // PNG carries size and channels, and pictures in a row need nothing between them.
        string[] all = ["-an", .. arguments, "-c:v", "png", "-compression_level", "1", "-f", "image2pipe"];
        using MemoryStream output = FfmpegProcess.Run(path, all, limits.ExpandedBytes, options);
        using FormatReader source = new(output, $"{path} (through FFmpeg)", output.Length, limits with { FileBytes = long.MaxValue });
        List<Image> images = [];
        while (source.Remaining > 0) images.Add(PngDecoder.Read(source));
        return images;
    }
}
