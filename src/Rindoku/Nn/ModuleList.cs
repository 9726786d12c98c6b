using System.Globalization;

namespace Rindoku.Nn;

/// <summary>Modules under the names 0, 1, 2, ..., as PyTorch's: for models that call them in ways of their own.</summary>
public sealed class ModuleList : Module
{
    /// <summary>A list of modules.</summary>
    public ModuleList(params IEnumerable<Module> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (Module module in modules) Register(Children.Count.ToString(CultureInfo.InvariantCulture), module);
    }
}
