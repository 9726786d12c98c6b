using Rindoku.IO;

namespace Rindoku.Lab;

/// <summary>The checkpoints of one training: the last, the one before it, and the best.</summary>
/// <remarks>
/// A new checkpoint is written aside, flushed to the disk and renamed, after the last has been renamed to the previous: at every
/// instant there is a whole one. A last checkpoint that turns out to be damaged is passed over for the previous.
/// </remarks>
internal sealed class CheckpointFolder(string folder)
{
    private string Last => Path.Combine(folder, "last.safetensors");

    private string Previous => Path.Combine(folder, "previous.safetensors");

    private string BestFile => Path.Combine(folder, "best.safetensors");

    /// <summary>The newest checkpoint, or null.</summary>
    public string? Newest => File.Exists(Last) ? Last : File.Exists(Previous) ? Previous : null;

    public void Clear()
    {
        if (!Directory.Exists(folder)) return;
        foreach (string file in (string[])[Last, Previous, BestFile]) File.Delete(file);
    }

    public void SaveLast(TrainingState state, TrainerPosition position, CheckpointManifest manifest)
    {
        Guard(() =>
        {
            Directory.CreateDirectory(folder);
            string aside = Path.Combine(folder, "next.safetensors");
            CheckpointContent.Of(state, position, manifest).Write(aside);
            if (File.Exists(Last)) File.Move(Last, Previous, overwrite: true);
            File.Move(aside, Last, overwrite: true);
        });
    }

    public void SaveBest(TrainingState state, TrainerPosition position, CheckpointManifest manifest)
    {
        Guard(() =>
        {
            Directory.CreateDirectory(folder);
            CheckpointContent.OfModules(state, position, manifest).Write(BestFile);
        });
    }

    /// <summary>Takes over the newest checkpoint that is whole; null if there is none at all.</summary>
    /// <exception cref="LabException">A checkpoint is of something else, or all are damaged.</exception>
    public TrainerPosition? LoadLast(TrainingState state, CheckpointManifest manifest)
    {
        List<string> damages = [];
        foreach (string file in (string[])[Last, Previous])
        {
            if (!File.Exists(file)) continue;
            try
            {
                return CheckpointContent.Read(file).Restore(state, manifest);
            }
            catch (FileFormatException error)
            {
                damages.Add(error.Message);
            }
        }
        if (damages.Count == 0) return null;
        throw new LabException($"No checkpoint can be read: {string.Join("; ", damages)}. Remove {folder} to train from the start.");
    }

    public void LoadBest(TrainingState state, CheckpointManifest manifest)
    {
        if (!File.Exists(BestFile)) throw new LabException($"The best model, {BestFile}, has been removed; train again to have it.");
        CheckpointContent.Read(BestFile).RestoreModules(state, manifest);
    }

    // What the file system says is the user's to put right, so it is told as such.
    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string kept = Newest is { } file ? $"The checkpoint before it is kept: {file}." : "There is no earlier one.";
            throw new LabException($"No checkpoint could be written into {folder}: {error.Message} {kept} Make room or allow writing there, then resume the run.", error);
        }
    }
}
