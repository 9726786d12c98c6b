using Rindoku.Ops;

namespace Rindoku.Bench.Sweep;

/// <summary>Matrix products of every shape from a single number to a little above two vectors' widths, and beyond.</summary>
internal static class MatrixSweeps
{
    private static readonly int[] Sizes = [1, 3, 7, 17, 31, 33, 63, 65, 100, 127, 129];
    private static readonly int[] FewSizes = [1, 3, 17, 33, 65, 129, 400];

    public static IReadOnlyList<SweepFamily> All { get; } =
    [
        Product("matmul", Sizes, false, false),
        Product("matmul-transposed-a", FewSizes, true, false),
        Product("matmul-transposed-b", FewSizes, false, true),
        new("matmul-batch", "GFLOP/s", [("batch", [1, 3, 7, 33, 65]), ("m", [1, 3, 7, 33, 65]), ("n", [1, 3, 7, 33, 65])], s =>
        {
            const int k = 64;
            Tensor a = Steps.Numbers().Normal([s[0], s[1], k]), b = Steps.Numbers().Normal([s[0], k, s[2]]);
            return new(2.0 * s[0] * s[1] * s[2] * k, () => a.MatMul(b));
        }),
        new("transpose", "GB/s", [("rows", Sizes), ("columns", Sizes)], s =>
        {
            Tensor x = Steps.Numbers().Normal([s[0], s[1]]);
            return new(8.0 * s[0] * s[1], () => x.T());
        }),
    ];

    private static SweepFamily Product(string name, int[] sizes, bool transposeA, bool transposeB) =>
        new(name, "GFLOP/s", [("m", sizes), ("n", sizes), ("k", sizes)], s =>
        {
            Tensor a = Steps.Numbers().Normal(transposeA ? [s[2], s[0]] : [s[0], s[2]]), b = Steps.Numbers().Normal(transposeB ? [s[1], s[2]] : [s[2], s[1]]);
            return new(2.0 * s[0] * s[1] * s[2], () => a.MatMul(b, transposeA, transposeB));
        });
}
