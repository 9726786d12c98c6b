using Rindoku.Data;

namespace Rindoku.Tests.Data;

/// <summary>A test over the real files of RINDOKU_DATA or, beside the repository, shared/data; skipped where neither is.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute(params string[] sets)
    {
        string[] missing = Folder is null ? sets : [.. sets.Where(set => Folder.Find(DataCatalogue.Find(set)) is null)];
        if (missing.Length > 0) Skip = $"needs the data sets {string.Join(", ", missing)} in RINDOKU_DATA or ../shared/data";
    }

    /// <summary>Whether the test reads media that only FFmpeg decodes; it is skipped where that is not installed.</summary>
    public bool NeedsFfmpeg
    {
        get;
        set
        {
            field = value;
            if (value && Skip is null && !Ffmpeg.IsInstalled()) Skip = "needs FFmpeg";
        }
    }

    public static DataDirectory? Folder { get; } = Locate();

    private static DataDirectory? Locate()
    {
        if (Environment.GetEnvironmentVariable("RINDOKU_DATA") is { Length: > 0 } named) return new DataDirectory(named);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string beside = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(beside)) return new DataDirectory(beside);
        }
        return null;
    }
}
