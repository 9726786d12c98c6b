using System.Text.Json;

namespace Rindoku.IO;

/// <summary>The header of a safetensors file, parsed and found to describe exactly the bytes that follow it.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>
    /// An array, where it lies from the end of the header, and where its entry (<paramref name="Place"/>) stands in the file.
    /// </summary>
    public readonly record struct Entry(string Name, ElementType Type, Shape Shape, long Begin, long End, long Place);

    // The length of the header comes before it: eight bytes.
    private const int Start = 8;

    private readonly FormatReader source;
    private readonly List<Entry> entries = [];
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(FormatReader source) => this.source = source;

    /// <summary>The arrays in the order in which their bytes lie in the file.</summary>
    public IReadOnlyList<Entry> Entries => entries;

    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Reads the length and the header; the source then stands at the first array.</summary>
    public static SafetensorsHeader Read(FormatReader source)
    {
        ulong length = source.ReadUInt64("the header's length");
        source.RequireWithin((long)Math.Min(length, long.MaxValue), source.Limits.HeaderBytes, 0, "bytes of header");
        byte[] json = source.ReadBytes((long)length, "header");
        if (json.Length == 0 || json[0] != (byte)'{') throw source.Error(Start, "no opening brace", "a JSON object");

        SafetensorsHeader header = new(source);
        header.Parse(json);
        header.RequireTiling(source.Remaining);
        return header;
    }

    private void Parse(byte[] json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 4 });
        try
        {
            HashSet<string> names = new(StringComparer.Ordinal);
            reader.Read();
            while (NextName(ref reader) is { } name)
            {
                if (!names.Add(name)) throw Error(reader, $"a second {name}", "each name once");
                if (name == "__metadata__") ParseMetadata(ref reader);
                else ParseEntry(ref reader, name);
            }
            reader.Read();
        }
        catch (JsonException error)
        {
            throw source.Error(Start + reader.BytesConsumed, "what is not JSON", "the header as a JSON object", error);
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "an object of strings");
        while (NextName(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, "a string");
            source.RequireWithin(metadata.Count + 1, source.Limits.Tensors, Start + reader.TokenStartIndex, "or more strings");
            if (!metadata.TryAdd(key, Text(ref reader))) throw Error(reader, $"a second {key}", "each key once");
        }
    }

    private void ParseEntry(ref Utf8JsonReader reader, string name)
    {
        long place = Start + reader.TokenStartIndex;
        source.RequireWithin(entries.Count + 1, source.Limits.Tensors, place, "or more tensors");
        ElementType? type = null;
        Shape? shape = null;
        (long Begin, long End)? span = null;

        Expect(ref reader, JsonTokenType.StartObject, $"an object that describes {name}");
        while (NextName(ref reader) is { } key)
        {
            switch (key)
            {
                case "dtype" when type is null: type = ParseType(ref reader); break;
                case "shape" when shape is null: shape = ParseShape(ref reader); break;
                case "data_offsets" when span is null: span = ParseSpan(ref reader); break;
                default: throw Error(reader, $"'{key}' in {name}", "dtype, shape and data_offsets, each once");
            }
        }
        if (type is not { } t || shape is not { } s || span is not { } at)
            throw source.Error(place, $"{name} without all of its fields", "dtype, shape and data_offsets");

        long bytes = s.Length * (long)t.Size();
        if (at.Begin < 0 || at.End < at.Begin || at.End - at.Begin != bytes)
            throw source.Error(place, $"{name} at bytes {at.Begin} to {at.End}", $"{bytes} bytes for {t} of shape {s}");
        entries.Add(new Entry(name, t, s, at.Begin, at.End, place));
    }

    private ElementType ParseType(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String, "a type's name");
        string name = Text(ref reader);
        return name switch
        {
            "F64" => ElementType.F64,
            "F32" => ElementType.F32,
            "F16" => ElementType.F16,
            "BF16" => ElementType.BF16,
            "I64" => ElementType.I64,
            "U64" => ElementType.U64,
            "I32" => ElementType.I32,
            "U32" => ElementType.U32,
            "I16" => ElementType.I16,
            "U16" => ElementType.U16,
            "I8" => ElementType.I8,
            "U8" => ElementType.U8,
            "BOOL" => ElementType.Bool,
            _ => throw Error(reader, $"the type {name}", "F64, F32, F16, BF16, I64, U64, I32, U32, I16, U16, I8, U8 or BOOL"),
        };
    }

    private Shape ParseShape(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartArray, "an array of sizes");
        List<long> sizes = [];
        while (NextInteger(ref reader) is { } size)
        {
            sizes.Add(size);
            source.RequireWithin(sizes.Count, source.Limits.Rank, Start + reader.TokenStartIndex, "or more axes");
        }
        return FormatShape.Make(source, Start + reader.TokenStartIndex, sizes);
    }

    private (long Begin, long End) ParseSpan(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartArray, "the first byte and the end");
        if (NextInteger(ref reader) is not { } begin || NextInteger(ref reader) is not { } end || NextInteger(ref reader) is not null)
            throw Error(reader, "another number of offsets", "two: the first byte and the end");
        return (begin, end);
    }

    /// <summary>The arrays must lie one after the other and fill the file: no holes, no overlaps, nothing missing, nothing left.</summary>
    private void RequireTiling(long dataBytes)
    {
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        long end = 0;
        foreach (Entry entry in entries)
        {
            if (entry.Begin != end)
                throw source.Error(entry.Place,
                    $"{entry.Name} starting at data byte {entry.Begin}", $"{end}, where the array before it ends");
            end = entry.End;
        }
        if (end != dataBytes) throw source.Error(source.Position, $"{dataBytes} bytes of data", $"{end}, as the header says");
    }

    private string? NextName(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject) return null;
        string name = Text(ref reader);
        source.RequireWithin(name.Length, source.Limits.NameLength, Start + reader.TokenStartIndex, "characters in a name");
        return name;
    }

    private long? NextInteger(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndArray) return null;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value) || value < 0)
            throw Error(reader, "something else", "an integer from 0 to 2^63 - 1");
        return value;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string needed)
    {
        reader.Read();
        if (reader.TokenType != type) throw Error(reader, $"JSON {reader.TokenType}", needed);
    }

    private string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw source.Error(Start + reader.TokenStartIndex, "text that is not Unicode", "UTF-8", error);
        }
    }

    private FileFormatException Error(in Utf8JsonReader reader, string found, string needed) =>
        source.Error(Start + reader.TokenStartIndex, found, needed);
}
