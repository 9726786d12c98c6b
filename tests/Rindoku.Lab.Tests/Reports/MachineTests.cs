namespace Rindoku.Lab.Tests.Reports;

public sealed class MachineTests
{
    [Fact]
    public void The_machine_has_a_processor_cores_and_vectors()
    {
        MachineInfo machine = MachineInfo.Current;
        Assert.NotEmpty(machine.Processor);
        Assert.Equal(Environment.ProcessorCount, machine.Cores);
        Assert.Contains(machine.VectorBits, new[] { 64, 128, 256, 512 });
        Assert.Contains(".NET 10", machine.ToString(), StringComparison.Ordinal);
    }

    private const string Hash = "0123456789abcdef0123456789abcdef01234567";

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    [Fact]
    public void The_commit_is_read_from_a_branch_a_packed_branch_and_a_detached_head()
    {
        using TemporaryFolder folder = new();
        string below = folder.File("a/b");
        Directory.CreateDirectory(below);
        Assert.Equal("", SourceInfo.Commit(below));
        Write(folder.File(".git/HEAD"), "ref: refs/heads/main\n");
        Assert.Equal("", SourceInfo.Commit(below)); // a branch without commits
        Write(folder.File(".git/packed-refs"), $"# pack-refs\n{Hash[..39]}8 refs/heads/other\n{Hash} refs/heads/main\n");
        Assert.Equal(Hash, SourceInfo.Commit(below));
        Write(folder.File(".git/refs/heads/main"), $"{Hash[..39]}9\n");
        Assert.Equal($"{Hash[..39]}9", SourceInfo.Commit(below));
        Write(folder.File(".git/HEAD"), $"{Hash}\n");
        Assert.Equal(Hash, SourceInfo.Commit(below));
    }

    [Fact]
    public void The_commit_of_a_worktree_is_found_through_its_main_folder()
    {
        using TemporaryFolder folder = new();
        Write(folder.File("main/.git/worktrees/w/HEAD"), "ref: refs/heads/side\n");
        Write(folder.File("main/.git/worktrees/w/commondir"), "../..\n");
        Write(folder.File("main/.git/refs/heads/side"), Hash);
        Write(folder.File("tree/.git"), $"gitdir: {folder.File("main/.git/worktrees/w")}\n");
        Assert.Equal(Hash, SourceInfo.Commit(folder.File("tree")));
    }
}
