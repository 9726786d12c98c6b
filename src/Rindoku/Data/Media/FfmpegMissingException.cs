namespace Rindoku.Data;

/// <summary>Thrown when a file needs FFmpeg and it is not installed; the message says how to install it.</summary>
public sealed class FfmpegMissingException : IOException
{
    /// <summary>An exception with a general message.</summary>
    public FfmpegMissingException() : base("FFmpeg is not installed.") { }

    /// <summary>An exception with the given message.</summary>
    public FfmpegMissingException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public FfmpegMissingException(string message, Exception innerException) : base(message, innerException) { }
}
