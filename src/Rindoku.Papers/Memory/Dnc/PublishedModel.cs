using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>Trained computers that others published: the copy models of Mostafa Samir's DNC-tensorflow (MIT).</summary>
/// <remarks>
/// Two ReLU layers (16 → 128 → 256) drive a memory of width 10 with one read head; there are no biases after them. Memory and weightings start at 1e-6.
/// A file is a checkpoint of TensorFlow, version 1: a table whose values are protocol buffers, of which only the tensors are looked for.
/// </remarks>
public static class PublishedModel
{
    /// <summary>Width of input and output: five bits, and the mark that ends the input.</summary>
    public const int Channels = 6;

    private const int MemoryWidth = 10, Hidden = 128, Outputs = 256, Floats = 49_084;

    /// <summary>The names of the files, as <c>model-</c>NAME<c>.ckpt</c>: trained on four copy problems one after the other, on two, and on one of up to ten vectors.</summary>
    public static IReadOnlyList<string> Names { get; } = ["series-4", "series-2", "single-10"];

    /// <summary>A model out of the data folder.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="rows">Rows of the memory, N; trained were 10 for the series and 15 for <c>single-10</c>.</param>
    /// <param name="memory">Changes the choices about the memory, or null.</param>
    /// <param name="lesion">Changes what the memory is told, or null.</param>
    /// <exception cref="DataException">The data set <c>dnc-copy</c> is not there.</exception>
    /// <exception cref="FileFormatException">The file is damaged.</exception>
    public static Dnc Load(DataDirectory data, string name, int rows, Func<MemoryOptions, MemoryOptions>? memory = null, Func<MemoryInterface, MemoryInterface>? lesion = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataFile file = data.Require(DataCatalogue.Find("dnc-copy")).Files.Single(f => f.Path.EndsWith($"/model-{name}.ckpt", StringComparison.Ordinal));
        string path = data.PathOf(file);
        byte[] bytes = File.ReadAllBytes(path);
        string found = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (found != file.Sha256) throw new FileFormatException(path, 0, $"SHA-256 {found}", $"{file.Sha256}: the file is damaged; get it again");
        return FromCheckpoint(bytes, path, rows, memory, lesion);
    }

    internal static Dnc FromCheckpoint(byte[] bytes, string source, int rows, Func<MemoryOptions, MemoryOptions>? memory = null, Func<MemoryInterface, MemoryInterface>? lesion = null)
    {
        MemoryOptions options = new() { Start = 1e-6f, Epsilon = 1e-12f };
        Rng unused = new(0);
        Dnc model = new(Channels, new MemorySize(rows, MemoryWidth, 1), new FeedForwardController(Channels + MemoryWidth, Hidden, Outputs, unused), unused)
        {
            Memory = memory is null ? options : memory(options),
            Lesion = lesion,
        };
        float[] Read(string variable, int length) => Variable(bytes, source, variable, length);
        float[] ofHidden = Read("controller/nn_output_weights", Outputs * Channels), ofReads = Read("controller/mem_output_weights", MemoryWidth * Channels);
        model.Load(new Dictionary<string, Tensor>
        {
            ["controller.first.weight"] = Transposed(Read("controller/layer1_W", (Channels + MemoryWidth) * Hidden), Hidden),
            ["controller.first.bias"] = Tensor.Own(Read("controller/layer1_b", Hidden), [Hidden]),
            ["controller.second.weight"] = Transposed(Read("controller/layer2_W", Hidden * Outputs), Outputs),
            ["controller.second.bias"] = Tensor.Own(Read("controller/layer2_b", Outputs), [Outputs]),
            ["interface.weight"] = Transposed(Read("controller/interface_weights", Outputs * model.Size.InterfaceLength), model.Size.InterfaceLength),
            ["output.weight"] = Transposed([.. ofHidden, .. ofReads], Channels), // (In, Out): the rows of both, one below the other
        });
        if (model.ParameterCount != Floats) throw new FileFormatException($"{source}: {model.ParameterCount} weights; needed {Floats}");
        model.Eval();
        return model;
    }

    // TensorFlow's matrices are (In, Out), ours (Out, In).
    private static Tensor Transposed(float[] values, int outputs)
    {
        int inputs = values.Length / outputs;
        return Tensor.Generate([outputs, inputs], i => values[i % inputs * outputs + i / inputs]);
    }

    /// <summary>The numbers of a variable.</summary>
    /// <remarks>
    /// A SavedSlice holds: field 1 (tag 0x0A) the name, field 2 (0x12) which part of the variable it is, field 3 (0x1A) a TensorProto, in which field 5 (0x2A)
    /// holds packed floats. The list of all variables has the same beginning, but another field 3.
    /// </remarks>
    private static float[] Variable(byte[] bytes, string source, string variable, int length)
    {
        byte[] start = [0x0A, (byte)variable.Length, .. Encoding.ASCII.GetBytes(variable), 0x12];
        for (int from = 0; bytes.AsSpan(from).IndexOf(start) is int at and >= 0; from += at + 1)
        {
            int place = from + at + start.Length;
            if (Skipped(bytes, place) is not { } after || after >= bytes.Length || bytes[after] != 0x1A) continue;
            if (Field(bytes, after, 0x1A) is { } proto && Packed(proto) is { } floats && floats.Length == 4 * length)
                return [.. Enumerable.Range(0, length).Select(i => BinaryPrimitives.ReadSingleLittleEndian(floats.AsSpan(4 * i)))];
        }
        throw new FileFormatException($"{source}: found no variable {variable} of {length} numbers; needed a checkpoint of TensorFlow, version 1");
    }

    // Field 5 among the fields of a TensorProto; the fields before it are a number (its type) and a block (its shape).
    private static byte[]? Packed(byte[] proto)
    {
        for (int place = 0; place < proto.Length;)
        {
            if (proto[place] == 0x2A) return Field(proto, place, 0x2A);
            bool block = (proto[place] & 7) == 2;
            int? after = block ? Skipped(proto, place + 1) : Varint(proto, place + 1)?.After;
            if (after is not { } next) return null;
            place = next;
        }
        return null;
    }

    private static byte[]? Field(byte[] bytes, int place, byte tag) =>
        bytes[place] == tag && Varint(bytes, place + 1) is { } length && length.Value <= bytes.Length - length.After
            ? bytes[length.After..(length.After + (int)length.Value)] : null;

    // Where the block ends whose length stands at a place.
    private static int? Skipped(byte[] bytes, int place) =>
        Varint(bytes, place) is { } length && length.Value <= bytes.Length - length.After ? length.After + (int)length.Value : null;

    private static (long Value, int After)? Varint(byte[] bytes, int place)
    {
        long value = 0;
        for (int shift = 0; shift < 35 && place < bytes.Length; shift += 7)
        {
            byte part = bytes[place++];
            value |= (long)(part & 0x7F) << shift;
            if (part < 0x80) return (value, place);
        }
        return null;
    }
}
