using Rindoku.Autograd;
using Rindoku.Nn;

namespace Rindoku.Lab;

/// <summary>One part of a model in the table of its architecture.</summary>
/// <param name="Name">The part's name in the model: <c>layer1.0</c>.</param>
/// <param name="Kind">What it is: <c>Conv2d(3 → 16, kernel (3, 3), no bias)</c>.</param>
/// <param name="Output">The shape of its last noted output for one example, or null where none is noted.</param>
/// <param name="Parameters">How many numbers it learns.</param>
/// <param name="MultiplyAdds">Multiply-adds for one example.</param>
public sealed record ArchitecturePart(string Name, string Kind, Shape? Output, long Parameters, long MultiplyAdds);

/// <summary>The architecture of a live model: its parts with shapes, parameter counts and multiply-adds, found by sending a batch through it.</summary>
/// <param name="Parts">The parts, in the order in which they stand in the model.</param>
public sealed record Architecture(IReadOnlyList<ArchitecturePart> Parts)
{
    private const int MostParts = 40;

    /// <summary>All parameters.</summary>
    public long Parameters => Parts.Sum(part => part.Parameters);

    /// <summary>All multiply-adds for one example.</summary>
    public long MultiplyAdds => Parts.Sum(part => part.MultiplyAdds);

    /// <summary>Examines a model, cut as finely as forty parts allow.</summary>
    /// <param name="probe">The model with its batch.</param>
    public static Architecture Of(Probe probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        IReadOnlyList<LayerPass> passes;
        int examples;
        probe.Model.Eval();
        using (NoGrad.Enter())
        using (MemoryScope.Open())
        using (LayerTrace trace = LayerTrace.Open())
        {
            Tensor outputs = probe.Outputs();
            (passes, examples) = (trace.Passes, outputs.Rank == 0 ? 1 : outputs.Shape[0]);
        }
        ILookup<Module, LayerPass> byLayer = passes.ToLookup(pass => pass.Layer);
        return new Architecture([.. Cut(probe.Model).Select(part => Describe(part.Name, part.Module, byLayer, examples))]);
    }

    private static ArchitecturePart Describe(string name, Module module, ILookup<Module, LayerPass> passes, int examples)
    {
        LayerPass[] own = [.. module.NamedModules.SelectMany(below => passes[below.Module])];
        return new ArchitecturePart(name, KindOf(module), own.Length == 0 ? null : own[^1].Output[1..],
            module.ParameterCount, own.Sum(pass => pass.MultiplyAdds) / examples);
    }

    // A module that says nothing of itself gives the name of its type.
    private static string KindOf(Module module) => module.ToString() is { } text && text != module.GetType().ToString() ? text : module.GetType().Name;

    // One level deeper at a time, for as long as the table stays a table.
    private static List<(string Name, Module Module)> Cut(Module model)
    {
        List<(string Name, Module Module)> parts = [("", model)];
        while (true)
        {
            List<(string Name, Module Module)> finer = [.. parts.SelectMany(Opened).Where(part => part.Module.ParameterCount > 0)];
            if (finer.Count is 0 or > MostParts || finer.SequenceEqual(parts)) return parts;
            parts = finer;
        }
    }

    // A module with parameters of its own, beside those of its children, cannot be opened without losing them.
    private static IEnumerable<(string Name, Module Module)> Opened((string Name, Module Module) part) =>
        part.Module.Children.Count == 0 || part.Module.ParameterCount != part.Module.Children.Sum(child => child.Module.ParameterCount)
            ? [part]
            : part.Module.Children.Select(child => (part.Name.Length == 0 ? child.Name : $"{part.Name}.{child.Name}", child.Module));
}
