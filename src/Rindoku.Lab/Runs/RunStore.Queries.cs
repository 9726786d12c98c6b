using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Rindoku.Lab.Runs;

public sealed partial class RunStore
{
    /// <summary>The runs that a filter asks for, the newest first.</summary>
    public IReadOnlyList<RunRecord> List(RunFilter? filter = null)
    {
        filter ??= new RunFilter();
        RunRecord[] runs = Locked(() =>
        {
            using SqliteCommand select = Command("""
                SELECT * FROM runs WHERE ($paper IS NULL OR paper = $paper) AND ($arm IS NULL OR arm = $arm)
                AND ($profile IS NULL OR profile = $profile) ORDER BY id DESC
                """,
                ("$paper", (object?)filter.Paper ?? DBNull.Value), ("$arm", (object?)filter.Arm ?? DBNull.Value),
                ("$profile", (object?)filter.Profile?.Name() ?? DBNull.Value));
            return Read(select);
        });
        // Whether a run is still worked on is known only now, so the status is filtered here.
        return [.. runs.Where(r => filter.Status is null || r.Status == filter.Status).Take(filter.Limit)];
    }

    /// <summary>A run by its number.</summary>
    /// <exception cref="LabException">There is none.</exception>
    public RunRecord Find(long id)
    {
        RunRecord[] found = Locked(() =>
        {
            using SqliteCommand select = Command("SELECT * FROM runs WHERE id = $id", ("$id", id));
            return Read(select);
        });
        return found.Length == 1 ? found[0] : throw new LabException($"There is no run {id} in {File}. 'rindoku runs list' shows those there are.");
    }

    /// <summary>The metrics of a run over time, by step.</summary>
    /// <param name="id">The run.</param>
    /// <param name="metric">One metric, or null for all.</param>
    public IReadOnlyList<MetricPoint> Metrics(long id, string? metric = null) => Locked(() =>
    {
        using SqliteCommand select = Command("SELECT metric, step, value FROM metrics WHERE run = $run AND ($metric IS NULL OR metric = $metric) ORDER BY metric, step",
            ("$run", id), ("$metric", (object?)metric ?? DBNull.Value));
        using SqliteDataReader reader = select.ExecuteReader();
        List<MetricPoint> points = [];
        while (reader.Read()) points.Add(new MetricPoint(reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? double.NaN : reader.GetDouble(2)));
        return points;
    });

    /// <summary>The results of a run, by name.</summary>
    public IReadOnlyDictionary<string, double> Results(long id) => Locked(() =>
    {
        using SqliteCommand select = Command("SELECT name, value FROM results WHERE run = $run ORDER BY rowid", ("$run", id));
        using SqliteDataReader reader = select.ExecuteReader();
        Dictionary<string, double> results = [];
        while (reader.Read()) results[reader.GetString(0)] = reader.IsDBNull(1) ? double.NaN : reader.GetDouble(1);
        return results;
    });

    /// <summary>The files that a run wrote.</summary>
    public IReadOnlyList<Artefact> Artefacts(long id) => Locked(() =>
    {
        using SqliteCommand select = Command("SELECT name, file FROM artefacts WHERE run = $run ORDER BY rowid", ("$run", id));
        using SqliteDataReader reader = select.ExecuteReader();
        List<Artefact> artefacts = [];
        while (reader.Read()) artefacts.Add(new Artefact(reader.GetString(0), reader.GetString(1)));
        return artefacts;
    });

    /// <summary>Runs side by side: the settings in which they differ, and all results.</summary>
    /// <exception cref="LabException">A run is not there, or none was given.</exception>
    public RunComparison Compare(params IReadOnlyList<long> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0) throw new LabException("Compare needs the numbers of at least one run.");
        RunRecord[] runs = [.. ids.Select(Find)];
        Dictionary<string, string>[] settings = [.. runs.Select(r => SettingsOf(r))];
        IReadOnlyDictionary<string, double>[] results = [.. ids.Select(Results)];
        return new RunComparison(runs,
            [.. settings.SelectMany(s => s.Keys).Distinct().Select(name => (name, settings.Select(s => s.GetValueOrDefault(name, "")).ToArray()))
                .Where(row => row.Item2.Distinct().Count() > 1)],
            [.. results.SelectMany(r => r.Keys).Distinct().Select(name => (name, results.Select(r => r.TryGetValue(name, out double v) ? v : (double?)null).ToArray()))]);
    }

    private static Dictionary<string, string> SettingsOf(RunRecord run)
    {
        Dictionary<string, string> settings = new() { ["arm"] = run.Arm, ["profile"] = run.Profile.Name(), ["seed"] = run.Seed.ToString(CultureInfo.InvariantCulture) };
        using JsonDocument document = JsonDocument.Parse(run.SettingsJson);
        foreach (JsonProperty property in document.RootElement.EnumerateObject()) settings[property.Name] = property.Value.ToString();
        return settings;
    }

    private RunRecord[] Read(SqliteCommand select)
    {
        List<RunRecord> runs = [];
        using SqliteDataReader reader = select.ExecuteReader();
        while (reader.Read()) runs.Add(Read(reader));
        return [.. runs];
    }

    private RunRecord Read(SqliteDataReader reader)
    {
        string Text(string column) => reader.GetString(reader.GetOrdinal(column));
        DateTimeOffset When(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        long id = reader.GetInt64(reader.GetOrdinal("id"));
        string paper = Text("paper");
        int ended = reader.GetOrdinal("ended");
        RunRecord record = new()
        {
            Id = id,
            Paper = paper,
            Arm = Text("arm"),
            Profile = Profiles.Parse(Text("profile")),
            Seed = reader.GetInt64(reader.GetOrdinal("seed")),
            SettingsJson = Text("settings"),
            SettingsHash = Text("settings_hash"),
            Commit = Text("source_commit"),
            Machine = Text("machine"),
            Versions = Text("versions"),
            Started = When(Text("started")),
            Ended = reader.IsDBNull(ended) ? null : When(reader.GetString(ended)),
            Status = RunSchema.Status(Text("status")),
            Error = Text("error"),
            Folder = Path.Combine(Folder, paper, id.ToString(CultureInfo.InvariantCulture)),
        };
        // A process that was killed could not say so: a run that nobody holds is not running.
        return record.Status == RunStatus.Running && !RunLock.IsHeld(record) ? record with { Status = RunStatus.Interrupted } : record;
    }
}
