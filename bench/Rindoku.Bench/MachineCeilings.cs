using Rindoku.Kernels;

namespace Rindoku.Bench;

/// <summary>What the machine can do at most on some number of threads, measured by the same process as the workloads.</summary>
/// <param name="Gigaflops">Billions of floating-point operations a second by fused multiply-adds that never leave the registers.</param>
/// <param name="CopyGigabytes">Billions of bytes a second, read and written, of a copy out of cache (the better of plain and streaming stores).</param>
public sealed record MachineCeilings(double Gigaflops, double CopyGigabytes)
{
    /// <summary>Measures both on the threads in use.</summary>
    /// <param name="seconds">About how long to measure each.</param>
    public static MachineCeilings Measure(double seconds = 0.3) => new(Ceilings.MultiplyAdds(seconds) / 1e9, Ceilings.CopyBandwidth(seconds) / 1e9);

    /// <summary>How much of the ceiling that limits a workload it reached, in percent; null where neither limit is known.</summary>
    /// <remarks>
    /// Operations are those of the definition: Winograd's convolutions do fewer and may pass 100 %. So may arrays that fit into a cache
    /// from one step to the next, and results that overwrite what is in the cache.
    /// </remarks>
    public double? PercentOf(Timing timing)
    {
        ArgumentNullException.ThrowIfNull(timing);
        return timing.GigaflopsPerSecond is { } flops ? 100 * flops / Gigaflops
            : timing.GigabytesPerSecond is { } bytes ? 100 * bytes / CopyGigabytes : null;
    }
}
