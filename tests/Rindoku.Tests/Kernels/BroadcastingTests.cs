using Rindoku.Kernels;
using Rindoku.Ops;

namespace Rindoku.Tests.Kernels;

[Collection(nameof(KernelSettings))]
public sealed class BroadcastingTests
{
    private static readonly int[] Lengths = [1, 2, 3, 7, 15, 16, 17, 31, 33, 100, 255, 256, 257];

    /// <summary>Shapes of two sources that stretch to one, with rows shorter and longer than those that are written side by side.</summary>
    private static IEnumerable<(int[] A, int[] B)> Shapes()
    {
        Rng rng = new(3);
        foreach (int length in Lengths)
            for (int i = 0; i < 12; i++)
            {
                int rank = 1 + rng.NextInt(4);
                int[] sizes = [.. Enumerable.Range(0, rank - 1).Select(_ => 1 + rng.NextInt(9)), length];
                yield return ([.. sizes.Select(size => rng.NextInt(3) == 0 ? 1 : size)], [.. sizes.Select(size => rng.NextInt(3) == 0 ? 1 : size)]);
            }
        yield return ([1000, 17], [17]); // enough rows for several tasks
        yield return ([40, 30, 5], [40, 1, 5]);
        yield return ([1000, 3], [1000, 1]);
    }

    private static float Read(Tensor x, int[] place)
    {
        int at = 0;
        for (int axis = 0; axis < x.Rank; axis++) at = at * x.Shape[axis] + (x.Shape[axis] == 1 ? 0 : place[axis]);
        return x.Span[at];
    }

    [Fact]
    public void Stretched_sources_are_read_where_they_stand_for_any_width_and_number_of_threads()
    {
        foreach ((int[] a, int[] b) in Shapes())
        {
            int rank = Math.Max(a.Length, b.Length);
            int[] shapeA = [.. Enumerable.Repeat(1, rank - a.Length), .. a], shapeB = [.. Enumerable.Repeat(1, rank - b.Length), .. b];
            Tensor x = new Rng(1).Normal([.. shapeA]), y = new Rng(2).Normal([.. shapeB]);
            foreach ((int bits, int threads) in new[] { (512, 1), (256, 3), (128, 2) }.Where(s => s.Item1 <= Simd.Bits))
            {
                using Settings _ = new(bits, threads);
                Tensor difference = x - y;
                int[] place = new int[rank];
                for (int i = 0; i < difference.Length; i++)
                {
                    for (int axis = rank - 1, rest = i; axis >= 0; axis--) (rest, place[axis]) = Math.DivRem(rest, difference.Shape[axis]);
                    float expected = Read(x, place) - Read(y, place);
                    Assert.True(expected == difference.Span[i], $"({string.Join(", ", a)}) - ({string.Join(", ", b)}), {bits} bits: {difference.Span[i]} at {i}, expected {expected}");
                }
            }
        }
    }
}
