using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Rindoku.Lab.Runs;

/// <summary>The tables of the run store, and how an older file is brought up to date.</summary>
internal static class RunSchema
{
    // Each entry brings the file from the version of its place to the next. Entries are never changed, only added.
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, paper TEXT NOT NULL, arm TEXT NOT NULL, profile TEXT NOT NULL, seed INTEGER NOT NULL,
            settings TEXT NOT NULL, settings_hash TEXT NOT NULL, source_commit TEXT NOT NULL, machine TEXT NOT NULL, versions TEXT NOT NULL,
            started TEXT NOT NULL, ended TEXT, status TEXT NOT NULL, error TEXT NOT NULL DEFAULT '');
        CREATE INDEX runs_by_paper ON runs (paper, arm, profile);
        CREATE TABLE metrics (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, metric TEXT NOT NULL, step INTEGER NOT NULL, value REAL,
            PRIMARY KEY (run, metric, step)) WITHOUT ROWID;
        CREATE TABLE results (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, name TEXT NOT NULL, value REAL, UNIQUE (run, name));
        CREATE TABLE artefacts (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, name TEXT NOT NULL, file TEXT NOT NULL, UNIQUE (run, name));
        """,
    ];

    /// <summary>The version that this program writes.</summary>
    public static int Version => Migrations.Length;

    public static void Prepare(SqliteConnection connection, string file)
    {
        // Readers and one writer at a time, several processes; who finds the file busy waits up to 30 seconds.
        Execute(connection, "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
        Upgrade(connection, file, Migrations);
    }

    internal static void Upgrade(SqliteConnection connection, string file, string[] migrations)
    {
        if (VersionOf(connection) == migrations.Length) return;
        Execute(connection, "BEGIN IMMEDIATE"); // another process may be doing the same
        try
        {
            int version = VersionOf(connection);
            if (version > migrations.Length)
                throw new LabException($"The run store {file} is of version {version}; this program knows versions up to {migrations.Length}. Use a newer Rindoku, or another folder with --runs.");
            for (; version < migrations.Length; version++) Execute(connection, migrations[version]);
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}; COMMIT"));
        }
        catch
        {
            Execute(connection, "ROLLBACK");
            throw;
        }
    }

    public static string Name(RunStatus status) => status switch
    {
        RunStatus.Running => "running",
        RunStatus.Done => "done",
        RunStatus.Failed => "failed",
        _ => "interrupted",
    };

    public static RunStatus Status(string name) => name switch
    {
        "running" => RunStatus.Running,
        "done" => RunStatus.Done,
        "failed" => RunStatus.Failed,
        _ => RunStatus.Interrupted,
    };

    /// <summary>What went wrong and what to do about it. The codes are SQLite's: https://sqlite.org/rescode.html.</summary>
    public static string Explain(SqliteException error) => error.SqliteErrorCode switch
    {
        11 or 26 => "the file is damaged or no database. Move it away (the folders beside it keep checkpoints and reports), and a new one is made.",
        13 => "the disk is full. Make room and resume the run.",
        8 or 14 or 23 => "it cannot be written or opened. Allow writing there, or choose another folder with --runs or $RINDOKU_RUNS.",
        10 => "the disk reports an error while reading or writing.",
        5 or 6 => "another process has held it for over 30 seconds. Try again when that process is done.",
        _ => error.Message,
    };

    private static int VersionOf(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
