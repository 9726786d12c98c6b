namespace Rindoku.Lab;

/// <summary>Thrown for what a user can put right: an unknown name, a setting that does not fit, a folder that cannot be written.</summary>
/// <remarks>The message says what was given, what was needed and what to do; a program shows it without a stack trace.</remarks>
public class LabException : Exception
{
    /// <summary>An exception with a general message.</summary>
    public LabException() : base("The experiment cannot be carried out.") { }

    /// <summary>An exception with the given message.</summary>
    public LabException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public LabException(string message, Exception? innerException) : base(message, innerException) { }
}
