using System.Buffers.Binary;
using Rindoku.IO;
using Rindoku.Nn;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>The format of the authors' <c>compressed_SqueezeNet.net</c>: 8-bit codes and 4-bit gaps, without Huffman coding and without a checksum.</summary>
/// <remarks>
/// Little endian. A 32-bit count of entries for each layer; then layer by layer the codebook (256 floats), the bias, the code of each entry
/// in a byte, and the gaps, two in a byte, the first in the lower half. Nothing in the file says of which network it is: the reader takes the
/// shapes from one, and the file must be as long as its counts make it. Source: <c>decode.py</c> of songhan/SqueezeNet-Deep-Compression.
/// </remarks>
public static class DeepCompressionFile
{
    private const int CodebookLength = 256;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">A network of the shapes that the file is for; it is not changed.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, damaged, or of another network.</exception>
    public static CompressedNetwork Read(string path, SqueezeNet network, ReadLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        using FormatReader source = FormatReader.Open(path, limits);
        IReadOnlyList<(string Name, Conv2d Layer)> convolutions = network.Convolutions;
        int[] counts = ReadCounts(source, convolutions);
        return new CompressedNetwork([.. convolutions.Select((part, l) => ReadLayer(source, part.Name, part.Layer, counts[l]))]);
    }

    /// <summary>Writes a file that appears whole or not at all. Codebooks of fewer bits are filled up with zeros.</summary>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(string path, CompressedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        (byte[] Codes, byte[] Gaps)[] entries = [.. network.Layers.Select(layer => SparseCode.Encode(layer.Codes))];
        AtomicFile.Write(path, stream =>
        {
            foreach ((byte[] codes, _) in entries) Streams.Write(stream, codes.Length);
            for (int l = 0; l < entries.Length; l++)
            {
                CompressedLayer layer = network.Layers[l];
                Streams.Write(stream, layer.Codebook);
                Streams.Write(stream, new float[CodebookLength - layer.Codebook.Length]);
                Streams.Write(stream, layer.Bias);
                stream.Write(entries[l].Codes);
                stream.Write(Streams.Halves(entries[l].Gaps));
            }
        });
    }

    private static int[] ReadCounts(FormatReader source, IReadOnlyList<(string Name, Conv2d Layer)> convolutions)
    {
        long needed = 4L * convolutions.Count;
        int[] counts = new int[convolutions.Count];
        for (int l = 0; l < counts.Length; l++)
        {
            (string name, Conv2d layer) = convolutions[l];
            long place = source.Position, count = Streams.ReadUInt32(source, "the number of a layer's weights");
            if (count > layer.Weight.Length)
                throw source.Error(place, $"{count} weights of {name}", $"at most {layer.Weight.Length}: the file is of another network, or damaged");
            counts[l] = (int)count;
            needed += 4L * CodebookLength + 4L * layer.Outputs + count + (count + 1) / 2;
        }
        if (source.Length != needed)
            throw source.Error(source.Position, $"a file of {source.Length} bytes", $"{needed}, by its counts: the file is truncated, damaged, or of another network");
        return counts;
    }

    private static CompressedLayer ReadLayer(FormatReader source, string name, Conv2d layer, int count)
    {
        float[] codebook = Streams.ReadFloats(source, CodebookLength, $"the codebook of {name}");
        if (codebook[0] != 0) throw source.Error(source.Position - 4L * CodebookLength, $"{codebook[0]} as first number of the codebook of {name}", "0, the value of pruned weights");
        float[] bias = Streams.ReadFloats(source, layer.Outputs, $"the bias of {name}");
        byte[] codes = source.ReadBytes(count, $"the codes of {name}");
        byte[] gaps = Streams.FromHalves(source.ReadBytes((count + 1) / 2, $"the gaps of {name}"), count);
        return new CompressedLayer(name, layer.Weight.Shape, codebook, SparseCode.Decode(codes, gaps, layer.Weight.Length, source), bias);
    }
}

/// <summary>Deep compression to its end: the streams of codes and gaps in Huffman codes of their own for each layer, with a checksum over all.</summary>
/// <remarks>
/// Little endian: the mark <c>RNDKDC01</c>, the number of layers; for each layer bits of a code, entries, codebook without its first number,
/// bias, half a byte for the length of each code's and each gap's word, and both streams, each after its length; at the end a CRC-32 of all before.
/// Source: arXiv:1510.00149, §4; the container is this library's, for the authors published none.
/// </remarks>
public static class HuffmanFile
{
    private static ReadOnlySpan<byte> Mark => "RNDKDC01"u8;

    /// <summary>Whether a file begins with this format's mark.</summary>
    public static bool IsOne(string path)
    {
        using FormatReader source = FormatReader.Open(path, null);
        return source.Length >= Mark.Length && source.ReadBytes(Mark.Length, "a mark").AsSpan().SequenceEqual(Mark);
    }

    /// <summary>The bytes of a network.</summary>
    public static byte[] ToBytes(CompressedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using MemoryStream stream = new();
        stream.Write(Mark);
        Streams.Write(stream, network.Layers.Count);
        foreach (CompressedLayer layer in network.Layers) Write(stream, layer);
        Streams.Write(stream, (int)Crc32.Update(0, stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>The bytes of the Huffman-coded streams and of all that is not coded, without the tables of the codes, marks and lengths.</summary>
    public static long BytesWithoutTables(CompressedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return 4L * network.Layers.Count + network.Layers.Sum(layer =>
        {
            (byte[] codes, byte[] gaps) = SparseCode.Encode(layer.Codes);
            return 4L * (layer.Codebook.Length + layer.Bias.Length)
                + (HuffmanCode.For(codes, layer.Codebook.Length).BitsOf(codes) + 7) / 8 + (HuffmanCode.For(gaps, SparseCode.MostZeros + 1).BitsOf(gaps) + 7) / 8;
        });
    }

    /// <summary>Writes a file that appears whole or not at all.</summary>
    /// <exception cref="IOException">The file could not be written; what was there before is unchanged.</exception>
    public static void Write(string path, CompressedNetwork network)
    {
        byte[] bytes = ToBytes(network);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">A network of the shapes that the file is for; it is not changed.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The file is truncated, damaged, or of another network.</exception>
    public static CompressedNetwork Read(string path, SqueezeNet network, ReadLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        byte[] bytes;
        using (FormatReader file = FormatReader.Open(path, limits)) bytes = file.ReadBytes(file.Length, "a compressed network");
        int content = Math.Max(0, bytes.Length - 4);
        using MemoryStream stream = new(bytes, 0, content);
        using FormatReader source = new(stream, path, content, limits ?? ReadLimits.Default);
        if (bytes.Length < Mark.Length + 8 || !source.ReadBytes(Mark.Length, "a mark").AsSpan().SequenceEqual(Mark))
            throw source.Error(0, "no mark RNDKDC01", "a network in Rindoku's Huffman container");
        uint promised = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(content)), computed = Crc32.Update(0, bytes.AsSpan(0, content));
        if (promised != computed) throw source.Error(content, $"checksum {promised:X8}", $"{computed:X8}: the file is truncated or damaged");

        IReadOnlyList<(string Name, Conv2d Layer)> convolutions = network.Convolutions;
        long layers = Streams.ReadUInt32(source, "the number of layers");
        if (layers != convolutions.Count) throw source.Error(Mark.Length, $"{layers} layers", $"{convolutions.Count}: the file is of another network");
        CompressedNetwork read = new([.. convolutions.Select(part => ReadLayer(source, part.Name, part.Layer))]);
        return source.Remaining == 0 ? read : throw source.Error(source.Position, $"{source.Remaining} more bytes", "the end: the file is of another network");
    }

    private static void Write(Stream stream, CompressedLayer layer)
    {
        (byte[] codes, byte[] gaps) = SparseCode.Encode(layer.Codes);
        HuffmanCode codeWords = HuffmanCode.For(codes, layer.Codebook.Length), gapWords = HuffmanCode.For(gaps, SparseCode.MostZeros + 1);
        stream.WriteByte((byte)layer.Bits);
        Streams.Write(stream, codes.Length);
        Streams.Write(stream, layer.Codebook.AsSpan(1));
        Streams.Write(stream, layer.Bias);
        stream.Write(Streams.Halves(codeWords.Lengths));
        stream.Write(Streams.Halves(gapWords.Lengths));
        foreach (byte[] coded in (byte[][])[codeWords.Encode(codes), gapWords.Encode(gaps)])
        {
            Streams.Write(stream, coded.Length);
            stream.Write(coded);
        }
    }

    private static CompressedLayer ReadLayer(FormatReader source, string name, Conv2d layer)
    {
        long place = source.Position;
        int bits = source.ReadBytes(1, $"the bits of {name}")[0];
        if (bits is < 1 or > 8) throw source.Error(place, $"codes of {bits} bits for {name}", "1 to 8");
        long entries = Streams.ReadUInt32(source, $"the number of weights of {name}");
        if (entries > layer.Weight.Length) throw source.Error(place + 1, $"{entries} weights of {name}", $"at most {layer.Weight.Length}: the file is of another network");
        float[] codebook = [0, .. Streams.ReadFloats(source, (1 << bits) - 1, $"the codebook of {name}")];
        float[] bias = Streams.ReadFloats(source, layer.Outputs, $"the bias of {name}");
        HuffmanCode codeWords = ReadCode(source, 1 << bits, $"the codes of {name}"), gapWords = ReadCode(source, SparseCode.MostZeros + 1, $"the gaps of {name}");
        byte[] codes = codeWords.Decode(source.ReadBytes(Streams.ReadUInt32(source, "a length"), $"the codes of {name}"), (int)entries, source);
        byte[] gaps = gapWords.Decode(source.ReadBytes(Streams.ReadUInt32(source, "a length"), $"the gaps of {name}"), (int)entries, source);
        return new CompressedLayer(name, layer.Weight.Shape, codebook, SparseCode.Decode(codes, gaps, layer.Weight.Length, source), bias);
    }

    private static HuffmanCode ReadCode(FormatReader source, int alphabet, string what)
    {
        long place = source.Position;
        byte[] lengths = Streams.FromHalves(source.ReadBytes(alphabet / 2, $"the word lengths of {what}"), alphabet);
        return HuffmanCode.FromLengths(lengths) ?? throw source.Error(place, $"word lengths of {what} that no Huffman code has", "those of a whole code");
    }
}

/// <summary>Numbers and half bytes in files.</summary>
internal static class Streams
{
    public static long ReadUInt32(FormatReader source, string what) => BinaryPrimitives.ReadUInt32LittleEndian(source.ReadBytes(4, what));

    public static float[] ReadFloats(FormatReader source, int count, string what)
    {
        long place = source.Position;
        byte[] bytes = source.ReadBytes(4L * count, what);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * i));
            if (!float.IsFinite(values[i])) throw source.Error(place + 4L * i, $"{values[i]} in {what}", "a finite number: the file is damaged, or of another network");
        }
        return values;
    }

    public static void Write(Stream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    public static void Write(Stream stream, ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        stream.Write(bytes);
    }

    /// <summary>Values below 16, two in a byte, the first in the lower half.</summary>
    public static byte[] Halves(ReadOnlySpan<byte> values)
    {
        byte[] bytes = new byte[(values.Length + 1) / 2];
        for (int i = 0; i < values.Length; i++) bytes[i / 2] |= (byte)(values[i] << (4 * (i % 2)));
        return bytes;
    }

    public static byte[] FromHalves(ReadOnlySpan<byte> bytes, int count)
    {
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) values[i] = (byte)(bytes[i / 2] >> (4 * (i % 2)) & 0xF);
        return values;
    }
}
