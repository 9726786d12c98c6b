namespace Rindoku.IO;

/// <summary>
/// Reads the little of Python's notation that npy headers use:
/// <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>.
/// </summary>
internal sealed class NpyHeaderParser(FormatReader source, long place, string text)
{
    private int at;

    public NpyHeader Parse()
    {
        (ElementType Type, bool BigEndian)? type = null;
        bool? columnMajor = null;
        Shape? shape = null;

        Take('{');
        while (!TryTake('}'))
        {
            int start = at;
            string key = TakeString();
            Take(':');
            switch (key)
            {
                case "descr" when type is null: type = TakeType(); break;
                case "fortran_order" when columnMajor is null: columnMajor = TakeBoolean(); break;
                case "shape" when shape is null: shape = TakeShape(); break;
                default: throw Error(start, $"the key '{key}'", "descr, fortran_order and shape, each once");
            }
            if (TryTake(',')) continue;
            Take('}');
            break;
        }
        SkipSpaces();
        if (at < text.Length) throw Error(at, "more text after the dictionary", "spaces up to the end of the header");
        if (type is not { } t || columnMajor is not { } order || shape is not { } s)
            throw Error(0, "a header without all of its keys", "descr, fortran_order and shape");
        return new NpyHeader(t.Type, t.BigEndian, order, s);
    }

    private (ElementType, bool) TakeType()
    {
        SkipSpaces();
        int start = at;
        if (at < text.Length && text[at] == '[') throw Error(at, "an array of records", "an array of numbers");
        string name = TakeString();
        if (name.Contains('O', StringComparison.Ordinal))
            throw Error(start, $"the type {name}: Python objects, which are stored as pickles and could run code", "an array of numbers");

        ElementType? type = name.Length < 3 || !"<>|=".Contains(name[0], StringComparison.Ordinal) ? null : name[1..] switch
        {
            "f2" => ElementType.F16,
            "f4" => ElementType.F32,
            "f8" => ElementType.F64,
            "b1" => ElementType.Bool,
            "i1" => ElementType.I8,
            "i2" => ElementType.I16,
            "i4" => ElementType.I32,
            "i8" => ElementType.I64,
            "u1" => ElementType.U8,
            "u2" => ElementType.U16,
            "u4" => ElementType.U32,
            "u8" => ElementType.U64,
            _ => null,
        };
        return type is { } known
            ? (known, name[0] == '>')
            : throw Error(start, $"the type {name}", "one of f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1 after <, > or |");
    }

    private Shape TakeShape()
    {
        int start = at;
        List<long> sizes = [];
        Take('(');
        while (!TryTake(')'))
        {
            sizes.Add(TakeInteger());
            source.RequireWithin(sizes.Count, source.Limits.Rank, place + at, "axes");
            if (TryTake(',')) continue;
            Take(')');
            break;
        }
        return FormatShape.Make(source, place + start, sizes);
    }

    private long TakeInteger()
    {
        SkipSpaces();
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        if (!long.TryParse(text.AsSpan(start, at - start), out long value))
            throw Error(start, Glimpse(start), "an integer from 0 to 2^63 - 1");
        // Python 2 wrote long integers with an L.
        if (at < text.Length && text[at] == 'L') at++;
        return value;
    }

    private bool TakeBoolean()
    {
        SkipSpaces();
        foreach (string word in (ReadOnlySpan<string>)["True", "False"])
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) continue;
            at += word.Length;
            return word == "True";
        }
        throw Error(at, Glimpse(at), "True or False");
    }

    private string TakeString()
    {
        SkipSpaces();
        int start = at;
        if (at >= text.Length || text[at] is not ('\'' or '"')) throw Error(at, Glimpse(at), "a string in quotes");
        int end = text.IndexOf(text[at], at + 1);
        if (end < 0 || end - at > 64)
            throw Error(start, "a string that does not end, or a long one", "descr, fortran_order, shape or a type");
        at = end + 1;
        return text[(start + 1)..end];
    }

    private void Take(char character)
    {
        if (!TryTake(character)) throw Error(at, Glimpse(at), $"'{character}'");
    }

    private bool TryTake(char character)
    {
        SkipSpaces();
        if (at >= text.Length || text[at] != character) return false;
        at++;
        return true;
    }

    private void SkipSpaces()
    {
        while (at < text.Length && text[at] is (' ' or '\n' or '\t')) at++;
    }

    private string Glimpse(int from) =>
        from < text.Length ? $"'{text.AsSpan(from, Math.Min(8, text.Length - from))}'" : "the end of the header";

    private FileFormatException Error(int at, string found, string needed) => source.Error(place + at, found, needed);
}
