using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Tests.Data;

public sealed class ReaderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-readers-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(byte[] bytes, string name = "file")
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal)) gzip.Write(bytes);
        return packed.ToArray();
    }

    // Two images of 2 x 3 pixels.
    private static readonly byte[] Images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6];
    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 2, 1, 0];

    // Records of the CIFAR-10 layout: pixel p of record r is (p + r) mod 256.
    private static byte[] Cifar(params int[] labels) =>
        [.. labels.SelectMany((label, r) => Enumerable.Range(0, 3072).Select(p => (byte)(p + r)).Prepend((byte)label))];

    [Theory, InlineData(false), InlineData(true)]
    public void Idx_images_are_read_packed_or_plain(bool packed)
    {
        byte[] Form(byte[] bytes) => packed ? Gzip(bytes) : bytes;
        LabelledSet set = Idx.ReadImages(Write(Form(Images), "images"), Write(Form(Labels), "labels"), ["a", "b"]);

        Assert.Equal([2, 1, 2, 3], set.Inputs.Shape);
        Assert.Equal([0, 0.2f, 0.4f, 0.6f, 0.8f, 1], set[0].Input.ToArray());
        Assert.Equal(6 / 255f, set[1].Input[5]);
        Assert.Equal([1, 0], set.Labels.ToArray());
    }

    [Theory]
    [InlineData(8, new byte[] { 200, 1 }, new float[] { 200, 1 })]
    [InlineData(9, new byte[] { 200, 1 }, new float[] { -56, 1 })]
    [InlineData(11, new byte[] { 0xFF, 0xFE, 1, 0 }, new float[] { -2, 256 })]
    [InlineData(12, new byte[] { 0xFF, 0xFF, 0xFF, 0xFD, 0, 1, 0, 0 }, new float[] { -3, 65536 })]
    [InlineData(13, new byte[] { 0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0 }, new float[] { 1.5f, -2 })]
    [InlineData(14, new byte[] { 0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0 }, new float[] { 1.5f, -2 })]
    public void Idx_numbers_of_every_type_are_read(byte type, byte[] data, float[] expected)
    {
        string path = Write([0, 0, type, 1, 0, 0, 0, 2, .. data]);
        Assert.Equal(expected, Idx.ReadTensor(path).ToArray());
        if (type < 13) Assert.Equal(expected, Idx.ReadIntegers(path).ToArray().Select(i => (float)i));
        else Assert.Throws<FileFormatException>(() => Idx.ReadIntegers(path));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Idx_truncated_at_any_byte_is_refused(bool packed)
    {
        byte[] whole = packed ? Gzip(Images) : Images;
        for (int length = 0; length < whole.Length; length++)
        {
            string path = Write(whole[..length]);
            var error = Assert.Throws<FileFormatException>(() => Idx.ReadTensor(path));
            Assert.Contains(path, error.Message);
        }
        Assert.Throws<FileFormatException>(() => Idx.ReadTensor(Write([.. Images, 0])));
    }

    [Fact]
    public void Idx_with_flipped_bits_is_refused_or_read_within_its_length()
    {
        for (int bit = 0; bit < Images.Length * 8; bit++)
        {
            byte[] flipped = [.. Images];
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            try
            {
                Assert.InRange(Idx.ReadTensor(Write(flipped)).Length, 1, 12);
            }
            catch (FileFormatException)
            {
                // A flipped header is refused; a flipped pixel is only another pixel.
            }
        }
    }

    [Fact]
    public void Gzip_with_flipped_bits_is_refused_or_right()
    {
        byte[] packed = Gzip(Images);
        for (int bit = 0; bit < packed.Length * 8; bit++)
        {
            byte[] flipped = [.. packed];
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            try
            {
                Assert.Equal(12, Idx.ReadTensor(Write(flipped)).Length);
            }
            catch (FileFormatException)
            {
                // Flips of the header's time or system byte change nothing; all others are found out.
            }
        }
    }

    [Fact]
    public void Idx_that_promises_gigabytes_is_refused_without_taking_them()
    {
        var error = Assert.Throws<FileFormatException>(() => Idx.ReadTensor(Write([0, 0, 8, 2, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1])));
        Assert.Contains("12 bytes", error.Message);
        Assert.Throws<FileFormatException>(() => Idx.ReadTensor(Write([0, 0, 8, 2, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])));
        Assert.Throws<FileFormatException>(() => Idx.ReadTensor(Write(Images), ReadLimits.Default with { Elements = 11 }));
    }

    [Fact]
    public void A_file_that_unpacks_beyond_the_limit_is_stopped()
    {
        string bomb = Write(Gzip(new byte[5_000_000]));
        var error = Assert.Throws<FileFormatException>(() => TextFile.Read(bomb, ReadLimits.Default with { ExpandedBytes = 1_000_000 }));
        Assert.Contains("1000000", error.Message);
        Assert.Throws<FileFormatException>(() => TextFile.Read(bomb, ReadLimits.Default with { ExpansionRatio = 10 }));
    }

    [Fact]
    public void Idx_labels_that_do_not_fit_the_images_are_refused()
    {
        string images = Write(Images, "images");
        var error = Assert.Throws<FileFormatException>(() => Idx.ReadImages(images, Write(Labels, "labels"), ["only"]));
        Assert.Contains("label 1 at record 0", error.Message);
        Assert.Throws<FileFormatException>(() => Idx.ReadImages(images, Write([0, 0, 8, 1, 0, 0, 0, 1, 0], "labels"), ["a"]));
        Assert.Throws<FileFormatException>(() => Idx.ReadImages(Write(Labels, "images"), Write(Labels, "labels"), ["a", "b"]));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Cifar_records_are_read_packed_or_plain(bool packed)
    {
        byte[] records = Cifar(9, 0, 3);
        LabelledSet set = CifarBinary.Read(Write(packed ? Gzip(records) : records), DataSets.Cifar10Classes);

        Assert.Equal([3, 3, 32, 32], set.Inputs.Shape);
        Assert.Equal([9, 0, 3], set.Labels.ToArray());
        Assert.Equal(2 / 255f, set[2].Input[0]);
        Assert.Equal(1f, set.Inputs[0, 0, 7, 31]);
    }

    [Fact]
    public void Cifar_100_records_have_two_labels()
    {
        byte[] record = [4, 77, .. new byte[3072]];
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"{i}")];

        Assert.Equal(77, CifarBinary.Read(Write(record), names, CifarLabel.Fine).Labels[0]);
        Assert.Equal(4, CifarBinary.Read(Write(record), names[..20], CifarLabel.Coarse).Labels[0]);
        Assert.Throws<FileFormatException>(() => CifarBinary.Read(Write(record), names));
    }

    [Fact]
    public void Cifar_truncated_inside_a_record_is_refused_with_the_place()
    {
        byte[] records = Cifar(0, 1);
        foreach (int length in Enumerable.Range(0, records.Length).Where(n => n % 61 == 0 || n % 3073 is < 8 or > 3065))
        {
            if (length == 3073) continue; // a whole record: only a hash or the gzip length can tell
            Assert.Throws<FileFormatException>(() => CifarBinary.Read(Write(records[..length]), DataSets.Cifar10Classes));
        }
        byte[] packed = Gzip(records);
        for (int length = 0; length < packed.Length; length++)
            Assert.Throws<FileFormatException>(() => CifarBinary.Read(Write(packed[..length]), DataSets.Cifar10Classes));
    }

    [Fact]
    public void Cifar_labels_that_are_no_class_are_refused_with_the_record()
    {
        var error = Assert.Throws<FileFormatException>(() => CifarBinary.Read(Write(Cifar(0, 1, 10)), DataSets.Cifar10Classes));
        Assert.Contains("label 10 at record 2", error.Message);
        Assert.Equal(2 * 3073, error.Offset);
    }

    private byte[] Archive(params (string Name, byte[] Bytes)[] entries)
    {
        using MemoryStream stream = new();
        using (TarWriter tar = new(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in entries)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
        }
        return Gzip(stream.ToArray());
    }

    [Fact]
    public void Cifar_is_read_from_an_archive_in_the_order_asked_for()
    {
        string archive = Write(Archive(("d/one.bin", Cifar(1)), ("d/two.bin", Cifar(2, 3)), ("d/readme", [1, 2, 3])));

        Assert.Equal([2, 3, 1], CifarBinary.ReadArchive(archive, ["d/two.bin", "d/one.bin"], DataSets.Cifar10Classes).Labels.ToArray());
        var error = Assert.Throws<FileFormatException>(() => CifarBinary.ReadArchive(archive, ["d/three.bin"], DataSets.Cifar10Classes));
        Assert.Contains("no entry d/three.bin", error.Message);
    }

    [Fact]
    public void A_truncated_archive_is_refused()
    {
        byte[] whole = Archive(("a.bin", Cifar(1)), ("b.bin", Cifar(2)));
        int read = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            try
            {
                Assert.Equal([1, 2], CifarBinary.ReadArchive(Write(whole[..length]), ["a.bin", "b.bin"], DataSets.Cifar10Classes).Labels.ToArray());
                read++;
            }
            catch (FileFormatException error)
            {
                Assert.Contains(folder, error.Message);
            }
        }
        Assert.InRange(read, 1, 30); // only the padding after the last file may be missing
    }

    [Fact]
    public void Text_is_read_as_utf8_and_anything_else_is_refused_with_the_place()
    {
        Assert.Equal("輪読\nab", TextFile.Read(Write([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("輪読\nab")])));
        Assert.Equal(["a", "", "b", "c"], TextFile.ReadLines(Write(Gzip("a\n\r\nb\rc\n"u8.ToArray()))));
        Assert.Empty(TextFile.ReadLines(Write([])));
        var error = Assert.Throws<FileFormatException>(() => TextFile.Read(Write([(byte)'a', (byte)'b', 0xFF])));
        Assert.Equal(2, error.Offset);
        Assert.Contains("FF", error.Message);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_errors_of_the_file_system()
    {
        Assert.Throws<FileNotFoundException>(() => TextFile.Read(Path.Combine(folder, "none")));
        Assert.ThrowsAny<IOException>(() => TextFile.Read(folder));
        Assert.Throws<FileFormatException>(() => TextFile.Read(Write(new byte[20]), ReadLimits.Default with { FileBytes = 19 }));
    }
}
