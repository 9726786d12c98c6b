using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Lab.Data;

namespace Rindoku.Lab.Tests.Data;

public sealed class CsvTableTests
{
    private const string Flowers = "length,width,kind,note\n1.5,2,iris,\"a, b\"\n-3e2,,rose,\"say \"\"hi\"\"\nagain\"\n0,?,iris,\n";

    private static CsvTable Parse(string text, ReadLimits? limits = null) => CsvTable.Parse(text, "flowers.csv", limits: limits);

    private static string Refusal(Func<object> work) => Assert.Throws<FileFormatException>(work).Message;

    [Fact]
    public void Columns_are_read_by_name_with_quotes_as_the_standard_has_them()
    {
        CsvTable table = Parse(Flowers);
        Assert.Equal(["length", "width", "kind", "note"], table.ColumnNames);
        Assert.Equal(3, table.RowCount);
        Assert.Equal(["a, b", "say \"hi\"\nagain", ""], table["note"]);
        Assert.Equal([1.5f, -300, 0], table.Numbers("length"));
        Assert.Contains("no column 'colour'. It has: length, width, kind, note", Refusal(() => table["colour"]));
    }

    [Fact]
    public void Missing_numbers_are_replaced_or_refused_with_their_line()
    {
        CsvTable table = Parse(Flowers);
        Assert.Equal([2f, -1, -1], table.Numbers("width", missing: -1));
        Assert.Contains("line 3", Refusal(() => table.Numbers("width")));
        Assert.Contains("line 2 of the table: found 'iris' in column 'kind'; needed a number", Refusal(() => table.Numbers("kind", missing: 0)));
    }

    [Fact]
    public void A_table_becomes_a_classification_set()
    {
        LabelledSet set = Parse(Flowers).ToLabelledSet("kind", ["width", "length"], missing: 0);
        Assert.Equal([3, 2], set.Inputs.Shape);
        Assert.Equal([2f, 1.5f, 0, -300, 0, 0], set.Inputs.ToArray());
        Assert.Equal(["iris", "rose"], set.ClassNames);
        Assert.Equal([0, 1, 0], set.Labels.ToArray());
    }

    [Theory]
    [InlineData("", "a header line")]
    [InlineData("a,a\n1,2\n", "column 'a' twice")]
    [InlineData("a,b\n1,2\n3\n", "line 3 of the table: found 1 fields")]
    [InlineData("a,b\n1,2,3\n", "found 3 fields; needed 2")]
    [InlineData("a,b\n1,\"2\n", "quote")]
    [InlineData("a,b\n1,x\"2\"\n", "quote")]
    public void A_table_that_is_not_one_is_refused_with_the_place(string text, string expected)
    {
        string message = Refusal(() => Parse(text));
        Assert.Contains(expected, message);
        Assert.StartsWith("flowers.csv", message);
    }

    [Fact]
    public void A_table_cut_off_at_any_byte_is_refused_or_a_shorter_table()
    {
        for (int length = 0; length < Flowers.Length; length++)
        {
            try
            {
                Assert.InRange(Parse(Flowers[..length]).RowCount, 0, 3);
            }
            catch (FileFormatException error)
            {
                Assert.StartsWith("flowers.csv", error.Message);
            }
        }
        Assert.Throws<FileFormatException>(() => Parse(Flowers[..^3]));
    }

    [Fact]
    public void Limits_hold()
    {
        Assert.Contains("ReadLimits.Elements", Refusal(() => Parse(Flowers, ReadLimits.Default with { Elements = 11 })));
        Assert.Equal(3, Parse(Flowers, ReadLimits.Default with { Elements = 12 }).RowCount);
        Assert.Contains("ReadLimits.Tensors", Refusal(() => Parse(Flowers, ReadLimits.Default with { Tensors = 3 })));
        Assert.Contains("ReadLimits.NameLength", Refusal(() => Parse(Flowers, ReadLimits.Default with { NameLength = 5 })));
        Assert.Throws<FileFormatException>(() => Parse("a\n\"" + new string('x', 2_000_000) + "\"\n"));
    }

    [Fact]
    public void A_file_is_read_packed_or_plain_with_other_delimiters()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "a;b\r\n1;2\r\n");
            Assert.Equal([2f], CsvTable.Read(path, ";").Numbers("b"));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
