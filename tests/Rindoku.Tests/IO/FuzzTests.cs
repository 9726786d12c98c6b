using Rindoku.IO;

namespace Rindoku.Tests.IO;

public sealed class FuzzTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-io-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private byte[] Written(Action<string> write)
    {
        string path = Path.Combine(folder, "file");
        write(path);
        return File.ReadAllBytes(path);
    }

    [Fact]
    public void Damaged_safetensors_files_are_read_or_refused()
    {
        byte[] file = Written(path => Safetensors.Write(path,
            [new("weight", Tensor.Ones([2, 3])), new("bias", Tensor.Ones([3])), new("none", Tensor.Zeros([0]))],
            [new("labels", IntTensor.Of(1, 2))], [new("step", Longs.Scalar(5))], [new("format", "pt")]));
        var (read, refused) = Fuzz.Run(file, stream => Safetensors.Read(stream), rounds: 5000);
        Assert.True(refused > file.Length && read > 100, $"read {read}, refused {refused}");
    }

    [Fact]
    public void Damaged_npy_files_are_read_or_refused()
    {
        byte[] file = Written(path => Npy.Write(path, Tensor.Ones([2, 3])));
        string damaged = Path.Combine(folder, "damaged.npy");
        var (_, refused) = Fuzz.Run(file, stream =>
        {
            File.WriteAllBytes(damaged, ((MemoryStream)stream).ToArray());
            Npy.ReadTensor(damaged);
        }, rounds: 3000);
        Assert.True(refused > file.Length);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Damaged_npz_files_are_read_right_or_refused(bool compress)
    {
        byte[] file = Written(path => Npz.Write(path, [new("a", Tensor.Range(20)), new("b", Tensor.Ones([3]))], [new("c", IntTensor.Of(4))], compress: compress));
        float[] expected = Tensor.Range(20).ToArray();
        var (_, refused) = Fuzz.Run(file, stream =>
        {
            // The checksum leaves no damage of the numbers unseen; a damaged name is another name.
            NpzFile npz = Npz.Read(stream);
            if (npz.Tensors.TryGetValue("a", out Tensor? a)) Assert.Equal(expected, a.ToArray());
        }, rounds: 5000);
        Assert.True(refused > file.Length);
    }
}
