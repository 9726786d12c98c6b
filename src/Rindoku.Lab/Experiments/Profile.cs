namespace Rindoku.Lab;

/// <summary>At what size an experiment is carried out.</summary>
public enum Profile
{
    /// <summary>Embedded or procedural data, under 60 seconds on 2 cores.</summary>
    Quick,

    /// <summary>Real data, under 15 minutes on 2 cores.</summary>
    Full,

    /// <summary>The paper's own sizes, schedule and data.</summary>
    Paper,
}

/// <summary>Names of profiles.</summary>
public static class Profiles
{
    /// <summary>The names, as the command line takes them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["quick", "full", "paper"];

    /// <summary>The name of a profile.</summary>
    public static string Name(this Profile profile) => Names[(int)profile];

    /// <summary>The profile of a name.</summary>
    /// <exception cref="LabException">There is none of that name.</exception>
    public static Profile Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        for (int i = 0; i < Names.Count; i++)
            if (Names[i].Equals(name, StringComparison.OrdinalIgnoreCase)) return (Profile)i;
        throw new LabException(Suggest.Unknown("profile", name, Names));
    }
}
