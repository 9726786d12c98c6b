using Rindoku.Kernels;

namespace Rindoku.Tests.Ops;

/// <summary>Checks that results do not depend on the number of threads.</summary>
internal static class Determinism
{
    public static void Check(Func<Tensor[]> work)
    {
        int before = Threads.Count;
        try
        {
            Threads.Count = 1;
            Tensor[] expected = work();
            foreach (int threads in (int[])[2, 3, 8])
            {
                Threads.Count = threads;
                Tensor[] actual = work();
                for (int i = 0; i < expected.Length; i++) Testing.Check.Same(actual[i], expected[i], $"result {i} with {threads} threads");
            }
        }
        finally
        {
            Threads.Count = before;
        }
    }
}
