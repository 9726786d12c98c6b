namespace Rindoku.Data;

/// <summary>Tells what kind a file is of by its first bytes.</summary>
internal static class MediaKind
{
    /// <summary>The first bytes of a file, fewer if it is shorter.</summary>
    public static byte[] Start(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder; needed a file.");
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] start = new byte[16];
        return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    public static bool IsPng(ReadOnlySpan<byte> start) => start.StartsWith(Png.Signature);

    public static bool IsWav(ReadOnlySpan<byte> start) => Has(start, 0, "RIFF"u8) && Has(start, 8, "WAVE"u8);

    // FFmpeg is asked for these only: given any other file, it would try all its formats, text and playlists among them.
    public static bool IsOtherImage(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || Has(start, 0, "GIF8"u8) || Has(start, 0, "BM"u8)
        || (Has(start, 0, "RIFF"u8) && Has(start, 8, "WEBP"u8))
        || Has(start, 0, "II*\0"u8) || Has(start, 0, "MM\0*"u8)
        || Has(start, 0, "qoif"u8) || Has(start, 4, "jP  "u8) || Has(start, 4, "ftypavif"u8) || Has(start, 4, "ftyphei"u8)
        || (start.Length > 2 && start[0] == 'P' && start[1] is >= (byte)'1' and <= (byte)'7' && start[2] is (byte)'\n' or (byte)' ');

    public static bool IsOtherSound(ReadOnlySpan<byte> start) =>
        Has(start, 0, "fLaC"u8) || Has(start, 0, "OggS"u8) || Has(start, 0, "ID3"u8)
        || (start.Length > 1 && start[0] == 0xFF && (start[1] & 0xE0) == 0xE0)
        || Has(start, 4, "ftyp"u8) || Has(start, 0, "FORM"u8) || Has(start, 0, ".snd"u8) || Has(start, 0, "RF64"u8)
        || start.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]);

    public static string Describe(ReadOnlySpan<byte> start) =>
        start.Length == 0 ? "an empty file" : $"the first bytes {Convert.ToHexString(start[..Math.Min(8, start.Length)])}";

    private static bool Has(ReadOnlySpan<byte> start, int at, ReadOnlySpan<byte> mark) =>
        start.Length >= at && start[at..].StartsWith(mark);
}
