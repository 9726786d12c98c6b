namespace Rindoku.Bench;

/// <summary>All workloads, in the order of the PyTorch baseline.</summary>
public static class Workloads
{
    /// <summary>The workloads.</summary>
    public static IReadOnlyList<Workload> All { get; } = [.. KernelWorkloads.All, .. ImageWorkloads.All, .. SequenceWorkloads.All, .. OtherWorkloads.All];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => All.Select(workload => workload.Name);

    /// <summary>The workload of a name, or null if there is none.</summary>
    public static Workload? Find(string name) => All.FirstOrDefault(workload => workload.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
