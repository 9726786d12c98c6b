using System.IO.Compression;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>A sound with the name that its file has.</summary>
/// <param name="Name">The name without folder and ending: <c>7_theo_12</c>.</param>
/// <param name="Sound">The sound.</param>
public sealed record NamedSound(string Name, Sound Sound);

/// <summary>Reads WAV sounds out of ZIP archives.</summary>
public static class ZipSounds
{
    /// <summary>All entries that end in <c>.wav</c>, in the order of their names.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The archive or a sound is damaged, there is no sound, or a limit is passed.</exception>
    public static IReadOnlyList<NamedSound> Read(string path, ReadLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        limits ??= ReadLimits.Default;
        string place = path;
        try
        {
            using ZipArchive archive = ZipText.Open(path, limits);
            List<NamedSound> sounds = [];
            long unpacked = 0;
            foreach (ZipArchiveEntry entry in archive.Entries.Where(IsSound).OrderBy(entry => entry.FullName, StringComparer.Ordinal))
            {
                place = $"{path}[{entry.FullName}]";
                if ((unpacked += entry.Length) > limits.ExpandedBytes)
                    throw new FileFormatException(place, 0, $"{unpacked} bytes unpacked with the entries before it", $"at most {limits.ExpandedBytes} (ReadLimits.ExpandedBytes)");
                using MemoryStream bytes = new(ZipText.Unpack(entry, place, limits));
                sounds.Add(new NamedSound(Path.GetFileNameWithoutExtension(entry.Name), Wav.Read(bytes, limits)));
            }
            return sounds.Count > 0 ? sounds : throw new FileFormatException($"{path}: has no WAV sound");
        }
        catch (FileFormatException error) when (place != path && !error.Message.Contains(place, StringComparison.Ordinal))
        {
            throw new FileFormatException($"{place}: {error.Message}", error); // the decoder sees a stream and cannot name the entry
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or NotSupportedException)
        {
            throw new FileFormatException($"{place}: a damaged archive ({error.Message.TrimEnd('.')})", error);
        }
    }

    private static bool IsSound(ZipArchiveEntry entry) => entry.Name.EndsWith(".wav", StringComparison.OrdinalIgnoreCase);
}
