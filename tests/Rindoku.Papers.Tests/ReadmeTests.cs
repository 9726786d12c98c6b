using Rindoku.Papers.Tests.Cli;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests;

/// <summary>What README.md says is what the program and the examples say.</summary>
public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Golden.RepositoryRoot(), "README.md")).ReplaceLineEndings("\n");

    [Fact]
    public async Task The_table_of_papers_is_the_catalogues_own()
    {
        using Program program = new();
        Ended list = await program.Run("list", "--markdown");
        string table = Between("<!-- papers: `rindoku list --markdown` writes this table -->\n\n", "\n\n<!-- end of papers -->");
        Assert.Equal(list.Output.ReplaceLineEndings("\n").TrimEnd(), table);
    }

    [Fact]
    public void Its_snippet_is_an_example_that_runs()
    {
        string snippet = Between("```csharp\n", "```");
        string example = File.ReadAllText(Path.Combine(Golden.RepositoryRoot(), "examples", "train-digits.cs")).ReplaceLineEndings("\n");
        Assert.Contains(snippet, example, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_pictures_and_pages_exist()
    {
        string[] missing = [.. Readme.Split("](").Skip(1).Select(rest => rest[..rest.IndexOf(')', StringComparison.Ordinal)])
            .Where(link => !link.StartsWith("http", StringComparison.Ordinal) && !File.Exists(Path.Combine(Golden.RepositoryRoot(), link)))];
        Assert.Empty(missing);
    }

    private static string Between(string start, string end)
    {
        int from = Readme.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, $"README.md lacks {start}");
        from += start.Length;
        return Readme[from..Readme.IndexOf(end, from, StringComparison.Ordinal)];
    }
}
