using Rindoku.IO;

namespace Rindoku.Tests.IO;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-io-").FullName;
    private readonly string path;

    public AtomicFileTests()
    {
        path = Path.Combine(folder, "model.safetensors");
        File.WriteAllText(path, "old");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void AssertOldFileOnly()
    {
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_file_is_replaced_whole()
    {
        AtomicFile.Write(path, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_full_disk_keeps_the_old_file_and_says_so()
    {
        if (!OperatingSystem.IsLinux()) return;
        // The temporary file is a link to the device whose every write fails for want of room.
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write(new byte[200_000]), temporary =>
        {
            File.CreateSymbolicLink(temporary, "/dev/full");
            return new FileStream(temporary, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        }));
        Assert.Contains($"{path} could not be written", error.Message);
        Assert.Contains("No space left", error.Message);
        Assert.Contains("unchanged", error.Message);
        AssertOldFileOnly();
        Assert.True(File.Exists("/dev/full"));
    }

    [Fact]
    public void A_writer_that_fails_keeps_the_old_file()
    {
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[10]);
            throw new InvalidOperationException("half way");
        }));
        AssertOldFileOnly();
    }

    [Fact]
    public void A_missing_folder_a_folder_and_a_device_are_refused_by_name()
    {
        string missing = Path.Combine(folder, "no", "such", "x.npy");
        Assert.Contains(missing, Assert.Throws<IOException>(() => Npy.Write(missing, Tensor.Ones([1]))).Message);
        Assert.Contains("It is a folder", Assert.Throws<IOException>(() => Npy.Write(folder, Tensor.Ones([1]))).Message);
        if (OperatingSystem.IsLinux()) Assert.Contains("It is a device", Assert.Throws<IOException>(() => Npy.Write("/dev/full", Tensor.Ones([1]))).Message);
        AssertOldFileOnly();
    }

    [Fact]
    public void An_unwritable_folder_is_named()
    {
        // /proc refuses new files to every user, the administrator too, whom ordinary permissions do not stop.
        if (!OperatingSystem.IsLinux()) return;
        Assert.Contains("/proc/x.safetensors could not be written", Assert.Throws<IOException>(() => Safetensors.Write("/proc/x.safetensors", [])).Message);
    }

    [Fact]
    public void A_symbolic_link_stays_and_its_target_is_replaced()
    {
        string link = Path.Combine(folder, "latest");
        File.CreateSymbolicLink(link, path);
        AtomicFile.Write(link, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(path, new FileInfo(link).LinkTarget);
    }
}
