using Rindoku.Cli;
using Rindoku.Data;
using Rindoku.Lab.Runs;

namespace Rindoku.Papers.Tests.Cli;

/// <summary>Work that cannot be done: exit code 1, a message that says what to do, and no stack trace.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task A_missing_data_set_is_told_with_where_to_get_it()
    {
        using Program program = new();
        foreach (string command in (string[])["run", "verify"])
            (await program.RunHere(command, "stochastic-depth", "--profile", "full", "--data", program.Data))
                .IsFailure($"The data set 'cifar10' is not in {program.Data}. Run 'rindoku data get cifar10', or name the folder that has it with --data or RINDOKU_DATA.");
        (await program.Run("data", "check", "cifar10", "--data", program.Data)).IsFailure("The data set 'cifar10' is not in");
    }

    [Fact]
    public async Task Damaged_data_is_told_with_the_file()
    {
        using Program program = new();
        CifarFiles.Write(program.Data, damaged: true);
        (await program.RunHere("run", "stochastic-depth", "--profile", "full", "--data", program.Data)).IsFailure("cifar10/train_10k.bin.gz has");
        CifarFiles.Write(program.Data, damaged: false);
        (await program.RunHere("run", "stochastic-depth", "--profile", "full", "--data", program.Data)).IsFailure("train_10k.bin.gz");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_told()
    {
        using Program program = new();
        await File.WriteAllTextAsync(program.Data, "a file, not a folder");
        Ended ended = await program.Run("data", "get", "cifar10", "--data", program.Data);
        ended.IsFailure(program.Data);
    }

    [Fact]
    public async Task Unknown_runs_are_told_with_how_to_list_them()
    {
        using Program program = new();
        foreach (string[] command in (string[][])[["runs", "show", "7"], ["runs", "compare", "7", "8"], ["run", "stochastic-depth", "--resume", "7"]])
            (await program.RunHere(command)).IsFailure($"There is no run 7 in {Path.Combine(program.Runs, "runs.db")}. 'rindoku runs list' shows those there are.");
        (await program.RunHere("runs", "list", "--paper", "stochastic-dept")).IsBadUsage("Did you mean 'stochastic-depth'?");
        Assert.Contains("There are no such runs", (await program.RunHere("runs", "list", "--paper", "stochastic-depth")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_done_or_of_another_paper_is_not_resumed()
    {
        using Program fixture = Program.WithFixture(), house = new();
        Assert.Equal(CommandLine.Success, (await fixture.RunHere("run", "fixture")).Code);
        (await fixture.RunHere("run", "fixture", "--resume", "1")).IsFailure("Run 1 is done; there is nothing to resume.");
        (await house.Run("run", "stochastic-depth", "--resume", "1", "--runs", fixture.Runs)).IsFailure("Run 1 is of paper 'fixture', not 'stochastic-depth'.");
    }

    [Fact]
    public async Task A_runs_folder_that_cannot_be_written_is_told_with_the_way_out()
    {
        using Program program = new();
        await File.WriteAllTextAsync(program.Runs, "a file, not a folder");
        foreach (string[] command in (string[][])[["run", "stochastic-depth"], ["verify", "stochastic-depth"], ["runs", "list"]])
            (await program.RunHere(command)).IsFailure("Choose another folder with --runs or $RINDOKU_RUNS.");
    }

    [Fact]
    public async Task An_out_folder_that_cannot_be_made_is_told_before_anything_runs()
    {
        using Program program = Program.WithFixture();
        string file = program.Folder.File("taken");
        await File.WriteAllTextAsync(file, "a file, not a folder");
        Ended ended = await program.RunHere("run", "fixture", "--out", file);
        ended.IsFailure($"--out: nothing can be written to {file}");
        Assert.Contains("Name another folder.", ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(program.Runs));
        (await program.RunHere("run", "fixture", "--out", "")).IsBadUsage("--out: got an empty name");
    }

    [Fact]
    public async Task A_run_store_that_is_no_database_is_told()
    {
        using Program program = new();
        Directory.CreateDirectory(program.Runs);
        await File.WriteAllTextAsync(Path.Combine(program.Runs, "runs.db"), new string('x', 5000));
        (await program.RunHere("runs", "list")).IsFailure("the file is damaged or no database");
    }

    [Fact]
    public async Task A_checkpoint_that_is_damaged_or_of_another_model_is_told()
    {
        using Program program = new();
        (string first, string second) = (await Interrupted(program, "depth=8"), await Interrupted(program, "depth=14"));
        File.Copy(second, first, overwrite: true);
        Ended other = await program.RunHere("run", "stochastic-depth", "--resume", "1");
        other.IsFailure("belongs to another training; nothing was loaded");
        Assert.Contains("setting depth is 14, needed 8", other.Error, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(first, (await File.ReadAllBytesAsync(second))[..200]);
        (await program.RunHere("run", "stochastic-depth", "--resume", "1")).IsFailure("No checkpoint can be read: ");
        await File.WriteAllTextAsync(first, "not a checkpoint at all");
        (await program.RunHere("run", "stochastic-depth", "--resume", "1")).IsFailure(first);
    }

    [Fact]
    public async Task A_run_that_diverges_ends_with_the_step_and_what_to_try()
    {
        using Program program = new();
        Ended ended = await program.RunHere(["run", "stochastic-depth", .. Program.Tiny, "learning-rate=1e9"]);
        ended.IsFailure("Try a lower learning rate");
        Assert.Contains("the loss is NaN", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_larger_than_the_data_is_told()
    {
        using Program program = new();
        (await program.RunHere(["run", "stochastic-depth", .. Program.Tiny, "batch-size=100000"])).IsFailure("use a smaller batch size");
    }

    [Fact]
    public async Task A_defect_is_told_as_one_without_a_trace()
    {
        using Program program = Program.WithFixture(error: new InvalidOperationException("out of luck"));
        (await program.RunHere("run", "fixture", "--json")).IsFailure("Rindoku made a mistake: InvalidOperationException: out of luck");
    }

    /// <summary>Starts a run and stops it at its first step.</summary>
    /// <returns>Its checkpoint.</returns>
    private static async Task<string> Interrupted(Program program, string setting)
    {
        using RunStore store = RunStore.Open(program.Runs);
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        Lab.RunRequest request = new() { Overrides = [.. Program.Tiny.Skip(1).Append(setting).Select(s => s.Split('=')).Select(s => KeyValuePair.Create(s[0], s[1]))] };
        Assert.Throws<RunInterruptedException>(() =>
            new Lab.Laboratory(store) { Data = new DataDirectory(program.Data) }.Run(PaperCatalogue.Find("stochastic-depth"), request, stop.Token));
        return Path.Combine(store.List()[0].Folder, "checkpoints", "last.safetensors");
    }
}
