using System.Buffers.Binary;
using System.IO.Compression;
using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Testing;
using Rindoku.Tests.IO;

namespace Rindoku.Tests.Data.Media;

public sealed class PngTests
{
    // The files that tests/golden/media.py put together, by name.
    private static readonly SafetensorsFile Files = Safetensors.Read(Path.Combine(Golden.RepositoryRoot(), "tests", "golden", "png.safetensors"));

    public static TheoryData<string> Names => [.. Files.Integers.Keys.Where(key => key.EndsWith("/file", StringComparison.Ordinal)).Select(key => key[..^5])];

    private static byte[] Bytes(string key) => [.. Files.Int(key).ToArray().Select(value => (byte)value)];

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = [0, 0, 0, 0, .. type.Select(c => (byte)c), .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32.Update(0, chunk.AsSpan(4, data.Length + 4)));
        return chunk;
    }

    private static byte[] Header(uint width, uint height, byte depth = 8, byte colour = 0, byte interlace = 0)
    {
        byte[] data = [0, 0, 0, 0, 0, 0, 0, 0, depth, colour, 0, 0, interlace];
        BinaryPrimitives.WriteUInt32BigEndian(data, width);
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(4), height);
        return Chunk("IHDR", data);
    }

    private static byte[] Packed(params byte[] raw)
    {
        MemoryStream packed = new();
        using (ZLibStream deflate = new(packed, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(raw);
        return packed.ToArray();
    }

    private static byte[] File(params byte[][] chunks) => [.. Png.Signature, .. chunks.SelectMany(chunk => chunk)];

    private static string Refusal(byte[] file, ReadLimits? limits = null)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<FileFormatException>(() => Png.Read(new MemoryStream(file), limits)).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        return message;
    }

    /// <summary>Makes all checksums right again, so that damage reaches what lies behind them.</summary>
    private static byte[] Repair(byte[] file)
    {
        for (int at = 8; at + 12 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12) break;
            int end = at + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(end), Crc32.Update(0, file.AsSpan((at + 4)..end)));
            at = end + 4;
        }
        return file;
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_colour_type_depth_and_interlacing_gives_its_pixels(string name)
    {
        Image image = Png.Read(new MemoryStream(Bytes(name + "/file")));
        Shape shape = Files.Int(name + "/pixels").Shape;
        Assert.Equal(shape, [image.Height, image.Width, image.Channels]);
        Assert.Equal(Bytes(name + "/pixels"), image.Pixels);
    }

    [Fact]
    public void There_are_pictures_of_all_fifteen_kinds() => Assert.Equal(52, Names.Count);

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void What_is_written_reads_back(int channels)
    {
        Random random = new(channels);
        foreach (var (width, height) in ((int, int)[])[(1, 1), (7, 3), (64, 50), (1, 300)])
        {
            byte[] pixels = new byte[width * height * channels];
            // Noise above, a slope below: different filters win.
            random.NextBytes(pixels.AsSpan(0, pixels.Length / 2));
            for (int i = pixels.Length / 2; i < pixels.Length; i++) pixels[i] = (byte)(i / channels * 3);
            MemoryStream stream = new();
            Png.Write(stream, new Image(width, height, channels, pixels));
            stream.Position = 0;
            Image back = Png.Read(stream);
            Assert.Equal((width, height, channels), (back.Width, back.Height, back.Channels));
            Assert.Equal(pixels, back.Pixels);
            Assert.Equal(stream.Length, stream.Position);
        }
    }

    [Fact]
    public void A_smooth_picture_is_packed_well()
    {
        byte[] pixels = [.. Enumerable.Range(0, 256 * 256).Select(i => (byte)(i / 256 + i % 256))];
        MemoryStream stream = new();
        Png.Write(stream, new Image(256, 256, 1, pixels));
        Assert.InRange(stream.Length, 0, 2000);
    }

    [Fact]
    public void Huge_sizes_take_no_memory()
    {
        byte[] end = Chunk("IEND", []), few = Chunk("IDAT", Packed(0, 0));
        Assert.Contains("ReadLimits.ImagePixels", Refusal(File(Header(int.MaxValue, int.MaxValue), few, end)));
        Assert.Contains("sides from 1", Refusal(File(Header(uint.MaxValue, 1), few, end)));
        Assert.Contains("sides from 1", Refusal(File(Header(0, 1), few, end)));
        Assert.Contains("ReadLimits.ExpansionRatio", Refusal(File(Header(10_000, 10_000), few, end)));
        Assert.Contains("ReadLimits.ExpansionRatio", Refusal(File(Header(10_000, 10_000, interlace: 1), few, end)));
        Assert.Contains("ReadLimits.ExpandedBytes", Refusal(File(Header(100, 100), few, end), ReadLimits.Default with { ExpandedBytes = 1000 }));
    }

    [Fact]
    public void Chunks_that_lie_are_refused()
    {
        byte[] end = Chunk("IEND", []), pixel = Chunk("IDAT", Packed(0, 7)), one = Header(1, 1);
        Assert.Equal([7], Png.Read(new MemoryStream(File(one, pixel, end))).Pixels);

        byte[] lying = [.. pixel];
        BinaryPrimitives.WriteUInt32BigEndian(lying, 0x7FFFFFFF);
        Assert.Contains("bytes of chunk IDAT and its checksum", Refusal(File(one, lying, end)));
        byte[] damaged = [.. pixel];
        damaged[9] ^= 1;
        Assert.Contains("chunk IDAT with checksum", Refusal(File(one, damaged, end)));
        Assert.Contains("IHDR first", Refusal(File(pixel, end)));
        Assert.Contains("IHDR first", Refusal(File(one, one, pixel, end)));
        Assert.Contains("one after the other", Refusal(File(one, pixel, Chunk("tEXt", [1]), pixel, end)));
        Assert.Contains("must be understood", Refusal(File(one, Chunk("ABCD", []), pixel, end)));
        Assert.Contains("four letters", Refusal(File(one, Chunk("a1cd", []), pixel, end)));
        Assert.Contains("the end of the file", Refusal(File(one, pixel)));
        Assert.Contains("0 packed bytes", Refusal(File(one, end)));
        Assert.Contains("no palette", Refusal(File(Header(1, 1, colour: 3), pixel, end)));
        Assert.Contains("1 to 256 colours", Refusal(File(Header(1, 1, colour: 3), Chunk("PLTE", [1, 2]), pixel, end)));
        Assert.Contains("a palette", Refusal(File(one, Chunk("PLTE", [1, 2, 3]), pixel, end)));
        Assert.Contains("transparent colours of 1 bytes", Refusal(File(one, Chunk("tRNS", [1]), pixel, end)));
        Assert.Contains("a combination that PNG has", Refusal(File(Header(1, 1, depth: 3), pixel, end)));
        Assert.Contains("a combination that PNG has", Refusal(File(Header(1, 1, depth: 4, colour: 2), pixel, end)));
        Assert.Contains("0, 0, and 0 or 1", Refusal(File(Header(1, 1, interlace: 2), pixel, end)));
        Assert.Contains("filter 5", Refusal(File(one, Chunk("IDAT", Packed(5, 7)), end)));
        Assert.Contains("more packed pixels", Refusal(File(one, Chunk("IDAT", Packed(0, 7, 7)), end)));
        Assert.Contains("(unpacked pixels), byte 2", Refusal(File(Header(1, 2), pixel, end)));
        Assert.Contains("as PNG files begin", Refusal("not a picture at all"u8.ToArray()));

        byte[] packed = Packed(0, 7);
        packed[^1] ^= 1;
        Assert.Contains("damage", Refusal(File(one, Chunk("IDAT", packed), end)));
    }

    [Fact]
    public void A_number_beyond_the_palette_is_black()
    {
        Image image = Png.Read(new MemoryStream(File(Header(2, 1, colour: 3), Chunk("PLTE", [1, 2, 3]), Chunk("IDAT", Packed(0, 0, 200)), Chunk("IEND", []))));
        Assert.Equal([1, 2, 3, 0, 0, 0], image.Pixels);
    }

    [Theory, InlineData("colour2-depth8", false), InlineData("colour2-depth8", true), InlineData("colour3-depth4-interlaced-transparent", true), InlineData("colour0-depth1", true)]
    public void Damaged_files_are_read_or_refused(string name, bool repaired)
    {
        byte[] file = Bytes(name + "/file");
        byte[] expected = Bytes(name + "/pixels");
        var (read, refused) = Fuzz.Run(file, stream =>
        {
            byte[] bytes = ((MemoryStream)stream).ToArray();
            Image image = Png.Read(new MemoryStream(repaired ? Repair(bytes) : bytes));
            if (!repaired) Assert.Equal(expected, image.Pixels);
        }, rounds: 3000, maxBytes: 16 << 20);
        Assert.True(refused > file.Length, $"read {read}, refused {refused}");
    }
}
