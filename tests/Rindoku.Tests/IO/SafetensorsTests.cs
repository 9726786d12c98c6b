using System.Text;
using Rindoku.IO;
using Rindoku.Testing;

namespace Rindoku.Tests.IO;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-io-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static SafetensorsFile Parse(string header, int dataBytes, ReadLimits? limits = null) =>
        Safetensors.Read(new MemoryStream([.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]), limits);

    [Fact]
    public void A_file_reads_back_bit_for_bit()
    {
        string path = Path.Combine(folder, "model.safetensors");
        Tensor weight = Tensor.From([1.5f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon, -3e38f], [2, 3]);
        Safetensors.Write(path,
            new Dictionary<string, Tensor> { ["layer.weight"] = weight, ["empty"] = Tensor.Zeros([0, 4]), ["scalar"] = Tensor.Scalar(7), ["重み \"x\""] = Tensor.Zeros([3000]) },
            new Dictionary<string, IntTensor> { ["labels"] = IntTensor.Of(int.MinValue, 0, int.MaxValue) },
            new Dictionary<string, Longs> { ["step"] = Longs.Scalar(long.MaxValue), ["rng"] = Longs.Of(-1, 2) },
            new Dictionary<string, string> { ["format"] = "pt", ["論文"] = "輪読" });

        SafetensorsFile file = Safetensors.Read(path);

        Assert.Equal(weight.Shape, file.Tensor("layer.weight").Shape);
        Assert.Equal(
            weight.ToArray().Select(BitConverter.SingleToInt32Bits),
            file.Tensor("layer.weight").ToArray().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([0, 4], file.Tensor("empty").Shape);
        Assert.Equal(7, file.Tensor("scalar").Item());
        Assert.Equal([3000], file.Tensor("重み \"x\"").Shape);
        Assert.Equal([int.MinValue, 0, int.MaxValue], file.Int("labels").ToArray());
        Assert.Equal(long.MaxValue, file.Long("step").Item());
        Assert.Equal([-1, 2], file.Int("rng").ToArray());
        Assert.Equal("輪読", file.Metadata["論文"]);
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_file_written_by_Python_reads_as_what_was_written()
    {
        SafetensorsFile file = Safetensors.Read(Path.Combine(Golden.RepositoryRoot(), "tests", "golden", "files", "python.safetensors"));

        Assert.Equal([2, 3], file.Tensor("weight").Shape);
        Assert.Equal([1.5f, -2.25f, float.PositiveInfinity, 0.1f, -0f, 3e-45f], file.Tensor("weight").ToArray());
        Assert.Equal([MathF.PI, float.PositiveInfinity, -0f], file.Tensor("f64").ToArray());
        Assert.Equal([1.5f, 65504f, 5.9604645e-08f], file.Tensor("f16").ToArray());
        Assert.Equal([0x3FC00000u, 0xBDCC0000, 0x7F610000], file.Tensor("bf16").ToArray().Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal([-128, 127], file.Int("i8").ToArray());
        Assert.Equal([0, 255], file.Int("u8").ToArray());
        Assert.Equal([-32768, 32767], file.Int("i16").ToArray());
        Assert.Equal([65535], file.Int("u16").ToArray());
        Assert.Equal([int.MinValue, int.MaxValue], file.Int("i32").ToArray());
        Assert.Equal([uint.MaxValue], file.Long("u32").ToArray());
        Assert.Equal([long.MinValue, long.MaxValue], file.Long("i64").ToArray());
        Assert.Equal([long.MaxValue], file.Long("u64").ToArray());
        Assert.Equal([1, 0], file.Int("bool").ToArray());
        Assert.Equal(7, file.Tensor("scalar").Item());
        Assert.Equal([0, 3], file.Tensor("empty").Shape);
        Assert.Equal("輪読", file.Metadata["title"]);
    }

    [Fact]
    public void Arrays_start_at_multiples_of_their_element_size()
    {
        MemoryStream stream = new();
        Safetensors.Write(stream, [new("a", Tensor.Zeros([1]))], longs: [new("b", Longs.Of(1, 2))]);
        byte[] bytes = stream.ToArray();
        long header = BitConverter.ToInt64(bytes);
        Assert.Equal(0, header % 8);
        Assert.Equal(8 + header + 16 + 4, bytes.Length);
        Assert.Equal(1, BitConverter.ToInt64(bytes, 8 + (int)header));
    }

    [Fact]
    public void What_is_read_outlives_the_step_that_read_it()
    {
        MemoryStream stream = new();
        Safetensors.Write(stream, [new("a", Tensor.Ones([5000]))]);
        stream.Position = 0;
        Tensor tensor;
        using (MemoryScope.Open()) tensor = Safetensors.Read(stream).Tensor("a");
        Assert.Equal(5000, tensor.ToArray().Sum());
    }

    [Fact]
    public void A_missing_name_and_a_number_too_wide_are_refused_with_what_there_is()
    {
        MemoryStream stream = new();
        Safetensors.Write(stream, [new("weight", Tensor.Ones([1]))], longs: [new("step", Longs.Of(1L << 40))]);
        stream.Position = 0;
        SafetensorsFile file = Safetensors.Read(stream);

        Assert.Contains("no array of floats called 'bias'; it holds weight, step", Assert.Throws<KeyNotFoundException>(() => file.Tensor("bias")).Message);
        Assert.Contains("element 0 of step is 1099511627776", Assert.Throws<FileFormatException>(() => file.Int("step")).Message);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "found 12 bytes of data; needed 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "found 4 bytes of data; needed 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "needed 0, where")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "needed 8, where")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "needed 12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "bytes 8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "an integer from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}""", 8, "needed 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}}""", 8, "an integer from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.5]}}""", 8, "an integer from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "two: the first byte and the end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "sizes from 0 to 2^31 - 1")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647,4],"data_offsets":[0,8]}}""", 8, "ReadLimits.Elements")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "ReadLimits.Rank")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}""", 2, "the type F8_E4M3")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "a without all of its fields")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "'dtype' in a")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"code":"x"}}""", 4, "'code' in a")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "a second a")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "a second a")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "needed a string")]
    [InlineData("""{"__metadata__":{"k":"v","k":"v"}}""", 0, "a second k")]
    [InlineData("""{"\ud800":{}}""", 0, "not Unicode")]
    [InlineData("""{"a":[[[[[[[[]]]]]]]]}""", 0, "an object that describes a")]
    [InlineData("""{"a":""", 0, "not JSON")]
    [InlineData("""{} x""", 0, "not JSON")]
    [InlineData("""[]""", 0, "no opening brace")]
    [InlineData("", 0, "no opening brace")]
    public void A_header_that_does_not_describe_the_file_is_refused(string header, int dataBytes, string message)
    {
        var error = Assert.Throws<FileFormatException>(() => Parse(header, dataBytes));
        Assert.Contains(message, error.Message);
        Assert.StartsWith("(stream), byte ", error.Message);
    }

    [Fact]
    public void An_empty_file_of_tensors_and_trailing_spaces_are_allowed()
    {
        Assert.Empty(Parse("{}", 0).Tensors);
        Assert.Empty(Parse("{}      ", 0).Tensors);
    }

    [Fact]
    public void Every_limit_is_held()
    {
        const string two = """{"aa":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"bb":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""";
        Assert.Equal(2, Parse(two, 8).Tensors.Count);
        foreach (ReadLimits limits in new[]
        {
            ReadLimits.Default with { Tensors = 1 }, ReadLimits.Default with { NameLength = 1 }, ReadLimits.Default with { Rank = 0 },
            ReadLimits.Default with { Elements = 0 }, ReadLimits.Default with { FileBytes = 20 }, ReadLimits.Default with { HeaderBytes = 20 },
        })
        {
            Assert.Contains("ReadLimits", Assert.Throws<FileFormatException>(() => Parse(two, 8, limits)).Message);
        }
    }

    [Theory, InlineData(ulong.MaxValue), InlineData(1UL << 63), InlineData(99_999_999UL), InlineData(100_000_001UL)]
    public void A_huge_header_length_takes_no_memory(ulong length)
    {
        MemoryStream stream = new([.. BitConverter.GetBytes(length), (byte)'{', (byte)'}']);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<FileFormatException>(() => Safetensors.Read(stream));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_name_given_twice_is_refused_before_anything_is_written()
    {
        string path = Path.Combine(folder, "x.safetensors");
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() =>
            Safetensors.Write(path, [new("a", Tensor.Ones([1]))], [new("a", IntTensor.Of(1))])).Message);
        Assert.Throws<ArgumentException>(() => Safetensors.Write(path, [new("__metadata__", Tensor.Ones([1]))]));
        Assert.Empty(Directory.GetFiles(folder));
    }
}
