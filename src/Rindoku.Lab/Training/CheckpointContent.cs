using System.Globalization;
using Rindoku.IO;
using Rindoku.Nn;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Lab;

/// <summary>What a checkpoint file holds: tensors and integers by name, and the manifest. docs/formats.md lists the names.</summary>
/// <remarks>Doubles are stored as the 64 bits they are, so that a resumed training compares and averages exactly as before.</remarks>
internal sealed class CheckpointContent
{
    private const string ManifestKey = "rindoku.checkpoint";

    private readonly Dictionary<string, Tensor> tensors = [];
    private readonly Dictionary<string, Longs> longs = [];
    private readonly CheckpointManifest manifest;
    private readonly string file;

    private CheckpointContent(CheckpointManifest manifest, string file = "") => (this.manifest, this.file) = (manifest, file);

    public static CheckpointContent Of(TrainingState state, TrainerPosition position, CheckpointManifest manifest)
    {
        CheckpointContent content = OfModules(state, position, manifest);
        foreach ((string name, Optimizer optimizer) in state.Optimizers)
        {
            content.Put($"optimizer.{name}", optimizer.State());
            content.longs[$"optimizer.{name}.steps"] = Longs.Scalar(optimizer.Steps);
        }
        foreach ((string name, ICheckpointed extra) in state.Extras) content.Put($"extra.{name}", extra.State());
        foreach ((string name, Rng source) in state.Randomness)
            content.longs[$"randomness.{name}"] = Longs.Of(source.State.Seed, source.State.Stream, source.State.Counter);
        foreach ((string name, IFeedbackSchedule schedule) in Feedback(state)) content.longs[$"schedule.{name}"] = Bits(schedule.State);
        content.PutPosition(position);
        return content;
    }

    public static CheckpointContent OfModules(TrainingState state, TrainerPosition position, CheckpointManifest manifest)
    {
        CheckpointContent content = new(manifest);
        foreach ((string name, Module module) in state.Modules) content.Put(name, module.State());
        content.longs["position"] = PositionOf(position);
        return content;
    }

    public void Write(string path) => Safetensors.Write(path, tensors, null, longs, new Dictionary<string, string> { [ManifestKey] = manifest.ToJson() });

    public static CheckpointContent Read(string path)
    {
        SafetensorsFile file = Safetensors.Read(path);
        CheckpointManifest manifest = file.Metadata.TryGetValue(ManifestKey, out string? json) && CheckpointManifest.Parse(json) is { } parsed ? parsed
            : throw new LabException($"{path} is not a checkpoint of a training: its metadata has no '{ManifestKey}'.");
        CheckpointContent content = new(manifest, path);
        foreach ((string name, Tensor tensor) in file.Tensors) content.tensors[name] = tensor;
        foreach ((string name, Longs values) in file.Longs) content.longs[name] = values;
        return content;
    }

    /// <summary>Takes everything over, after it has been found to fit.</summary>
    public TrainerPosition Restore(TrainingState state, CheckpointManifest needed)
    {
        RestoreModules(state, needed);
        foreach ((string name, Optimizer optimizer) in state.Optimizers)
            optimizer.Load(Under($"optimizer.{name}"), Need($"optimizer.{name}.steps").Item());
        foreach ((string name, ICheckpointed extra) in state.Extras) extra.Load(Under($"extra.{name}"));
        foreach ((string name, Rng source) in state.Randomness)
        {
            Longs saved = Need($"randomness.{name}");
            source.State = (saved[0], saved[1], saved[2]);
        }
        foreach ((string name, IFeedbackSchedule schedule) in Feedback(state)) schedule.State = Doubles(Need($"schedule.{name}"));
        return TakePosition();
    }

    public void RestoreModules(TrainingState state, CheckpointManifest needed)
    {
        RequireFit(state, needed);
        foreach ((string name, Module module) in state.Modules) module.Load(Under(name));
    }

    // All differences are gathered before anything is changed, and told at once.
    private void RequireFit(TrainingState state, CheckpointManifest needed)
    {
        List<string> differences = [.. manifest.Differences(needed)];
        foreach ((string name, Module module) in state.Modules)
        {
            IReadOnlyDictionary<string, Tensor> own = module.State(), saved = Under(name);
            differences.AddRange(own.Keys.Where(key => !saved.ContainsKey(key)).Select(key => $"{name}.{key} {own[key].Shape} is missing"));
            differences.AddRange(saved.Keys.Where(key => !own.ContainsKey(key)).Select(key => $"{name}.{key} {saved[key].Shape} is not known"));
            differences.AddRange(own.Where(o => saved.TryGetValue(o.Key, out Tensor? t) && t.Shape != o.Value.Shape)
                .Select(o => $"{name}.{o.Key} is {saved[o.Key].Shape}, needed {o.Value.Shape}"));
        }
        if (differences.Count == 0) return;
        throw new LabException($"{file} belongs to another training; nothing was loaded. It differs in {differences.Count} " +
            $"{(differences.Count == 1 ? "point" : "points")}:\n  {string.Join("\n  ", differences)}");
    }

    private void Put(string prefix, IReadOnlyDictionary<string, Tensor> state)
    {
        foreach ((string key, Tensor tensor) in state) tensors[$"{prefix}.{key}"] = tensor;
    }

    private Dictionary<string, Tensor> Under(string prefix) => tensors
        .Where(t => t.Key.StartsWith($"{prefix}.", StringComparison.Ordinal))
        .ToDictionary(t => t.Key[(prefix.Length + 1)..], t => t.Value);

    private Longs Need(string name) => longs.TryGetValue(name, out Longs? values) ? values
        : throw new LabException($"{file} lacks '{name}': it was written by a training with other parts.");

    private void PutPosition(TrainerPosition position)
    {
        longs["position"] = PositionOf(position);
        foreach ((string name, double sum) in position.Sums) longs[$"sums.{name}"] = Bits([sum]);
        int index = 0;
        foreach (string metric in position.History.Names)
        {
            // A number before the name keeps the order in which the metrics first came.
            string key = string.Create(CultureInfo.InvariantCulture, $"history.{index++:D4}.{metric}");
            longs[$"{key}.steps"] = Longs.Of([.. position.History.Steps(metric)]);
            longs[$"{key}.values"] = Bits(position.History.Values(metric));
        }
    }

    private static Longs PositionOf(TrainerPosition p) => Longs.Of(p.Step, p.Epoch, p.Batch, p.Finished ? 1 : 0, p.StoppedEarly ? 1 : 0,
        BitConverter.DoubleToInt64Bits(p.Best), p.BestStep, p.EvaluationsSinceBest, BitConverter.DoubleToInt64Bits(p.Seconds), p.SumCount);

    private TrainerPosition TakePosition()
    {
        Longs p = Need("position");
        TrainerPosition position = new()
        {
            Step = p[0],
            Epoch = (int)p[1],
            Batch = (int)p[2],
            Finished = p[3] != 0,
            StoppedEarly = p[4] != 0,
            Best = BitConverter.Int64BitsToDouble(p[5]),
            BestStep = p[6],
            EvaluationsSinceBest = (int)p[7],
            Seconds = BitConverter.Int64BitsToDouble(p[8]),
            SumCount = p[9],
        };
        foreach ((string name, Longs sum) in longs)
            if (name.StartsWith("sums.", StringComparison.Ordinal)) position.Sums[name["sums.".Length..]] = Doubles(sum)[0];
        foreach (string key in longs.Keys.Where(k => k.StartsWith("history.", StringComparison.Ordinal) && k.EndsWith(".steps", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            string series = key[..^".steps".Length], metric = series[(series.IndexOf('.', "history.".Length) + 1)..];
            double[] values = Doubles(Need($"{series}.values"));
            for (int i = 0; i < values.Length; i++) position.History.Add(metric, longs[key][i], values[i]);
        }
        return position;
    }

    private static IEnumerable<(string Name, IFeedbackSchedule Schedule)> Feedback(TrainingState state) =>
        state.Schedules.Where(s => s.Value is IFeedbackSchedule).Select(s => (s.Key, (IFeedbackSchedule)s.Value));

    private static Longs Bits(IReadOnlyList<double> values) => Longs.Of([.. values.Select(BitConverter.DoubleToInt64Bits)]);

    private static double[] Doubles(Longs bits) => [.. bits.ToArray().Select(BitConverter.Int64BitsToDouble)];
}
