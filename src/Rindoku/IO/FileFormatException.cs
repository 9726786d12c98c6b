namespace Rindoku.IO;

/// <summary>Thrown when a file is not what it should be: truncated, corrupt, hostile or of a kind that is not supported.</summary>
/// <remarks>The message names the file, the place, what was found and what was needed.</remarks>
public sealed class FileFormatException : IOException
{
    /// <summary>An exception with a general message.</summary>
    public FileFormatException() : base("The file is not of the format it should have.") { }

    /// <summary>An exception with the given message.</summary>
    public FileFormatException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public FileFormatException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>An exception that says where a file went wrong, and how.</summary>
    /// <param name="file">The file, or what is known of where the bytes came from.</param>
    /// <param name="offset">The place, in bytes from the start.</param>
    /// <param name="found">What is there.</param>
    /// <param name="needed">What should be there.</param>
    /// <param name="innerException">The error that brought it to light, if any.</param>
    public FileFormatException(string file, long offset, string found, string needed, Exception? innerException = null)
        : base($"{file}, byte {offset}: found {found}; needed {needed}", innerException)
    {
        File = file;
        Offset = offset;
        Found = found;
        Needed = needed;
    }

    /// <summary>The file, or what is known of where the bytes came from.</summary>
    public string File { get; } = "";

    /// <summary>
    /// The place of the error, in bytes from the start of the file (or of an unpacked entry, if <see cref="File"/> names one).
    /// </summary>
    public long Offset { get; }

    /// <summary>What is there.</summary>
    public string Found { get; } = "";

    /// <summary>What should be there.</summary>
    public string Needed { get; } = "";
}
