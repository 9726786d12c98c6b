using System.IO.Compression;
using System.Text;

namespace Rindoku.Data;

/// <summary>The text that comes with the library: Jane Austen's novel Northanger Abbey (1817), 431,920 characters, all of them ASCII.</summary>
/// <remarks>
/// One paragraph a line, an empty line between two. The text is in the public domain; it is that of Project Gutenberg as the Debian package
/// r-cran-janeaustenr (MIT) has it, without title page and publisher's note.
/// </remarks>
public static class Novel
{
    /// <summary>The whole text, with LF line ends.</summary>
    public static string Load()
    {
        using Stream resource = typeof(Novel).Assembly.GetManifestResourceStream("novel.txt.gz")
            ?? throw new InvalidOperationException("Novel: the resource novel.txt.gz is missing from the assembly");
        using StreamReader text = new(new GZipStream(resource, CompressionMode.Decompress), Encoding.UTF8);
        return text.ReadToEnd();
    }
}
