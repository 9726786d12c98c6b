namespace Rindoku.Lab;

/// <summary>Finds the name that a misspelt one was meant to be.</summary>
public static class Suggest
{
    /// <summary>The nearest of some names, or null when none is near: at most a third of the letters may differ, and always two.</summary>
    /// <param name="given">What was written.</param>
    /// <param name="known">The names there are.</param>
    public static string? Nearest(string given, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(given);
        ArgumentNullException.ThrowIfNull(known);
        string wanted = given.ToLowerInvariant();
        return known.Select(name => (Name: name, Distance: Distance(wanted, name.ToLowerInvariant())))
            .Where(c => c.Distance <= Math.Max(2, Math.Max(c.Name.Length, given.Length) / 3))
            .OrderBy(c => c.Distance).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => c.Name).FirstOrDefault();
    }

    /// <summary>The sentence for an unknown name: what was given, the nearest name, and all names.</summary>
    /// <param name="kind">What kind of name it is: <c>arm</c>, <c>setting</c>.</param>
    /// <param name="given">What was written.</param>
    /// <param name="known">The names there are.</param>
    public static string Unknown(string kind, string given, IEnumerable<string> known)
    {
        string[] names = [.. known];
        string nearest = Nearest(given, names) is { } name ? $" Did you mean '{name}'?" : "";
        return $"There is no {kind} '{given}'.{nearest} Known: {string.Join(", ", names)}.";
    }

    // Edits (insert, delete, replace, swap of neighbours) from one word to the other: "optimal string alignment".
    internal static int Distance(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
