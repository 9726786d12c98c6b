using Rindoku.Data;
using Rindoku.Lab.Tests.Tiny;

namespace Rindoku.Lab.Tests;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"rindoku-{Guid.NewGuid():N}");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public ArmRun<TinySettings> Run(TinySettings settings, bool resume = false, IProgressSink? progress = null, long seed = 3,
        CancellationToken stop = default)
    {
        RunContext context = new()
        {
            Seed = seed,
            Folder = Path,
            Resume = resume,
            Stop = stop,
            Data = new DataDirectory(Path),
            Progress = progress ?? NoProgress.Instance,
        };
        return new ArmRun<TinySettings>(settings, new ArmSettings(Profile.Quick, new TinyExperiment().Arm("noisy"), settings), context);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
