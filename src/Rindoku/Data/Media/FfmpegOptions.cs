namespace Rindoku.Data;

/// <summary>Which FFmpeg to use and how long it may take.</summary>
public sealed record FfmpegOptions
{
    /// <summary><c>ffmpeg</c> from the folders of PATH, two minutes a file.</summary>
    public static FfmpegOptions Default { get; } = new();

    /// <summary>The program: a path, or a name to look up in the folders of PATH.</summary>
    public string Program { get; init; } = "ffmpeg";

    /// <summary>How long one file may take before the program is stopped.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The program's full path, or null if there is none.</summary>
    // Looked up here, because starting a process by a bare name would also look in the current folder, where anyone's file may lie.
    internal string? Find()
    {
        string name = OperatingSystem.IsWindows() && !Path.HasExtension(Program) ? Program + ".exe" : Program;
        if (name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)) return File.Exists(name) ? Path.GetFullPath(name) : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(Path.IsPathFullyQualified)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }
}
