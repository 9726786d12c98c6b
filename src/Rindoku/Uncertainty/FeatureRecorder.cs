using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Nn.Binary;

namespace Rindoku.Uncertainty;

/// <summary>What one step of a model gave for a batch.</summary>
/// <param name="Name">The step's name in the model: <c>layer1.0.conv1</c>.</param>
/// <param name="Map">(n, C, ...), or (n, ..., C) where the channels are last.</param>
/// <param name="ChannelsLast">Whether the channels are the last axis, as in linear maps over sequences.</param>
internal readonly record struct RecordedMap(string Name, Tensor Map, bool ChannelsLast)
{
    /// <summary>C.</summary>
    public int Channels => Map.Shape[ChannelsLast ? ^1 : 1];
}

/// <summary>One batch that went through a model.</summary>
/// <param name="From">The place of its first example among all inputs.</param>
/// <param name="Logits">What the model gave, (n, classes).</param>
/// <param name="Maps">What its steps gave.</param>
internal readonly record struct RecordedBatch(int From, Tensor Logits, IReadOnlyList<RecordedMap> Maps);

/// <summary>Runs a classifier and records what its steps give.</summary>
/// <remarks>
/// Recorded are, in the order in which they come about, the outputs of convolutions and linear maps, of activations and batch normalisations, and the
/// shortcuts and outputs of residual units. A normalised map that an activation takes counts as that activation, and a layer that is a unit's shortcut
/// as that shortcut; what the model returns is not recorded.
/// </remarks>
internal sealed class FeatureRecorder
{
    private readonly Layer model;
    private readonly GramOptions options;
    private readonly Dictionary<Module, string> names = new(ReferenceEqualityComparer.Instance);

    public FeatureRecorder(Layer model, GramOptions options)
    {
        (this.model, this.options) = (model, options);
        foreach ((string name, Module module) in model.NamedModules) names.TryAdd(module, name);
    }

    /// <summary>Sends the inputs through the model in evaluation mode, batch by batch; what a batch gave lives until <paramref name="take"/> returns.</summary>
    public void Run(Tensor inputs, Action<RecordedBatch> take)
    {
        ShapeException.Require(inputs.Rank >= 1 && inputs.Shape[0] > 0, $"OutOfDistribution: needs inputs (n, ...) for n of at least 1, got {inputs.Shape}");
        model.Eval();
        using NoGrad noGrad = NoGrad.Enter();
        int count = inputs.Shape[0], length = inputs.Shape.Count(1..);
        for (int from = 0; from < count; from += options.BatchSize)
        {
            using MemoryScope scope = MemoryScope.Open();
            int here = Math.Min(options.BatchSize, count - from);
            using LayerTrace trace = LayerTrace.Open(keepTensors: true);
            Tensor logits = model.Forward(Tensor.From(inputs.Span.Slice(from * length, here * length), [here, .. inputs.Shape[1..]]));
            ShapeException.Require(logits.Rank == 2 && logits.Shape[0] == here && logits.Shape[1] > 1,
                $"OutOfDistribution: {model.GetType().Name} gives {logits.Shape} for {here} inputs; needed are logits (n, classes) of two classes or more");
            take(new RecordedBatch(from, logits, Recorded(trace.Features, logits)));
        }
    }

    private List<RecordedMap> Recorded(IReadOnlyList<FeatureMap> features, Tensor logits)
    {
        FeatureMap[] activated = [.. features.Where(feature => feature.Kind == FeatureKind.Activated)];
        HashSet<Tensor> activatedNext = Set(activated.Select(a => a.X)), recordedAgain = Set(activated.Select(a => a.Y)), channelsLast = Set([]);
        List<RecordedMap> maps = [];
        Dictionary<string, int> met = [];
        foreach (FeatureMap feature in features)
        {
            Tensor map = feature.Y;
            bool last = feature.Kind == FeatureKind.Weighted ? feature.Owner is Linear or BinaryLinear : channelsLast.Contains(feature.X);
            if (last) channelsLast.Add(map);
            if (ReferenceEquals(map, logits) || map.Rank < 2 || map.Shape[0] != logits.Shape[0] || map.Length == 0) continue;
            if (feature.Kind == FeatureKind.Normalised && activatedNext.Contains(map)) continue;
            if (feature.Kind != FeatureKind.Activated && recordedAgain.Contains(map)) continue;
            string name = Name(feature);
            met[name] = met.GetValueOrDefault(name) + 1;
            if (met[name] > 1) name += $"#{met[name]}"; // a layer that is passed several times
            if (options.Layers?.Invoke(name) ?? true) maps.Add(new RecordedMap(name, map, last && map.Rank > 2));
        }
        return maps;
    }

    private static HashSet<Tensor> Set(IEnumerable<Tensor> tensors) => new(tensors, ReferenceEqualityComparer.Instance);

    private string Name(FeatureMap feature)
    {
        string owner = names.GetValueOrDefault(feature.Owner) ?? feature.Owner.ToString() ?? feature.Owner.GetType().Name;
        return feature.Part.Length == 0 ? owner : owner.Length == 0 ? feature.Part : $"{owner}.{feature.Part}";
    }
}
