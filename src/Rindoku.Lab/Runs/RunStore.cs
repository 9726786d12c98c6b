using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Rindoku.Lab.Runs;

/// <summary>The runs of this user: what was run when, with what settings, and what came of it. A SQLite file that several processes may share.</summary>
/// <remarks>The file is <c>runs.db</c>; beside it each run has a folder, <c>PAPER/NUMBER</c>, for checkpoints, report and other files.</remarks>
public sealed partial class RunStore : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Lock gate = new();
    private readonly TimeProvider time;

    private RunStore(string folder, SqliteConnection connection, TimeProvider time) => (Folder, this.connection, this.time) = (folder, connection, time);

    /// <summary>The folder of the store, full path.</summary>
    public string Folder { get; }

    /// <summary>The file of the store.</summary>
    public string File => Path.Combine(Folder, "runs.db");

    /// <summary>Where runs are kept if nothing else is said: <c>$RINDOKU_RUNS</c>, else <c>rindoku/runs</c> in the user's data folder.</summary>
    public static string DefaultFolder =>
        Environment.GetEnvironmentVariable("RINDOKU_RUNS") is { Length: > 0 } chosen ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "rindoku", "runs");

    /// <summary>Opens a store, and makes it if there is none.</summary>
    /// <param name="folder">Its folder; <see cref="DefaultFolder"/> if not given.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="LabException">The folder cannot be written, or the file is damaged or of a newer version.</exception>
    public static RunStore Open(string? folder = null, TimeProvider? time = null)
    {
        string full = Path.GetFullPath(folder ?? DefaultFolder), file = Path.Combine(full, "runs.db");
        return Guarded(file, () =>
        {
            Directory.CreateDirectory(full);
            // Pooling would keep the file open after Dispose; private cache lets the busy timeout do its work.
            SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
            try
            {
                connection.Open();
                RunSchema.Prepare(connection, file);
                return new RunStore(full, connection, time ?? TimeProvider.System);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        });
    }

    /// <summary>Starts a run: gives it a number and a folder.</summary>
    /// <exception cref="LabException">The store or the folder cannot be written.</exception>
    public RunWriter Begin(RunStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        long id = Locked(() =>
        {
            using SqliteCommand insert = Command("""
                INSERT INTO runs (paper, arm, profile, seed, settings, settings_hash, source_commit, machine, versions, started, status)
                VALUES ($paper, $arm, $profile, $seed, $settings, $hash, $commit, $machine, $versions, $now, 'running') RETURNING id
                """,
                ("$paper", start.Paper), ("$arm", start.Arm), ("$profile", start.Profile.Name()), ("$seed", start.Seed),
                ("$settings", start.SettingsJson), ("$hash", start.SettingsHash), ("$commit", SourceInfo.Commit()),
                ("$machine", MachineInfo.Current.ToString()), ("$versions", Versions()), ("$now", Now()));
            return (long)insert.ExecuteScalar()!;
        });
        return Open(Find(id), begin: true);
    }

    /// <summary>Takes up a run that was interrupted, failed or was killed.</summary>
    /// <exception cref="LabException">There is no such run, it is done, or another process works on it.</exception>
    public RunWriter Resume(long id)
    {
        RunRecord record = Find(id);
        if (record.Status == RunStatus.Done) throw new LabException($"Run {id} is done; there is nothing to resume.");
        return Open(record, begin: false);
    }

    private RunWriter Open(RunRecord record, bool begin)
    {
        RunLock held = RunLock.Take(record);
        try
        {
            if (!begin) SetStatus(record.Id, RunStatus.Running, "");
            return new RunWriter(this, record with { Status = RunStatus.Running }, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    internal void Write(long id, IReadOnlyList<MetricPoint> points) => Locked(() =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand insert = Command("INSERT OR REPLACE INTO metrics (run, metric, step, value) VALUES ($run, $metric, $step, $value)",
            ("$run", id), ("$metric", ""), ("$step", 0L), ("$value", 0.0));
        insert.Transaction = transaction;
        foreach (MetricPoint point in points)
        {
            insert.Parameters["$metric"].Value = point.Metric;
            insert.Parameters["$step"].Value = point.Step;
            insert.Parameters["$value"].Value = double.IsNaN(point.Value) ? DBNull.Value : point.Value; // SQLite has no NaN
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
        return 0;
    });

    internal void Finish(long id, IReadOnlyDictionary<string, double> results, IEnumerable<Artefact> artefacts) => Locked(() =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        foreach ((string name, double value) in results)
            Execute(transaction, "INSERT OR REPLACE INTO results (run, name, value) VALUES ($run, $name, $value)",
                ("$run", id), ("$name", name), ("$value", double.IsNaN(value) ? DBNull.Value : value));
        foreach (Artefact artefact in artefacts)
            Execute(transaction, "INSERT OR REPLACE INTO artefacts (run, name, file) VALUES ($run, $name, $file)",
                ("$run", id), ("$name", artefact.Name), ("$file", artefact.File));
        Execute(transaction, "UPDATE runs SET status = 'done', error = '', ended = $now WHERE id = $run", ("$run", id), ("$now", Now()));
        transaction.Commit();
        return 0;
    });

    internal void SetStatus(long id, RunStatus status, string error) => Locked(() =>
    {
        Execute(null, "UPDATE runs SET status = $status, error = $error, ended = $ended WHERE id = $run", ("$run", id),
            ("$status", RunSchema.Name(status)), ("$error", error), ("$ended", status == RunStatus.Running ? DBNull.Value : Now()));
        return 0;
    });

    private void Execute(SqliteTransaction? transaction, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = Command(sql, parameters);
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // the statements are constants of this class; values go in as parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private T Locked<T>(Func<T> work)
    {
        lock (gate) return Guarded(File, work);
    }

    internal static T Guarded<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException error)
        {
            throw new LabException($"The run store {file} cannot be used: {RunSchema.Explain(error)}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"The run store {file} cannot be used: {error.Message} Choose another folder with --runs or $RINDOKU_RUNS.", error);
        }
    }

    /// <summary>Keeps the file from growing, as a full disk does; for tests. Without a number, from now on.</summary>
    internal void LimitPages(int most = 1) => Locked(() =>
    {
        Execute(null, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {most}"));
        return 0;
    });

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Versions() => $"Rindoku {typeof(Tensor).Assembly.GetName().Version?.ToString(3)}, {MachineInfo.Current.Runtime}";

    /// <summary>Closes the file.</summary>
    public void Dispose() => connection.Dispose();
}
