using System.Text;

namespace Rindoku.Nn;

/// <summary>Thrown when a checkpoint does not belong to the module or optimizer that it is loaded into.</summary>
public sealed class StateException : Exception
{
    /// <summary>An exception with a general message.</summary>
    public StateException() : base("The state does not fit.") { }

    /// <summary>An exception with the given message.</summary>
    public StateException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public StateException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Throws if names are missing or left over or shapes differ, with a list of all of them (the first ten of each kind).</summary>
    internal static void ThrowIfDifferent(string owner, IReadOnlyDictionary<string, Tensor> needed, IReadOnlyDictionary<string, Tensor> given)
    {
        string[] missing = [.. needed.Keys.Where(name => !given.ContainsKey(name))];
        string[] extra = [.. given.Keys.Where(name => !needed.ContainsKey(name))];
        string[] misshapen = [.. needed.Where(n => given.TryGetValue(n.Key, out Tensor? t) && t.Shape != n.Value.Shape)
            .Select(n => $"{n.Key} is {given[n.Key].Shape}, needed {n.Value.Shape}")];
        if (missing.Length + extra.Length + misshapen.Length == 0) return;

        StringBuilder message = new($"{owner}: the state belongs to another model.");
        Append(message, "missing", missing);
        Append(message, "not known", extra);
        Append(message, "of another shape", misshapen);
        throw new StateException(message.ToString());
    }

    private static void Append(StringBuilder message, string kind, string[] names)
    {
        const int most = 10;
        if (names.Length == 0) return;
        message.Append(' ').Append(names.Length).Append(' ').Append(kind).Append(": ").AppendJoin(", ", names.Take(most));
        if (names.Length > most) message.Append(", ...");
        message.Append('.');
    }
}
