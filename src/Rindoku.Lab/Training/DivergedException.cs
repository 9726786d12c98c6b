namespace Rindoku.Lab;

/// <summary>Thrown when a loss or gradient is no longer a finite number. The last good checkpoint is kept.</summary>
public sealed class DivergedException : LabException
{
    /// <summary>An exception with a general message.</summary>
    public DivergedException() : base("The training diverged.") { }

    /// <summary>An exception with the given message.</summary>
    public DivergedException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public DivergedException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>The optimizer step, from 0, in which it happened.</summary>
    public long Step { get; init; }

    /// <summary>The first operation that made a NaN, or empty if the step made none when it was run again.</summary>
    public string Operation { get; init; } = "";
}
