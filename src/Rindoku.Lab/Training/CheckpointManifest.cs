using System.Text.Json;
using System.Text.Json.Serialization;
using Rindoku.Nn;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Lab;

/// <summary>Says what a checkpoint is of, so that it is never loaded into something else.</summary>
internal sealed record CheckpointManifest
{
    public const int CurrentFormat = 1;

    [JsonPropertyName("format")]
    public int Format { get; init; } = CurrentFormat;

    [JsonPropertyName("arm")]
    public required string Arm { get; init; }

    [JsonPropertyName("seed")]
    public required long Seed { get; init; }

    [JsonPropertyName("settings_hash")]
    public required string SettingsHash { get; init; }

    [JsonPropertyName("settings")]
    public required SortedDictionary<string, string> Settings { get; init; }

    /// <summary>The types of modules, optimizers, schedules and extras, by kind and name.</summary>
    [JsonPropertyName("types")]
    public required SortedDictionary<string, string> Types { get; init; }

    public static CheckpointManifest Of(ArmRun run, TrainingState state, ISchedule? schedule)
    {
        SortedDictionary<string, string> types = new(StringComparer.Ordinal);
        foreach ((string name, Module module) in state.Modules) types[$"module {name}"] = TypeName(module);
        foreach ((string name, Optimizer optimizer) in state.Optimizers) types[$"optimizer {name}"] = TypeName(optimizer);
        foreach ((string name, ISchedule own) in state.Schedules) types[$"schedule {name}"] = TypeName(own);
        foreach ((string name, ICheckpointed extra) in state.Extras) types[$"extra {name}"] = TypeName(extra);
        if (schedule is not null) types["schedule"] = TypeName(schedule);
        SortedDictionary<string, string> settings = new(StringComparer.Ordinal);
        foreach (SettingValue setting in run.ListSettings()) settings[setting.Name] = setting.Value;
        return new CheckpointManifest { Arm = run.Arm, Seed = run.Seed, SettingsHash = run.SettingsHash, Settings = settings, Types = types };
    }

    public string ToJson() => JsonSerializer.Serialize(this);

    public static CheckpointManifest? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<CheckpointManifest>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>All in which this manifest, that of a file, differs from what is needed.</summary>
    public IEnumerable<string> Differences(CheckpointManifest needed)
    {
        if (Format != needed.Format) yield return $"format {Format}, needed {needed.Format}";
        if (Arm != needed.Arm) yield return $"arm {Arm}, needed {needed.Arm}";
        if (Seed != needed.Seed) yield return $"seed {Seed}, needed {needed.Seed}";
        foreach (string difference in Differences(Types, needed.Types)) yield return difference;
        foreach (string difference in Differences(Settings, needed.Settings)) yield return $"setting {difference}";
        if (SettingsHash != needed.SettingsHash && Settings.SequenceEqual(needed.Settings) && Arm == needed.Arm) yield return "another profile";
    }

    private static IEnumerable<string> Differences(SortedDictionary<string, string> given, SortedDictionary<string, string> needed) =>
        given.Keys.Union(needed.Keys).Order(StringComparer.Ordinal)
            .Where(name => given.GetValueOrDefault(name) != needed.GetValueOrDefault(name))
            .Select(name => $"{name} is {given.GetValueOrDefault(name, "absent")}, needed {needed.GetValueOrDefault(name, "none")}");

    private static string TypeName(object item) => item.GetType().Name;
}
