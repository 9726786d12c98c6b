using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

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
