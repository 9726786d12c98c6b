namespace Rindoku.IO;

/// <summary>Writes files so that a reader sees either the old content or the whole new one, never half of it.</summary>
/// <remarks>
/// A process that is killed while it writes leaves its temporary file behind (<c>NAME.(32 digits).tmp</c>, beside NAME); no reader
/// takes it for NAME, and it may be deleted.
/// </remarks>
public static class AtomicFile
{
    /// <summary>
    /// Lets <paramref name="write"/> fill a temporary file beside <paramref name="path"/>, flushes it to the disk and renames it
    /// over <paramref name="path"/>. When anything fails, the temporary file is removed and the old file stays as it was.
    /// </summary>
    /// <param name="path">The file to make or replace; a symbolic link is followed, so that the file it points to is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">
    /// The file could not be written: full disk, missing or unwritable folder. The message says which.
    /// </exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, CreateFile);

    // The opener is an argument so that tests can put a full disk under it.
    internal static void Write(string path, Action<Stream> write, Func<string, FileStream> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);

        string? temporary = null;
        try
        {
            FileInfo file = new(path);
            string target = (file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true)!).FullName;
            if (Directory.Exists(target)) throw new IOException("It is a folder.");
            // A rename would put an ordinary file where the device was, for every program of the machine.
            if (Path.GetDirectoryName(target) == "/dev") throw new IOException("It is a device.");
            temporary = $"{target}.{Guid.NewGuid():N}.tmp";
            using (FileStream stream = create(temporary))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception error)
        {
            if (temporary is not null) TryDelete(temporary);
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{path} could not be written: {error.Message} " +
                    "What was there before is unchanged. Check that the folder exists, may be written to, and has room.", error);
            }
            throw;
        }
    }

    private static FileStream CreateFile(string temporary) =>
        new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 64 * 1024);

    // Failing to tidy up must not hide the error that led here.
    private static void TryDelete(string temporary)
    {
        try { File.Delete(temporary); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }
    }
}
