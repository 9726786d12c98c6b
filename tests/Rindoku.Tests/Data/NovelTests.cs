using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class NovelTests
{
    [Fact]
    public void The_embedded_text_is_what_its_documentation_says()
    {
        string text = Novel.Load();
        Assert.Equal(431_920, text.Length);
        Assert.All(text, c => Assert.True(c is '\n' or >= ' ' and <= '~'));
        Assert.StartsWith("CHAPTER 1\n\nNo one who had ever seen Catherine Morland in her infancy", text, StringComparison.Ordinal);
        Assert.Equal(31, text.Split("\n\n").Count(paragraph => paragraph.StartsWith("CHAPTER ", StringComparison.Ordinal)));
        Assert.DoesNotContain("\n\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Signet", text, StringComparison.Ordinal);
    }
}
