namespace Rindoku.Data;

/// <summary>Thrown when data that is asked for is not there and cannot be had; the message says what to do.</summary>
public sealed class DataException : IOException
{
    /// <summary>An exception with a general message.</summary>
    public DataException() : base("The data is not there.") { }

    /// <summary>An exception with the given message.</summary>
    public DataException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public DataException(string message, Exception? innerException) : base(message, innerException) { }
}
