using Microsoft.Data.Sqlite;
using Rindoku.Lab.Runs;

namespace Rindoku.Lab.Tests.Runs;

public sealed class RunStoreTests
{
    private static readonly RunStart Start = new("tiny", "noisy", Profile.Quick, 7, """{"epochs":2,"label":"a"}""", "hash");

    [Fact]
    public void A_run_is_kept_with_all_that_is_known_of_it()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        using (RunWriter writer = store.Begin(Start))
        {
            Assert.Equal(RunStatus.Running, Assert.Single(store.List()).Status);
            IMetricSink sink = writer;
            for (int step = 1; step <= 1200; step++) sink.Record("train/loss", step, 1.0 / step);
            sink.Record("train/loss", 3, double.NaN); // replaces
            sink.Record("odd", 1, double.PositiveInfinity);
            writer.Done(new ArmResult { ["accuracy"] = 0.5, ["nothing"] = double.NaN, Units = { ["u"] = [1, 2] }, Artefacts = { ["report"] = "report.html" } });
        }
        RunRecord run = store.Find(store.List()[0].Id);
        Assert.Equal(("tiny", "noisy", Profile.Quick, 7L, RunStatus.Done), (run.Paper, run.Arm, run.Profile, run.Seed, run.Status));
        Assert.NotNull(run.Ended);
        Assert.Equal(MachineInfo.Current.ToString(), run.Machine);
        Assert.Equal(1201, store.Metrics(run.Id).Count);
        Assert.Equal([1.0, 0.5, double.NaN, 0.25], store.Metrics(run.Id, "train/loss").Take(4).Select(p => p.Value));
        Assert.Equal(double.PositiveInfinity, store.Metrics(run.Id, "odd")[0].Value);
        Assert.Equal(["accuracy", "nothing"], store.Results(run.Id).Keys);
        Assert.Equal((0.5, double.NaN), (store.Results(run.Id)["accuracy"], store.Results(run.Id)["nothing"]));
        Assert.Equal(new Artefact("report", "report.html"), Assert.Single(store.Artefacts(run.Id)));
        Assert.Equal([1f, 2], UnitsFile.Read(run.Folder)["u"]);
    }

    [Fact]
    public void Runs_are_listed_newest_first_and_filtered()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        store.Begin(Start).Dispose();
        store.Begin(Start with { Arm = "plain" }).Dispose();
        using (RunWriter failed = store.Begin(Start with { Paper = "other", Profile = Profile.Full })) failed.Failed("it broke");
        Assert.Equal(["other", "tiny", "tiny"], store.List().Select(r => r.Paper));
        Assert.Equal("plain", Assert.Single(store.List(new RunFilter { Arm = "plain" })).Arm);
        Assert.Equal("it broke", Assert.Single(store.List(new RunFilter { Status = RunStatus.Failed })).Error);
        Assert.Equal(2, store.List(new RunFilter { Status = RunStatus.Interrupted }).Count);
        Assert.Equal("other", Assert.Single(store.List(new RunFilter { Limit = 1 })).Paper);
        Assert.Empty(store.List(new RunFilter { Paper = "tiny", Profile = Profile.Full }));
    }

    [Fact]
    public void A_run_can_be_worked_on_by_one_process_only_and_only_while_it_is_not_done()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path), other = RunStore.Open(folder.Path);
        long id;
        using (RunWriter writer = store.Begin(Start))
        {
            id = writer.Id;
            Assert.Equal($"Run {id} is being worked on by another process.", Assert.Throws<LabException>(() => other.Resume(id)).Message);
        }
        Assert.Equal(RunStatus.Interrupted, store.Find(id).Status);
        using (RunWriter again = other.Resume(id)) again.Done(new ArmResult());
        Assert.Equal($"Run {id} is done; there is nothing to resume.", Assert.Throws<LabException>(() => store.Resume(id)).Message);
        Assert.Contains("There is no run 99 in", Assert.Throws<LabException>(() => store.Find(99)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Comparing_shows_the_settings_that_differ_and_all_results()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        using (RunWriter a = store.Begin(Start)) a.Done(new ArmResult { ["x"] = 1, ["y"] = 2 });
        using (RunWriter b = store.Begin(Start with { Seed = 8, SettingsJson = """{"epochs":3,"label":"a"}""" })) b.Done(new ArmResult { ["x"] = 3 });
        RunComparison comparison = store.Compare(1, 2);
        Assert.Equal(["seed 7 8", "epochs 2 3"], comparison.Settings.Select(s => $"{s.Name} {string.Join(' ', s.Values)}"));
        Assert.Equal(["x 1 3", "y 2 "], comparison.Results.Select(r => $"{r.Name} {string.Join(' ', r.Values)}"));
    }

    [Fact]
    public async Task Several_writers_share_the_file()
    {
        using TemporaryFolder folder = new();
        Task[] writers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using RunStore store = RunStore.Open(folder.Path);
            using RunWriter writer = store.Begin(Start);
            for (int round = 0; round < 10; round++)
            {
                ((IMetricSink)writer).Record("m", round, round);
                writer.Flush();
            }
            writer.Done(new ArmResult { ["x"] = 1 });
        }))];
        await Task.WhenAll(writers);
        using RunStore all = RunStore.Open(folder.Path);
        Assert.Equal([1, 2, 3, 4], all.List().Select(r => r.Id).Order());
        Assert.All(all.List(), r => Assert.Equal(10, all.Metrics(r.Id).Count));
    }

    [Fact]
    public void A_damaged_file_is_an_error_that_says_what_to_do()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("runs.db"), new string('x', 5000));
        LabException error = Assert.Throws<LabException>(() => RunStore.Open(folder.Path));
        Assert.StartsWith($"The run store {folder.File("runs.db")} cannot be used: the file is damaged or no database. Move it away", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_that_says_what_to_do()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("file"), "");
        LabException error = Assert.Throws<LabException>(() => RunStore.Open(Path.Combine(folder.Path, "file", "runs")));
        Assert.Contains("Choose another folder with --runs or $RINDOKU_RUNS.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_an_error_that_loses_nothing_written_before()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        using RunWriter writer = store.Begin(Start);
        IMetricSink sink = writer;
        sink.Record("m", 1, 1);
        sink.Flush();
        // SQLite gives the error of a full disk when the file may not grow; a page holds about a hundred of these values.
        store.LimitPages();
        LabException error = Assert.Throws<LabException>(() =>
        {
            for (int step = 2; step < 20_000; step++) sink.Record("m", step, step);
        });
        Assert.Contains("the disk is full. Make room and resume the run.", error.Message, StringComparison.Ordinal);
        store.LimitPages(1_000_000);
        sink.Flush(); // what was waiting is written when there is room again
        IReadOnlyList<MetricPoint> points = store.Metrics(writer.Id);
        Assert.Equal(Enumerable.Range(1, points.Count).Select(i => (double)i), points.Select(p => p.Value));
        Assert.True(points.Count > 500);
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_and_one_of_an_older_is_brought_up()
    {
        using TemporaryFolder folder = new();
        RunStore.Open(folder.Path).Dispose();
        using (SqliteConnection connection = new($"Data Source={folder.File("runs.db")};Pooling=False"))
        {
            connection.Open();
            RunSchema.Upgrade(connection, "file", ["", "CREATE TABLE extra (x)", "ALTER TABLE extra ADD COLUMN y"]);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "SELECT x, y FROM extra";
            Assert.Null(command.ExecuteScalar()); // the tables of both new versions are there
        }
        LabException error = Assert.Throws<LabException>(() => RunStore.Open(folder.Path));
        Assert.Contains("is of version 3; this program knows versions up to 1. Use a newer Rindoku", error.Message, StringComparison.Ordinal);
    }
}
