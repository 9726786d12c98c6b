namespace Rindoku;

/// <summary>Thrown when a matrix has not the property an operation needs; the message names the matrix of the batch and the place.</summary>
public sealed class LinearAlgebraException : ArithmeticException
{
    /// <summary>An exception with a general message.</summary>
    public LinearAlgebraException() : base("A matrix has not the property that is needed.") { }

    /// <summary>An exception with the given message.</summary>
    public LinearAlgebraException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public LinearAlgebraException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>An exception about one matrix of a batch.</summary>
    /// <param name="operation">Who found it.</param>
    /// <param name="shape">The batch's shape.</param>
    /// <param name="batch">Which matrix, counted over all batch axes.</param>
    /// <param name="problem">What is wrong with it.</param>
    internal static LinearAlgebraException About(string operation, Shape shape, int batch, string problem) =>
        new(shape.Rank == 2 ? $"{operation}: the matrix {shape} {problem}" : $"{operation}: matrix {batch} of the batch {shape} {problem}");
}
