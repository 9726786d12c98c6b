using Rindoku.Kernels;
using Rindoku.Testing;

namespace Rindoku.Tests;

/// <summary>Results must not depend on the number of threads.</summary>
internal static class Threaded
{
    /// <summary>Requires the same bits from 1, 2, 3 and 8 threads.</summary>
    public static void SameBits(Func<Tensor> f)
    {
        int before = Threads.Count;
        try
        {
            Threads.Count = 1;
            Tensor expected = f();
            foreach (int threads in (int[])[2, 3, 8])
            {
                Threads.Count = threads;
                Check.Same(f(), expected, $"result of {threads} threads");
            }
        }
        finally
        {
            Threads.Count = before;
        }
    }
}
