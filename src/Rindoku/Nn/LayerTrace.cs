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

/// <summary>What kind of step gave a <see cref="FeatureMap"/>.</summary>
public enum FeatureKind
{
    /// <summary>A convolution or a linear map.</summary>
    Weighted,

    /// <summary>A batch normalisation.</summary>
    Normalised,

    /// <summary>An activation, or what goes past the layers of a residual unit or comes out of it.</summary>
    Activated,
}

/// <summary>What one step of a model gave while a trace that keeps tensors was open: its features there.</summary>
/// <param name="Owner">The layer, or the unit that the step is a part of.</param>
/// <param name="Part">Which part of the owner: <c>shortcut</c>; empty for the whole.</param>
/// <param name="Kind">What kind of step.</param>
/// <param name="X">What went in.</param>
/// <param name="Y">What came out.</param>
public sealed record FeatureMap(Module Owner, string Part, FeatureKind Kind, Tensor X, Tensor Y);

/// <summary>Notes which layers an input passes, with shapes and multiply-adds, while it is open on a thread.</summary>
/// <remarks>
/// Convolutions, transposed convolutions, linear maps and batch normalisations are noted. Multiply-adds are those of the products:
/// outputs × fan-in, the count that papers give as FLOPs or, times two, as operations; normalisation and biases count as none.
/// A trace that is asked to keeps what went into each layer and came out of it, for methods that look inside: gradients by a layer's
/// output (<c>Grad.Vjp(y, dy, [pass.Y])</c>), correlations of its features. Such tensors live as long as the memory scope they were made in.
/// It has in <see cref="Features"/> what activations gave as well: those that are layers (<see cref="Activation"/>) and those of the residual units;
/// a model of one's own that calls an activation as a function tells of it by <see cref="NoteFeature"/>.
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
    private readonly List<FeatureMap> features = [];
    private readonly bool keepTensors;

    private LayerTrace(bool keepTensors) => (outer, this.keepTensors) = (current, keepTensors);

    /// <summary>The passes so far, in the order in which they happened.</summary>
    public IReadOnlyList<LayerPass> Passes => passes;

    /// <summary>What layers, activations and residual units gave so far, in the order in which it came about; empty unless the trace keeps tensors.</summary>
    public IReadOnlyList<FeatureMap> Features => features;

    /// <summary>All multiply-adds so far.</summary>
    public long MultiplyAdds => passes.Sum(pass => pass.MultiplyAdds);

    /// <summary>Begins a trace on this thread; one that is open already rests meanwhile.</summary>
    /// <param name="keepTensors">Whether <see cref="LayerPass.X"/>, <see cref="LayerPass.Y"/> and <see cref="Features"/> are kept.</param>
    public static LayerTrace Open(bool keepTensors = false) => current = new LayerTrace(keepTensors);

    /// <summary>Ends the trace.</summary>
    public void Dispose()
    {
        if (current == this) current = outer;
    }

    /// <summary>Notes what an activation or a part of a unit gives, where a trace that keeps tensors is open, and gives it back.</summary>
    /// <param name="owner">The activation, or the module that it is a part of.</param>
    /// <param name="x">What went in.</param>
    /// <param name="y">What came out.</param>
    /// <param name="part">Which part of the owner, if it is not the whole.</param>
    public static Tensor NoteFeature(Module owner, Tensor x, Tensor y, string part = "")
    {
        if (current is { keepTensors: true } trace) trace.features.Add(new FeatureMap(owner, part, FeatureKind.Activated, x, y));
        return y;
    }

    /// <summary>Notes a pass of a layer, where a trace is open, and gives back the layer's output.</summary>
    internal static Tensor Note(Module layer, Tensor x, Tensor y, long multiplyAdds)
    {
        if (current is not { } trace) return y;
        trace.passes.Add(new LayerPass(layer, x.Shape, y.Shape, multiplyAdds) { X = trace.keepTensors ? x : null, Y = trace.keepTensors ? y : null });
        if (trace.keepTensors) trace.features.Add(new FeatureMap(layer, "", layer is BatchNorm ? FeatureKind.Normalised : FeatureKind.Weighted, x, y));
        return y;
    }
}
