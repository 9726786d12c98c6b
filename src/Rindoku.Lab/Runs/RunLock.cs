namespace Rindoku.Lab.Runs;

/// <summary>A file that is held open while a process works on a run; the system lets go of it however the process ends.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream held;

    private RunLock(FileStream held) => this.held = held;

    /// <exception cref="LabException">Another process works on the run, or its folder cannot be written.</exception>
    public static RunLock Take(RunRecord run)
    {
        try
        {
            Directory.CreateDirectory(run.Folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"The folder of run {run.Id}, {run.Folder}, cannot be made: {error.Message} Choose another place with --runs or $RINDOKU_RUNS.", error);
        }
        return new RunLock(TryOpen(run) ?? throw new LabException($"Run {run.Id} is being worked on by another process."));
    }

    public static bool IsHeld(RunRecord run)
    {
        if (!File.Exists(PathOf(run))) return false;
        using FileStream? free = TryOpen(run);
        return free is null;
    }

    private static string PathOf(RunRecord run) => Path.Combine(run.Folder, "run.lock");

    private static FileStream? TryOpen(RunRecord run)
    {
        try
        {
            return new FileStream(PathOf(run), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => held.Dispose();
}
