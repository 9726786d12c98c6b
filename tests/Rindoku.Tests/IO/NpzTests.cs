using System.IO.Compression;
using System.Text;
using Rindoku.IO;
using Rindoku.Testing;

namespace Rindoku.Tests.IO;

public sealed class NpzTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-io-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string GoldenPath(string name) => Path.Combine(Golden.RepositoryRoot(), "tests", "golden", "files", name);

    private string NpyFile(string header, int dataBytes = 0)
    {
        string path = Path.Combine(folder, "x.npy");
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.Latin1.GetBytes(header), .. new byte[dataBytes]]);
        return path;
    }

    [Theory, InlineData("numpy.npz"), InlineData("numpy-compressed.npz")]
    public void Files_of_NumPy_read_as_what_was_saved(string name)
    {
        NpzFile file = Npz.Read(GoldenPath(name));

        Assert.Equal([2, 3], file.Tensor("f32").Shape);
        Assert.Equal([1.5f, -2.25f, float.PositiveInfinity, 0.1f, -0f, 3e-45f], file.Tensor("f32").ToArray());
        Assert.Equal([MathF.PI, float.PositiveInfinity, -0f], file.Tensor("f64").ToArray());
        Assert.Equal([1.5f, 65504f, 5.9604645e-08f], file.Tensor("f16").ToArray());
        Assert.Equal([0f, 1, 2, 3, 4, 5], file.Tensor("big").ToArray());
        Assert.Equal(Tensor.Range(24).ToArray(), file.Tensor("fortran").ToArray());
        Assert.Equal([2, 3, 4], file.Tensor("fortran").Shape);
        Assert.Equal([-128, 127], file.Int("i8").ToArray());
        Assert.Equal([0, 255], file.Int("u8").ToArray());
        Assert.Equal([-32768, 32767], file.Int("i16").ToArray());
        Assert.Equal([65535], file.Int("u16").ToArray());
        Assert.Equal([int.MinValue, int.MaxValue], file.Int("i32").ToArray());
        Assert.Equal([uint.MaxValue], file.Long("u32").ToArray());
        Assert.Equal([long.MinValue, long.MaxValue], file.Long("i64").ToArray());
        Assert.Equal([long.MaxValue], file.Long("u64").ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 5], file.Int("labels").ToArray());
        Assert.Equal([1, 0], file.Int("bool").ToArray());
        Assert.Equal(Shape.Scalar, file.Tensor("scalar").Shape);
        Assert.Equal([0, 3], file.Tensor("empty").Shape);
        Assert.Throws<FileFormatException>(() => file.Int("i64"));
    }

    [Fact]
    public void Npy_files_of_NumPy_read_as_what_was_saved()
    {
        Assert.Equal(Tensor.Range(24).ToArray(), Npy.ReadTensor(GoldenPath("fortran.npy")).ToArray());
        Assert.Equal([-32768, 32767], Npy.ReadIntegers(GoldenPath("version2.npy")).ToArray());
        Assert.Equal([-32768L, 32767], Npy.ReadLongs(GoldenPath("version2.npy")).ToArray());
        Assert.Contains("holds integers", Assert.Throws<FileFormatException>(() => Npy.ReadTensor(GoldenPath("version2.npy"))).Message);
        Assert.Contains("holds floats", Assert.Throws<FileFormatException>(() => Npy.ReadIntegers(GoldenPath("fortran.npy"))).Message);
        Assert.Contains("could run code", Assert.Throws<FileFormatException>(() => Npy.ReadTensor(GoldenPath("objects.npy"))).Message);
        Assert.Contains("an array of records", Assert.Throws<FileFormatException>(() => Npy.ReadTensor(GoldenPath("records.npy"))).Message);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void An_archive_reads_back_and_is_the_same_bytes_every_time(bool compress)
    {
        string path = Path.Combine(folder, "a.npz");
        Write(path);
        NpzFile file = Npz.Read(path);
        Assert.Equal([2, 1], file.Tensor("weight").Shape);
        Assert.Equal([1.5f, -2], file.Tensor("weight").ToArray());
        Assert.Equal(Shape.Scalar, file.Tensor("層/scalar").Shape);
        Assert.Equal([0], file.Tensor("none").Shape);
        Assert.Equal([3, -4], file.Int("labels").ToArray());
        Assert.Equal(1L << 40, file.Long("step").Item());
        Assert.Equal(1 << 20, Npz.Read(path).Tensor("ones").Span.Count(1f));

        byte[] first = File.ReadAllBytes(path);
        Write(path);
        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder));

        void Write(string to) => Npz.Write(to,
            [new("weight", Tensor.From([1.5f, -2], [2, 1])), new("層/scalar", Tensor.Scalar(1)), new("none", Tensor.Zeros([0])), new("ones", Tensor.Ones([1024, 1024]))],
            [new("labels", IntTensor.Of(3, -4))], [new("step", Longs.Scalar(1L << 40))], compress);
    }

    [Fact]
    public void Npy_files_read_back()
    {
        string path = Path.Combine(folder, "a.npy");
        Npy.Write(path, Tensor.Range(6));
        Assert.Equal([0f, 1, 2, 3, 4, 5], Npy.ReadTensor(path).ToArray());
        Npy.Write(path, IntTensor.Of(1, 2).Reshape([2, 1]));
        Assert.Equal([2, 1], Npy.ReadIntegers(path).Shape);
        Npy.Write(path, Longs.Of(long.MinValue));
        Assert.Equal([long.MinValue], Npy.ReadLongs(path).ToArray());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8, null)]
    [InlineData("{\"shape\":(2L),\"descr\":\"<f4\",\"fortran_order\":False}\n", 8, null)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 9, "found 9 bytes after the header; needed 8")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 7, "found 7 bytes after the header; needed 8")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", 8, "sizes from 0 to 2^31 - 1")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536), }", 8, "ReadLimits.Elements")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8, "an integer")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1), }", 4, "ReadLimits.Rank")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, "the type <c8")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "could run code")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 4, "the key 'descr'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", 4, "without all of its keys")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", 4, "True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + exit()", 4, "more text")]
    [InlineData("__import__('os')", 4, "'__import'")]
    [InlineData("{'descr", 4, "does not end")]
    [InlineData("", 4, "the end of the header")]
    public void An_npy_header_is_read_as_data_and_nothing_else(string header, int dataBytes, string? message)
    {
        string path = NpyFile(header, dataBytes);
        if (message is null) Assert.Equal([0f, 0], Npy.ReadTensor(path).ToArray());
        else Assert.Contains(message, Assert.Throws<FileFormatException>(() => Npy.ReadTensor(path)).Message);
    }

    [Fact]
    public void A_zip_bomb_is_refused_before_it_is_unpacked()
    {
        MemoryStream bomb = new();
        using (ZipArchive archive = new(bomb, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("a.npy", CompressionLevel.SmallestSize).Open();
            entry.Write(NpyHeader.Format("|u1", [100 << 20]));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 100; i++) entry.Write(zeros);
        }
        Refused("ReadLimits.ExpandedBytes", ReadLimits.Default with { ExpandedBytes = 50 << 20 });
        Refused("ReadLimits.ExpansionRatio", ReadLimits.Default with { ExpansionRatio = 100 });
        Refused("ReadLimits.Elements", ReadLimits.Default with { Elements = 1000 });

        void Refused(string limit, ReadLimits limits)
        {
            bomb.Position = 0;
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains(limit, Assert.Throws<FileFormatException>(() => Npz.Read(bomb, limits)).Message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000);
        }
    }

    [Fact]
    public void Entries_that_share_the_same_bytes_are_refused()
    {
        // The same entry many times in the directory: each unpacks honestly, all together they would be a bomb.
        MemoryStream plain = new();
        using (ZipArchive archive = new(plain, ZipArchiveMode.Create, leaveOpen: true))
        using (Stream entry = archive.CreateEntry("a.npy", CompressionLevel.NoCompression).Open())
            Npy.WriteTo(entry, Tensor.Zeros([100]));
        byte[] bytes = plain.ToArray();
        int directory = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8), end = bytes.AsSpan().IndexOf("PK\u0005\u0006"u8);
        byte[] record = bytes[directory..end], tail = bytes[end..];
        tail[8] = tail[10] = 3;
        BitConverter.GetBytes(3 * record.Length).CopyTo(tail, 12);
        MemoryStream hostile = new([.. bytes[..directory], .. record, .. record, .. record, .. tail]);
        Assert.Contains("packed bytes", Assert.Throws<FileFormatException>(() => Npz.Read(hostile)).Message);
    }

    [Fact]
    public void A_damaged_entry_is_found_by_its_checksum()
    {
        string path = Path.Combine(folder, "a.npz");
        Npz.Write(path, [new("ones", Tensor.Ones([1000]))]);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[2000] ^= 1;
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<FileFormatException>(() => Npz.Read(path));
        Assert.Contains("a.npz[ones.npy], byte", error.Message);
        Assert.Contains("checksum", error.Message);
    }

    [Fact]
    public void An_entry_that_is_not_npy_or_comes_twice_is_refused()
    {
        string path = Path.Combine(folder, "a.npz");
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create)) archive.CreateEntry("readme.txt");
        Assert.Contains("npy files only", Assert.Throws<FileFormatException>(() => Npz.Read(path)).Message);
        Assert.Throws<ArgumentException>(() => Npz.Write(path, [new("a", Tensor.Ones([1])), new("a", Tensor.Ones([1]))]));
        Assert.Single(Directory.GetFiles(folder));
    }
}
