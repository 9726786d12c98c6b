using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

/// <summary>Test classes that change the process-wide kernel settings: they run one after the other, and with no others.</summary>
[CollectionDefinition(nameof(KernelSettings), DisableParallelization = true)]
public sealed class KernelSettings;

/// <summary>Runs kernels with a vector width and a number of threads until it is disposed.</summary>
internal readonly struct Settings : IDisposable
{
    private readonly int bits, threads;

    public Settings(int bits, int threads)
    {
        (this.bits, this.threads) = (Simd.Bits, Threads.Count);
        (Simd.Bits, Threads.Count) = (bits, threads);
    }

    public void Dispose() => (Simd.Bits, Threads.Count) = (bits, threads);
}
