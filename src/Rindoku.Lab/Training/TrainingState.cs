using Rindoku.Nn;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Lab;

/// <summary>Something beside modules and optimizers that a training changes and a checkpoint must hold: an average of weights, a replay memory.</summary>
public interface ICheckpointed
{
    /// <summary>Everything it needs to go on, by name.</summary>
    IReadOnlyDictionary<string, Tensor> State();

    /// <summary>Takes over what <see cref="State"/> gave.</summary>
    void Load(IReadOnlyDictionary<string, Tensor> state);
}

/// <summary>All that a training changes, by name; checkpoints hold it. The sources of randomness that modules register are in it by themselves.</summary>
public sealed class TrainingState
{
    private readonly Dictionary<string, Module> modules = [];
    private readonly Dictionary<string, Optimizer> optimizers = [];
    private readonly Dictionary<string, ISchedule> schedules = [];
    private readonly Dictionary<string, Rng> randomness = [];
    private readonly Dictionary<string, ICheckpointed> extras = [];

    /// <summary>The modules; the trainer switches all of them between training and evaluation.</summary>
    public IReadOnlyDictionary<string, Module> Modules => modules;

    /// <summary>The optimizers.</summary>
    public IReadOnlyDictionary<string, Optimizer> Optimizers => optimizers;

    /// <summary>The schedules, under the names of their optimizers.</summary>
    public IReadOnlyDictionary<string, ISchedule> Schedules => schedules;

    /// <summary>All sources of randomness, those of modules included.</summary>
    public IEnumerable<KeyValuePair<string, Rng>> Randomness =>
        randomness.Concat(modules.SelectMany(m => m.Value.NamedRandomness.Select(r => KeyValuePair.Create($"{m.Key}.{r.Name}", r.Randomness))));

    /// <summary>Everything else.</summary>
    public IReadOnlyDictionary<string, ICheckpointed> Extras => extras;

    /// <summary>Adds a module.</summary>
    public TrainingState Add(string name, Module module) => Put(modules, name, module);

    /// <summary>Adds an optimizer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="schedule">Its learning rate over the steps, set by the trainer; without, the rate is left alone.</param>
    public TrainingState Add(string name, Optimizer optimizer, ISchedule? schedule = null)
    {
        if (schedule is not null) schedules[name] = schedule;
        return Put(optimizers, name, optimizer);
    }

    /// <summary>Adds a source of randomness that no module has registered.</summary>
    public TrainingState Add(string name, Rng source) => Put(randomness, name, source);

    /// <summary>Adds something else that checkpoints must hold.</summary>
    public TrainingState Add(string name, ICheckpointed extra) => Put(extras, name, extra);

    private TrainingState Put<T>(Dictionary<string, T> to, string name, T item)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(item);
        if (!to.TryAdd(name, item)) throw new ArgumentException($"TrainingState: there are two of the name '{name}'", nameof(name));
        return this;
    }
}
