using Rindoku.Nn;

namespace Rindoku.Optim;

/// <summary>Parameters that are updated with the same settings.</summary>
public sealed class ParameterGroup
{
    /// <summary>A group of parameters.</summary>
    public ParameterGroup(IEnumerable<Parameter> parameters)
    {
        Parameters = [.. parameters];
        if (Parameters.Count == 0) throw new ArgumentException("ParameterGroup: there are no parameters in it", nameof(parameters));
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The group's learning rate as a multiple of the optimizer's.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>The group's weight decay, or null for the optimizer's.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Two groups of a module's parameters: matrices and filters decay; biases, scales and other vectors do not.</summary>
    public static ParameterGroup[] WithoutDecayForVectors(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        Parameter[] matrices = [.. module.Parameters.Where(p => p.Rank > 1)], vectors = [.. module.Parameters.Where(p => p.Rank <= 1)];
        List<ParameterGroup> groups = [];
        if (matrices.Length > 0) groups.Add(new ParameterGroup(matrices));
        if (vectors.Length > 0) groups.Add(new ParameterGroup(vectors) { WeightDecay = 0 });
        return [.. groups];
    }
}

/// <summary>Changes parameters by their gradients. Call <see cref="Step"/> after <c>loss.Backward()</c>.</summary>
public abstract class Optimizer
{
    private readonly List<ParameterGroup> groups;
    private readonly Dictionary<string, float[]>[] memory;

    /// <summary>An optimizer of some groups of parameters.</summary>
    protected Optimizer(IEnumerable<ParameterGroup> groups, double learningRate, double weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(learningRate);
        ArgumentOutOfRangeException.ThrowIfNegative(weightDecay);
        WeightDecay = weightDecay;
        this.groups = [.. groups];
        LearningRate = learningRate;
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        if (!this.groups.TrueForAll(g => g.Parameters.All(p => seen.Add(p))))
            throw new ArgumentException($"{GetType().Name}: a parameter is listed twice", nameof(groups));
        memory = [.. Enumerable.Range(0, seen.Count).Select(_ => new Dictionary<string, float[]>())];
    }

    /// <summary>The learning rate now; schedules set it.</summary>
    public double LearningRate { get; set; }

    /// <summary>The weight decay of groups that have none of their own.</summary>
    public double WeightDecay { get; }

    /// <summary>How many steps have been taken.</summary>
    public long Steps { get; private set; }

    /// <summary>The groups of parameters.</summary>
    public IReadOnlyList<ParameterGroup> Groups => groups;

    /// <summary>All parameters, group by group.</summary>
    public IEnumerable<Parameter> Parameters => groups.SelectMany(g => g.Parameters);

    /// <summary>Changes every parameter that has a gradient; one without is left as it is.</summary>
    public virtual void Step()
    {
        Steps++;
        int index = 0;
        foreach (ParameterGroup group in groups)
            foreach (Parameter parameter in group.Parameters)
            {
                if (parameter.Grad is { } gradient) Update(parameter, gradient.Span, group, index);
                index++;
            }
    }

    /// <summary>Clears the gradients, so that the next <c>Backward</c> starts from nothing.</summary>
    public void ZeroGrad()
    {
        foreach (Parameter parameter in Parameters) parameter.Grad = null;
    }

    /// <summary>The learning rate of a group now.</summary>
    protected double RateOf(ParameterGroup group) => LearningRate * group.LearningRateFactor;

    /// <summary>The weight decay of a group.</summary>
    protected double DecayOf(ParameterGroup group) => group.WeightDecay ?? WeightDecay;

    /// <summary>Changes one parameter.</summary>
    /// <param name="parameter">The parameter, to be written through <see cref="Parameter.Values"/>.</param>
    /// <param name="gradient">Its gradient, row by row.</param>
    /// <param name="group">Its group.</param>
    /// <param name="index">Its place among all parameters, for <see cref="Memory"/>.</param>
    protected abstract void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index);

    /// <summary>What the optimizer remembers of a parameter under a name (<c>momentum</c>, ...): zeros at first, saved in checkpoints.</summary>
    protected Span<float> Memory(int index, string name, int length)
    {
        if (!memory[index].TryGetValue(name, out float[]? values)) memory[index][name] = values = new float[length];
        return values;
    }

    /// <summary>Whether something is remembered of a parameter under a name already.</summary>
    protected bool Remembers(int index, string name) => memory[index].ContainsKey(name);

    /// <summary>All that the optimizer remembers, by <c>place.name</c>, as a checkpoint holds it.</summary>
    public IReadOnlyDictionary<string, Tensor> State()
    {
        Dictionary<string, Tensor> state = [];
        for (int index = 0; index < memory.Length; index++)
            foreach ((string name, float[] values) in memory[index])
                state[$"{index}.{name}"] = Tensor.From(values, [values.Length]).Keep();
        return state;
    }

    /// <summary>Takes over what <see cref="State"/> gave, and the number of steps.</summary>
    /// <exception cref="StateException">The state is of other parameters.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state, long steps)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        Dictionary<string, float[]>[] loaded = [.. memory.Select(_ => new Dictionary<string, float[]>())];
        foreach ((string key, Tensor values) in state)
        {
            string[] parts = key.Split('.', 2);
            if (parts.Length != 2 || !int.TryParse(parts[0], out int index) || (uint)index >= (uint)loaded.Length)
                throw new StateException($"{GetType().Name}: the state has '{key}', but there are {loaded.Length} parameters");
            loaded[index][parts[1]] = values.ToArray();
        }
        RequireFit(loaded);
        loaded.CopyTo(memory, 0);
        Steps = steps;
    }

    private void RequireFit(Dictionary<string, float[]>[] loaded)
    {
        int index = 0;
        foreach (Parameter parameter in Parameters)
        {
            foreach ((string name, float[] values) in loaded[index])
                if (values.Length != parameter.Length && values.Length != 1)
                    throw new StateException($"{GetType().Name}: '{index}.{name}' has {values.Length} numbers, the parameter {parameter.Shape} has {parameter.Length}");
            index++;
        }
    }
}
