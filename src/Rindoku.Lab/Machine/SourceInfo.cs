namespace Rindoku.Lab;

/// <summary>Which state of the source code results come from.</summary>
public static class SourceInfo
{
    /// <summary>The git commit of the checkout that a folder lies in, 40 hex digits, or empty if it lies in none. Git need not be installed.</summary>
    /// <param name="folder">Where to start looking upwards; the folder of the running program if not given.</param>
    public static string Commit(string? folder = null)
    {
        try
        {
            for (DirectoryInfo? at = new(folder ?? AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                string path = Path.Combine(at.FullName, ".git");
                if (Directory.Exists(path)) return Head(path);
                if (File.Exists(path)) return Head(LinkedFolder(path, at.FullName)); // a worktree or submodule
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ""; // a checkout that cannot be read is no reason not to train
        }
        return "";
    }

    private static string LinkedFolder(string file, string parent)
    {
        string text = File.ReadAllText(file).Trim();
        string target = text.StartsWith("gitdir:", StringComparison.Ordinal) ? text["gitdir:".Length..].Trim() : text;
        return Path.GetFullPath(target, parent);
    }

    private static string Head(string git)
    {
        string head = ReadLine(Path.Combine(git, "HEAD"));
        if (!head.StartsWith("ref:", StringComparison.Ordinal)) return IsHash(head) ? head : "";
        string reference = head["ref:".Length..].Trim();
        string common = ReadLine(Path.Combine(git, "commondir"));
        string shared = common.Length == 0 ? git : Path.GetFullPath(common, git);
        foreach (string folder in (string[])[git, shared])
        {
            string hash = ReadLine(Path.Combine(folder, reference));
            if (IsHash(hash)) return hash;
        }
        return Packed(Path.Combine(shared, "packed-refs"), reference);
    }

    private static string Packed(string file, string reference)
    {
        if (!File.Exists(file)) return "";
        foreach (string line in File.ReadLines(file))
            if (line.EndsWith($" {reference}", StringComparison.Ordinal) && IsHash(line[..line.IndexOf(' ', StringComparison.Ordinal)]))
                return line[..line.IndexOf(' ', StringComparison.Ordinal)];
        return "";
    }

    private static string ReadLine(string file) => File.Exists(file) ? File.ReadLines(file).FirstOrDefault("").Trim() : "";

    private static bool IsHash(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigit);
}
