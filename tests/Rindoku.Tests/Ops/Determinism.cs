using Rindoku.Kernels;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

/// <summary>Checks that results do not depend on the number of threads.</summary>
internal static class Determinism
{
    public static void Check(Func<Tensor[]> work)
    {
        Tensor[] expected = With(threads: 1, work);
        foreach (int threads in (int[])[2, 3, 8])
        {
            Tensor[] actual = With(threads, work);
            for (int i = 0; i < expected.Length; i++) Testing.Check.Same(actual[i], expected[i], $"result {i} with {threads} threads");
        }
    }

    private static Tensor[] With(int threads, Func<Tensor[]> work)
    {
        using Settings _ = new(Simd.Bits, threads);
        return work();
    }
}
