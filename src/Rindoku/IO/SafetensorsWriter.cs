using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rindoku.IO;

/// <summary>Lays out and writes one safetensors file.</summary>
internal sealed class SafetensorsWriter
{
    private readonly List<KeyValuePair<string, Longs>> longs;
    private readonly List<KeyValuePair<string, Tensor>> tensors;
    private readonly List<KeyValuePair<string, IntTensor>> ints;
    private readonly List<KeyValuePair<string, string>> metadata;
    private readonly byte[] header;

    public SafetensorsWriter(
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IEnumerable<KeyValuePair<string, IntTensor>>? ints,
        IEnumerable<KeyValuePair<string, Longs>>? longs,
        IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        this.tensors = [.. tensors];
        this.ints = [.. ints ?? []];
        this.longs = [.. longs ?? []];
        this.metadata = [.. metadata ?? []];
        RequireNames();
        header = Header();
    }

    public void WriteTo(Stream stream)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, array) in longs) LittleEndian.Write(stream, array.Span);
        foreach (var (_, tensor) in tensors) LittleEndian.Write(stream, tensor.Span);
        foreach (var (_, tensor) in ints) LittleEndian.Write(stream, tensor.Span);
    }

    private void RequireNames()
    {
        HashSet<string> names = new(StringComparer.Ordinal) { "__metadata__" };
        foreach (string name in longs.Select(p => p.Key).Concat(tensors.Select(p => p.Key)).Concat(ints.Select(p => p.Key)))
        {
            if (!names.Add(name))
                throw new ArgumentException($"Safetensors.Write: the name '{name}' is given twice or reserved; each array needs its own");
        }
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (var (key, _) in metadata)
        {
            if (!keys.Add(key)) throw new ArgumentException($"Safetensors.Write: the metadata key '{key}' is given twice");
        }
    }

    // The widest elements come first and the header is padded to 8 bytes, so that every array lies at a multiple of its element's
    // size and other programs can map the file into memory as it is.
    private byte[] Header()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, text) in metadata) json.WriteString(key, text);
                json.WriteEndObject();
            }
            long end = 0;
            foreach (var (name, array) in longs) end = WriteEntry(json, name, "I64", array.Shape, end, 8);
            foreach (var (name, tensor) in tensors) end = WriteEntry(json, name, "F32", tensor.Shape, end, 4);
            foreach (var (name, tensor) in ints) end = WriteEntry(json, name, "I32", tensor.Shape, end, 4);
            json.WriteEndObject();
        }
        while (bytes.Length % 8 != 0) bytes.WriteByte((byte)' ');
        return bytes.ToArray();
    }

    private static long WriteEntry(Utf8JsonWriter json, string name, string type, Shape shape, long begin, int elementBytes)
    {
        long end = begin + (long)shape.Length * elementBytes;
        json.WriteStartObject(name);
        json.WriteString("dtype", type);
        json.WriteStartArray("shape");
        foreach (int size in shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }
}
