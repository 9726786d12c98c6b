namespace Rindoku.Nn;

/// <summary>Layers one after the other; named 0, 1, 2, ... in checkpoints, as in PyTorch.</summary>
public sealed class Sequential : Layer
{
    private readonly Layer[] layers;

    /// <summary>Layers in the order in which they are applied.</summary>
    public Sequential(params IEnumerable<Layer> layers)
    {
        this.layers = [.. layers];
        for (int i = 0; i < this.layers.Length; i++) Register(i.ToString(System.Globalization.CultureInfo.InvariantCulture), this.layers[i]);
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<Layer> Layers => layers;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        foreach (Layer layer in layers) x = layer.Forward(x);
        return x;
    }

    /// <summary>The layers, one a line.</summary>
    public override string ToString() => $"Sequential(\n{string.Join('\n', layers.Select(layer => $"  {layer}"))}\n)";
}

/// <summary>A function of one tensor as a layer without parameters: an activation, a reshaping, a pooling.</summary>
public sealed class Lambda : Layer
{
    private readonly string name;
    private readonly Func<Tensor, Tensor> function;
    private readonly bool givesFeatures;

    /// <summary>A layer that applies <paramref name="function"/>.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="function">The function.</param>
    public Lambda(string name, Func<Tensor, Tensor> function) : this(name, function, givesFeatures: false) { }

    /// <summary>A layer that, if asked, tells a <see cref="LayerTrace"/> what it gives.</summary>
    internal Lambda(string name, Func<Tensor, Tensor> function, bool givesFeatures)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(function);
        (this.name, this.function, this.givesFeatures) = (name, function, givesFeatures);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => givesFeatures ? LayerTrace.NoteFeature(this, x, function(x)) : function(x);

    /// <summary>The name.</summary>
    public override string ToString() => name;
}
