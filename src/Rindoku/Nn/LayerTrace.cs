namespace Rindoku.Nn;

/// <summary>One pass of an input through a layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Input">The shape of what went in.</param>
/// <param name="Output">The shape of what came out.</param>
/// <param name="MultiplyAdds">How many products were added up, over the whole batch.</param>
public sealed record LayerPass(Module Layer, Shape Input, Shape Output, long MultiplyAdds)
{
    /// <summary>What went in, as the layer got it, with its history; null unless the trace keeps tensors.</summary>
    public Tensor? X { get; init; }

    /// <summary>What came out, with its history; null unless the trace keeps tensors.</summary>
    public Tensor? Y { get; init; }
}

/// <summary>Notes which layers an input passes, with shapes and multiply-adds, while it is open on a thread.</summary>
/// <remarks>
/// Convolutions, transposed convolutions, linear maps and batch normalisations are noted. Multiply-adds are those of the products:
/// outputs × fan-in, the count that papers give as FLOPs or, times two, as operations; normalisation and biases count as none.
/// A trace that is asked to keeps what went into each layer and came out of it, for methods that look inside: gradients by a layer's
/// output (<c>Grad.Vjp(y, dy, [pass.Y])</c>), correlations of its features. Such tensors live as long as the memory scope they were made in.
/// </remarks>
/// <example><code>
/// using LayerTrace trace = LayerTrace.Open();
/// model.Forward(Tensor.Zeros([1, 3, 224, 224]));
/// long multiplyAdds = trace.MultiplyAdds;
/// </code></example>
public sealed class LayerTrace : IDisposable
{
    [ThreadStatic] private static LayerTrace? current;

    private readonly LayerTrace? outer;
    private readonly List<LayerPass> passes = [];
    private readonly bool keepTensors;

    private LayerTrace(bool keepTensors) => (outer, this.keepTensors) = (current, keepTensors);

    /// <summary>The passes so far, in the order in which they happened.</summary>
    public IReadOnlyList<LayerPass> Passes => passes;

    /// <summary>All multiply-adds so far.</summary>
    public long MultiplyAdds => passes.Sum(pass => pass.MultiplyAdds);

    /// <summary>Begins a trace on this thread; one that is open already rests meanwhile.</summary>
    /// <param name="keepTensors">Whether <see cref="LayerPass.X"/> and <see cref="LayerPass.Y"/> are kept.</param>
    public static LayerTrace Open(bool keepTensors = false) => current = new LayerTrace(keepTensors);

    /// <summary>Ends the trace.</summary>
    public void Dispose()
    {
        if (current == this) current = outer;
    }

    /// <summary>Notes a pass of a layer, where a trace is open, and gives back the layer's output.</summary>
    internal static Tensor Note(Module layer, Tensor x, Tensor y, long multiplyAdds)
    {
        if (current is { } trace)
            trace.passes.Add(new LayerPass(layer, x.Shape, y.Shape, multiplyAdds) { X = trace.keepTensors ? x : null, Y = trace.keepTensors ? y : null });
        return y;
    }
}
