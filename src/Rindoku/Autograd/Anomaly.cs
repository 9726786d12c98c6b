namespace Rindoku.Autograd;

/// <summary>Finds the first operation that makes a NaN: <c>using (Anomaly.Detect()) ...</c>. Every result is looked at, so it is slow.</summary>
public static class Anomaly
{
    [ThreadStatic] private static int depth;

    internal static bool IsDetecting => depth > 0;

    /// <summary>Looks at the result of every operation on this thread until disposed.</summary>
    public static IDisposable Detect()
    {
        depth++;
        return new Watch();
    }

    internal static void Check(string operation, Tensor y, ReadOnlySpan<Edge> edges)
    {
        if (!ContainsNaN(y.Span)) return;
        List<string> inputs = [];
        foreach (ref readonly Edge edge in edges)
            inputs.Add(edge.Input.Shape + (ContainsNaN(edge.Input.Span) ? " (with NaN)" : ""));
        throw new AnomalyException(operation, $"{operation} made a NaN: output {y.Shape} from inputs [{string.Join(", ", inputs)}]");
    }

    internal static void CheckGradient(string operation, Tensor gradient)
    {
        if (ContainsNaN(gradient.Span)) throw new AnomalyException(operation, $"the gradient of {operation} made a NaN: {gradient.Shape}");
    }

    private static bool ContainsNaN(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
            if (float.IsNaN(value)) return true;
        return false;
    }

    private sealed class Watch : IDisposable
    {
        private bool ended;

        public void Dispose()
        {
            if (!ended) depth--;
            ended = true;
        }
    }
}

/// <summary>Thrown in anomaly mode by the first operation that makes a NaN.</summary>
public sealed class AnomalyException : ArithmeticException
{
    /// <summary>An exception that names the operation.</summary>
    public AnomalyException(string operation, string message) : base(message) => Operation = operation;

    /// <summary>An exception with a general message.</summary>
    public AnomalyException() : this("unknown", "An operation made a NaN.") { }

    /// <summary>An exception with the given message.</summary>
    public AnomalyException(string message) : this("unknown", message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public AnomalyException(string message, Exception innerException) : base(message, innerException) => Operation = "unknown";

    /// <summary>The operation's name.</summary>
    public string Operation { get; }
}
