using System.Globalization;
using System.Text;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>The text form of a vocabulary: a head with the number of lines to come, then kind, count and word of each, with tabs between.</summary>
internal static class VocabularyFile
{
    private const string Head = "rindoku vocabulary 1";

    public static void Write(Vocabulary vocabulary, string path)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Head}\t{vocabulary.Count}\n");
        for (int id = 0; id < vocabulary.Count; id++)
            text.Append(CultureInfo.InvariantCulture, $"{KindOf(vocabulary, id)}\t{vocabulary.CountOf(id)}\t{Escape(vocabulary.Word(id))}\n");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public static Vocabulary Read(string path)
    {
        string text = TextFile.Read(path);
        if (!text.EndsWith('\n')) throw new FileFormatException($"{path}: the last line has no end: the file was cut short");
        string[] lines = text[..^1].Split('\n');
        string[] head = lines[0].Split('\t');
        if (head[0] != Head || head.Length != 2 || !int.TryParse(head[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            throw Damaged(path, 0, $"'{Shortened(lines[0])}'", $"'{Head}', a tab and the number of words");
        if (lines.Length != count + 1L) throw new FileFormatException($"{path}: found {lines.Length - 1} words; the first line says {count}");

        SpecialSymbols symbols = new();
        List<KeyValuePair<string, long>> words = [];
        for (int i = 1; i < lines.Length; i++)
        {
            string[] fields = lines[i].Split('\t');
            if (fields.Length != 3) throw Damaged(path, i, $"{fields.Length} fields", "kind, count and word with tabs between");
            if (!long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out long seen)) throw Damaged(path, i, $"the count '{Shortened(fields[1])}'", "a number from 0");
            string word = Unescape(fields[2]) is { Length: > 0 } plain ? plain : throw Damaged(path, i, $"the word '{Shortened(fields[2])}'", "at least one character, with \\ only as in \\\\ \\t \\n \\r \\uD83D");
            symbols = fields[0] switch
            {
                "padding" => symbols with { Padding = word },
                "unknown" => symbols with { Unknown = word },
                "begin" => symbols with { Begin = word },
                "end" => symbols with { End = word },
                "symbol" => symbols with { Others = [.. symbols.Others, word] },
                "word" => symbols,
                _ => throw Damaged(path, i, $"the kind '{Shortened(fields[0])}'", "padding, unknown, begin, end, symbol or word"),
            };
            words.Add(KeyValuePair.Create(word, seen));
        }
        return Assemble(path, words, symbols);
    }

    private static Vocabulary Assemble(string path, List<KeyValuePair<string, long>> words, SpecialSymbols symbols)
    {
        try
        {
            Vocabulary vocabulary = new(words, symbols);
            // Ids are line numbers: a symbol that is not in its place would have moved all others.
            for (int id = 0; id < words.Count; id++)
                if (vocabulary.Word(id) != words[id].Key) throw Damaged(path, id + 1, $"'{Shortened(words[id].Key)}'", "symbols before words, in the order padding, unknown, begin, end, others");
            return vocabulary;
        }
        catch (Exception error) when (error is ArgumentException)
        {
            throw new FileFormatException($"{path}: {error.Message}", error);
        }
    }

    private static string KindOf(Vocabulary vocabulary, int id)
    {
        if (!vocabulary.IsSymbol(id)) return "word";
        SpecialSymbols symbols = vocabulary.Symbols;
        string word = vocabulary.Word(id);
        return word == symbols.Padding ? "padding" : word == symbols.Unknown ? "unknown" : word == symbols.Begin ? "begin" : word == symbols.End ? "end" : "symbol";
    }

    private static string Escape(string word)
    {
        StringBuilder escaped = new();
        for (int i = 0; i < word.Length; i++)
        {
            bool lone = char.IsSurrogate(word[i]) && !(i + 1 < word.Length && char.IsSurrogatePair(word, i)) && !(i > 0 && char.IsSurrogatePair(word, i - 1));
            _ = (word[i], lone) switch
            {
                ('\\', _) => escaped.Append(@"\\"),
                ('\t', _) => escaped.Append(@"\t"),
                ('\n', _) => escaped.Append(@"\n"),
                ('\r', _) => escaped.Append(@"\r"),
                (_, true) => escaped.Append(CultureInfo.InvariantCulture, $@"\u{(int)word[i]:X4}"),
                _ => escaped.Append(word[i]),
            };
        }
        return escaped.ToString();
    }

    /// <summary>The word that was escaped; empty if that is not a word.</summary>
    private static string Unescape(string escaped)
    {
        StringBuilder word = new();
        for (int i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                word.Append(escaped[i]);
                continue;
            }
            i++;
            if (i + 4 < escaped.Length && escaped[i] == 'u' && ushort.TryParse(escaped.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit))
            {
                word.Append((char)unit);
                i += 4;
                continue;
            }
            int which = i < escaped.Length ? @"\tnr".IndexOf(escaped[i], StringComparison.Ordinal) : -1;
            if (which < 0) return "";
            word.Append("\\\t\n\r"[which]);
        }
        return word.ToString();
    }

    private static FileFormatException Damaged(string path, int line, string found, string needed) =>
        new($"{path}, line {line + 1}: found {found}; needed {needed}");

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
