namespace Rindoku.Lab.Runs;

/// <summary>Thrown when a run was asked to stop and has; its checkpoint is written, and it can be resumed.</summary>
public sealed class RunInterruptedException : OperationCanceledException
{
    /// <summary>An exception with a general message.</summary>
    public RunInterruptedException() : base("The run was asked to stop.") { }

    /// <summary>An exception with the given message.</summary>
    public RunInterruptedException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public RunInterruptedException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>An exception about a run.</summary>
    /// <param name="run">The run's number.</param>
    /// <param name="cause">What the trainer threw.</param>
    public RunInterruptedException(long run, OperationCanceledException cause) : base(cause?.Message, cause, cause?.CancellationToken ?? default) => Run = run;

    /// <summary>The number of the run.</summary>
    public long Run { get; }
}
