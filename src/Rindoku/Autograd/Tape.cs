namespace Rindoku.Autograd;

/// <summary>Where operations put themselves on record, so that gradients can be taken of what was computed.</summary>
public static class Tape
{
    [ThreadStatic] private static int paused;

    /// <summary>Whether operations on this thread are recorded now.</summary>
    public static bool IsRecording => paused == 0;

    internal static void Pause() => paused++;

    internal static void Resume() => paused--;

    /// <summary>Runs work that is recorded even if recording is stopped around it: an evaluation that takes gradients itself.</summary>
    public static T Recorded<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        int before = paused;
        paused = 0;
        try
        {
            return work();
        }
        finally
        {
            paused = before;
        }
    }

    /// <summary>Declares how the gradient of <paramref name="y"/> flows to the inputs that it was computed from.</summary>
    /// <param name="operation">The operation's name, for messages.</param>
    /// <param name="y">The freshly made output.</param>
    /// <param name="edges">Each input with its gradient rule, written in differentiable operations.</param>
    /// <returns><paramref name="y"/>.</returns>
    public static Tensor Record(string operation, Tensor y, params ReadOnlySpan<Edge> edges) =>
        RecordFused(operation, y, null, edges);

    /// <summary>As above, with a faster way to the gradients for when no second derivative is wanted.</summary>
    /// <param name="operation">The operation's name, for messages.</param>
    /// <param name="y">The freshly made output.</param>
    /// <param name="fused">Computes the same gradients as <paramref name="edges"/>, faster; the contract tests compare both.</param>
    /// <param name="edges">Each input with its gradient rule, written in differentiable operations.</param>
    /// <returns><paramref name="y"/>.</returns>
    public static Tensor RecordFused(string operation, Tensor y, FusedGradient? fused, params ReadOnlySpan<Edge> edges)
    {
        ArgumentNullException.ThrowIfNull(y);
        if (Anomaly.IsDetecting) Anomaly.Check(operation, y, edges);
        if (IsRecording)
        {
            foreach (ref readonly Edge edge in edges)
            {
                if (!edge.Input.RequiresGrad) continue;
                y.Attach(new Node(operation, y.Shape, edges.ToArray(), fused));
                break;
            }
        }
        return y;
    }

    /// <summary>Whether an operation on these inputs will be recorded; for operations that save more when it is.</summary>
    internal static bool Needs(Tensor a) => IsRecording && a.RequiresGrad;

    /// <summary>Whether an operation on these inputs will be recorded.</summary>
    internal static bool Needs(params ReadOnlySpan<Tensor?> inputs)
    {
        if (!IsRecording) return false;
        foreach (Tensor? input in inputs)
            if (input is { RequiresGrad: true }) return true;
        return false;
    }

    /// <summary>A gradient rule for an operation that has none: it throws, naming the operation, when a gradient arrives.</summary>
    internal static Edge NoGradient(string operation, Tensor input) => new(input, _ => throw new NotSupportedException(
        $"{operation} has no gradient, but one flows into it. Use Detach() on its input, or StraightThrough, to say what you want instead."));
}

/// <summary>Stops recording on this thread while it is held: <c>using (NoGrad.Enter()) ...</c>.</summary>
public readonly ref struct NoGrad : IDisposable
{
    /// <summary>Stops recording until the result is disposed.</summary>
    public static NoGrad Enter()
    {
        Tape.Pause();
        return default;
    }

    /// <summary>Goes back to how it was.</summary>
    public void Dispose() => Tape.Resume();
}
