namespace Rindoku.Nn;

/// <summary>Something with parameters: a layer, a block, a model. It knows its parameters, buffers and sub-modules by name.</summary>
/// <remarks>
/// Names are joined by dots in the order of registration, as in PyTorch: <c>layer1.0.conv1.weight</c>. A constructor registers
/// what the module owns; there is no reflection.
/// </remarks>
public abstract class Module
{
    private readonly List<(string Name, Parameter Parameter)> parameters = [];
    private readonly List<(string Name, BufferTensor Buffer)> buffers = [];
    private readonly List<(string Name, Rng Randomness)> randomness = [];
    private readonly List<(string Name, Module Module)> children = [];

    /// <summary>Whether the module trains (dropout drops, batch normalisation uses the batch) or is evaluated. True at first.</summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>The sub-modules, by name.</summary>
    public IReadOnlyList<(string Name, Module Module)> Children => children;

    /// <summary>All parameters, those of sub-modules included, each once, with their full names.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters => Named(static m => m.parameters);

    /// <summary>All buffers, those of sub-modules included, with their full names.</summary>
    public IEnumerable<(string Name, BufferTensor Buffer)> NamedBuffers => Named(static m => m.buffers);

    /// <summary>All sources of randomness, those of sub-modules included, with their full names.</summary>
    public IEnumerable<(string Name, Rng Randomness)> NamedRandomness => Named(static m => m.randomness);

    /// <summary>All parameters, those of sub-modules included.</summary>
    public IReadOnlyList<Parameter> Parameters => [.. NamedParameters.Select(p => p.Parameter)];

    /// <summary>How many numbers are learned.</summary>
    public long ParameterCount => NamedParameters.Sum(p => (long)p.Parameter.Length);

    /// <summary>This module and all below it, with their full names; this one's is empty.</summary>
    public IEnumerable<(string Name, Module Module)> NamedModules
    {
        get
        {
            yield return ("", this);
            foreach ((string name, Module child) in children)
                foreach ((string below, Module module) in child.NamedModules)
                    yield return (below.Length == 0 ? name : $"{name}.{below}", module);
        }
    }

    /// <summary>Switches the module and all below it to training.</summary>
    public void Train() => SetTraining(true);

    /// <summary>Switches the module and all below it to evaluation.</summary>
    public void Eval() => SetTraining(false);

    /// <summary>Clears the gradients of all parameters.</summary>
    public void ZeroGrad()
    {
        foreach ((_, Parameter parameter) in NamedParameters) parameter.Grad = null;
    }

    /// <summary>The parameters and buffers by name, as a checkpoint holds them.</summary>
    public IReadOnlyDictionary<string, Tensor> State()
    {
        Dictionary<string, Tensor> state = [];
        foreach ((string name, Parameter parameter) in NamedParameters) state[name] = parameter;
        foreach ((string name, BufferTensor buffer) in NamedBuffers) state[name] = buffer;
        return state;
    }

    /// <summary>Takes over parameters and buffers by name; nothing is changed unless everything fits.</summary>
    /// <param name="state">Tensors by name; all of the module's names, and no others.</param>
    /// <exception cref="StateException">Names are missing or left over, or shapes differ; the message lists them all.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        IReadOnlyDictionary<string, Tensor> own = State();
        StateException.ThrowIfDifferent(GetType().Name, own, state);
        foreach ((string name, Tensor mine) in own)
        {
            Span<float> values = mine is Parameter parameter ? parameter.Values : ((BufferTensor)mine).Values;
            state[name].Span.CopyTo(values);
        }
    }

    /// <summary>Registers a parameter that starts with the given numbers.</summary>
    protected Parameter Register(string name, Tensor start)
    {
        Parameter parameter = start as Parameter ?? new Parameter(start);
        RequireNew(name);
        parameters.Add((name, parameter));
        return parameter;
    }

    /// <summary>Registers a buffer: saved with the module, not learned.</summary>
    protected BufferTensor RegisterBuffer(string name, Tensor start)
    {
        BufferTensor buffer = new(start);
        RequireNew(name);
        buffers.Add((name, buffer));
        return buffer;
    }

    /// <summary>Registers a source of randomness, so that checkpoints hold its state.</summary>
    protected Rng Register(string name, Rng source)
    {
        ArgumentNullException.ThrowIfNull(source);
        RequireNew(name);
        randomness.Add((name, source));
        return source;
    }

    /// <summary>Registers a sub-module.</summary>
    protected T Register<T>(string name, T module) where T : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        RequireNew(name);
        children.Add((name, module));
        return module;
    }

    private void RequireNew(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (parameters.Exists(p => p.Name == name) || buffers.Exists(b => b.Name == name)
            || children.Exists(c => c.Name == name) || randomness.Exists(r => r.Name == name))
            throw new ArgumentException($"{GetType().Name}: the name '{name}' is registered twice", nameof(name));
    }

    private void SetTraining(bool training)
    {
        IsTraining = training;
        foreach ((_, Module child) in children) child.SetTraining(training);
    }

    // A parameter shared by two modules is listed once, under its first name.
    private IEnumerable<(string, T)> Named<T>(Func<Module, List<(string Name, T Item)>> own) where T : class
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        foreach ((string path, Module module) in NamedModules)
            foreach ((string name, T item) in own(module))
                if (seen.Add(item)) yield return (path.Length == 0 ? name : $"{path}.{name}", item);
    }
}

/// <summary>A module that turns one tensor into another.</summary>
public abstract class Layer : Module
{
    /// <summary>The layer's output for an input.</summary>
    public abstract Tensor Forward(Tensor x);
}
