using Rindoku.Lab;

namespace Rindoku.Cli.Commands;

/// <summary>The folder of <c>--out</c>: what a run makes is kept with the run, and laid there as well.</summary>
internal sealed class OutFolder
{
    private readonly string path;

    private OutFolder(string path) => this.path = path;

    /// <summary>Makes the folder if it is not there, and sees that it can be written to: before the work, not after it.</summary>
    /// <returns>Null where none was asked for.</returns>
    /// <exception cref="LabException">The folder cannot be made or written to.</exception>
    public static OutFolder? Prepare(string? folder)
    {
        if (folder is null) return null;
        if (string.IsNullOrWhiteSpace(folder)) throw new UsageException("--out: got an empty name; needed a folder, e.g. --out sounds.");
        OutFolder made = new(Path.GetFullPath(folder));
        return made.Guarded(() =>
        {
            Directory.CreateDirectory(made.path);
            string probe = Path.Combine(made.path, Path.GetRandomFileName());
            using (File.Create(probe, 1, FileOptions.DeleteOnClose)) { }
            return made;
        });
    }

    /// <summary>Copies the files of a run; a file of the same name is replaced.</summary>
    /// <returns>Where each lies now, by what it is.</returns>
    /// <exception cref="LabException">A file cannot be written; the run itself is kept.</exception>
    public IReadOnlyDictionary<string, string> Take(RunOutcome outcome) => Guarded(() =>
    {
        Dictionary<string, string> taken = [];
        foreach ((string name, string file) in outcome.Result.Artefacts)
        {
            string target = Path.Combine(path, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(outcome.Run.Folder, file), target, overwrite: true);
            taken[name] = target;
        }
        return taken;
    });

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new LabException($"--out: nothing can be written to {path}: {error.Message} Name another folder.", error);
        }
    }
}
