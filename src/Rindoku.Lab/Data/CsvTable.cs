using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Lab.Data;

/// <summary>A table read from a CSV file with a header line: named columns of text, to be turned into numbers or classes.</summary>
/// <remarks>Fields may be quoted as RFC 4180 has it. Every record must have as many fields as the header.</remarks>
public sealed class CsvTable
{
    private const int MostFieldLength = 1 << 20;

    private readonly string source;
    private readonly Dictionary<string, string[]> columns;

    private CsvTable(string source, IReadOnlyList<string> names, List<string[]> rows)
    {
        this.source = source;
        ColumnNames = names;
        RowCount = rows.Count;
        columns = names.Select((name, column) => (name, column)).ToDictionary(c => c.name, c => rows.Select(row => row[c.column]).ToArray());
    }

    /// <summary>The names of the columns, from left to right.</summary>
    public IReadOnlyList<string> ColumnNames { get; }

    /// <summary>How many records there are, the header not counted.</summary>
    public int RowCount { get; }

    /// <summary>Reads a file in UTF-8, gzip-packed or not.</summary>
    /// <param name="path">The file.</param>
    /// <param name="delimiter">What stands between fields.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">The header is empty or names a column twice, a record has another number of fields, a quote is not closed, or a limit is passed.</exception>
    public static CsvTable Read(string path, string delimiter = ",", ReadLimits? limits = null) =>
        Parse(TextFile.Read(path, limits), path, delimiter, limits);

    /// <summary>Reads text that is in memory, such as a file from an archive.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <param name="delimiter">What stands between fields.</param>
    /// <param name="limits">How much to believe of it; <see cref="ReadLimits.Default"/> if not given.</param>
    /// <exception cref="FileFormatException">As for <see cref="Read"/>.</exception>
    public static CsvTable Parse(string text, string source, string delimiter = ",", ReadLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(delimiter);
        limits ??= ReadLimits.Default;
        using StringReader reader = new(text);
        using CsvParser parser = new(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            MaxFieldSize = MostFieldLength,
            BadDataFound = bad => throw Error(source, bad.Context.Parser?.Row ?? 0, $"a stray quote in '{Short(bad.RawRecord)}'", "fields quoted as RFC 4180 has it"),
        });
        try
        {
            string[] header = parser.Read() ? parser.Record! : [];
            CheckHeader(source, header, limits);
            List<string[]> rows = [];
            while (parser.Read())
            {
                if (parser.Count != header.Length) throw Error(source, parser.Row, $"{parser.Count} fields", $"{header.Length}, as the header has");
                if ((rows.Count + 1L) * header.Length > limits.Elements) throw Error(source, parser.Row, "still more fields", $"at most {limits.Elements} in all (ReadLimits.Elements)");
                rows.Add(parser.Record!);
            }
            CheckQuotes(source, text, rows.Count + 1);
            return new CsvTable(source, header, rows);
        }
        catch (CsvHelperException error)
        {
            throw Error(source, parser.Row, error.Message.Split('\n')[0].Trim(), "CSV", error);
        }
    }

    /// <summary>The fields of a column, as they are written.</summary>
    /// <exception cref="FileFormatException">There is no such column.</exception>
    public IReadOnlyList<string> this[string column] => columns.TryGetValue(column, out string[]? values)
        ? values
        : throw new FileFormatException($"{source} has no column '{column}'. It has: {string.Join(", ", ColumnNames)}.");

    /// <summary>A column as numbers, with a point for decimals; an empty field, or '?', is missing.</summary>
    /// <param name="column">The column.</param>
    /// <param name="missing">The number for a missing field; null refuses them.</param>
    /// <exception cref="FileFormatException">There is no such column, or a field is not a number; the message names its record.</exception>
    public float[] Numbers(string column, float? missing = null)
    {
        IReadOnlyList<string> fields = this[column];
        float[] numbers = new float[fields.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            string field = fields[i].Trim();
            if (field is "" or "?" && missing is { } replacement) numbers[i] = replacement;
            else if (!float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
                throw Error(source, i + 2, $"'{Short(field)}' in column '{column}'", "a number");
        }
        return numbers;
    }

    /// <summary>Some columns of numbers side by side.</summary>
    /// <returns>(rows, columns).</returns>
    /// <inheritdoc cref="Numbers"/>
    public Tensor Matrix(IReadOnlyList<string> columns, float? missing = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        float[] values = new float[checked(RowCount * columns.Count)];
        for (int c = 0; c < columns.Count; c++)
        {
            float[] numbers = Numbers(columns[c], missing);
            for (int row = 0; row < RowCount; row++) values[row * columns.Count + c] = numbers[row];
        }
        return Tensor.Own(values, [RowCount, columns.Count]);
    }

    /// <summary>A column as classes: each different text is one, in the order of their names.</summary>
    /// <exception cref="FileFormatException">There is no such column.</exception>
    public (IntTensor Codes, IReadOnlyList<string> Names) Classes(string column)
    {
        string[] fields = [.. this[column].Select(field => field.Trim())];
        string[] names = [.. fields.Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> codes = names.Select((name, code) => (name, code)).ToDictionary(c => c.name, c => c.code);
        return (IntTensor.Of([.. fields.Select(field => codes[field])]), names);
    }

    /// <summary>A classification set: a column of classes, and columns of numbers as its inputs.</summary>
    /// <param name="target">The column of classes.</param>
    /// <param name="features">The columns of numbers; null for all others.</param>
    /// <param name="missing">The number for a missing field; null refuses them.</param>
    /// <returns>Inputs (rows, features).</returns>
    /// <exception cref="FileFormatException">There is no such column, or a field is not a number.</exception>
    public LabelledSet ToLabelledSet(string target, IReadOnlyList<string>? features = null, float? missing = null)
    {
        (IntTensor codes, IReadOnlyList<string> names) = Classes(target);
        return new LabelledSet(Matrix(features ?? [.. ColumnNames.Where(name => name != target)], missing), codes, names);
    }

    private static void CheckHeader(string source, string[] header, ReadLimits limits)
    {
        if (header.Length == 0) throw Error(source, 1, "nothing", "a header line with the names of the columns");
        if (header.Length > limits.Tensors) throw Error(source, 1, $"{header.Length} columns", $"at most {limits.Tensors} (ReadLimits.Tensors)");
        if (header.FirstOrDefault(name => name.Length > limits.NameLength) is { } longName)
            throw Error(source, 1, $"a name of {longName.Length} characters", $"at most {limits.NameLength} (ReadLimits.NameLength)");
        if (header.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Error(source, 1, $"column '{twice.Key}' twice", "a different name for each column");
    }

    // The parser takes a quote that is never closed as reaching to the end of the text.
    private static void CheckQuotes(string source, string text, int records)
    {
        if (text.AsSpan().Count('"') % 2 != 0) throw Error(source, records, "a quote that is not closed", "as many closing quotes as opening ones");
    }

    private static FileFormatException Error(string source, int record, string found, string needed, Exception? cause = null) =>
        new($"{source}, line {record} of the table: found {found}; needed {needed}", cause);

    private static string Short(string text)
    {
        StringBuilder line = new(text.Length > 40 ? text[..40] + "..." : text);
        return line.Replace("\r", "").Replace("\n", " ").ToString();
    }
}
