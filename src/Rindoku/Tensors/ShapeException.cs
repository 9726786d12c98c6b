using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Rindoku;

/// <summary>Thrown when shapes do not fit together; the message names the operation, what it was given and what it needs.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>An exception with a general message.</summary>
    public ShapeException() : base("The shapes do not fit together.") { }

    /// <summary>An exception with the given message.</summary>
    public ShapeException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public ShapeException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Throws unless <paramref name="condition"/> holds. The message is formatted only when it is needed.</summary>
    /// <exception cref="ShapeException"><paramref name="condition"/> is false.</exception>
    public static void Require(
        [DoesNotReturnIf(false)] bool condition,
        [InterpolatedStringHandlerArgument(nameof(condition))] ref LazyMessage message)
    {
        if (!condition) throw new ShapeException(message.ToString());
    }

    /// <summary>An interpolated string that costs nothing when the condition beside it holds.</summary>
    [InterpolatedStringHandler]
    public ref struct LazyMessage
    {
        private DefaultInterpolatedStringHandler handler;

        /// <summary>Starts a message, formatted only when <paramref name="condition"/> is false.</summary>
        public LazyMessage(int literalLength, int formattedCount, bool condition, out bool needed)
        {
            needed = !condition;
            handler = needed ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        /// <summary>Adds literal text.</summary>
        public void AppendLiteral(string text) => handler.AppendLiteral(text);

        /// <summary>Adds a value.</summary>
        public void AppendFormatted<T>(T value) => handler.AppendFormatted(value);

        /// <summary>Adds a value with a format.</summary>
        public void AppendFormatted<T>(T value, string? format) => handler.AppendFormatted(value, format);

        /// <summary>The finished text.</summary>
        public override string ToString() => handler.ToStringAndClear();
    }
}
