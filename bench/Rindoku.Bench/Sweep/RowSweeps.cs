using Rindoku.Ops;

namespace Rindoku.Bench.Sweep;

/// <summary>Elementwise operations, softmax, normalisations and sums over rows of odd lengths.</summary>
internal static class RowSweeps
{
    private static readonly int[] Lengths = [1, 3, 7, 17, 31, 33, 63, 65, 100, 127, 129, 1000, 1023];
    private static readonly int[] Rows = [1, 3, 100, 1000];

    public static IReadOnlyList<SweepFamily> All { get; } =
    [
        Of("add", 3, (x, y) => x + y),
        Of("add-row", 2, (x, y) => x + y, other: (_, length) => [1, length]),
        Of("add-column", 2, (x, y) => x + y, other: (rows, _) => [rows, 1]),
        Of("gelu", 2, (x, _) => x.Gelu()),
        Of("softmax", 2, (x, _) => x.Softmax()),
        Of("softmax-columns", 2, (x, _) => x.Softmax(0)),
        Of("log-softmax", 2, (x, _) => x.LogSoftmax()),
        Of("layer-norm", 2, (x, _) => x.LayerNorm([x.Shape[1]])),
        Of("sum-rows", 1, (x, _) => x.Sum([1])),
        Of("sum-columns", 1, (x, _) => x.Sum([0])),
        Of("max-rows", 1, (x, _) => x.Max([1])),
        new("batch-norm", "GB/s", [("batch", [1, 3, 33]), ("channels", [1, 3, 17, 64]), ("size", [1, 3, 7, 17, 33])], s =>
        {
            if (s[0] * s[2] == 1) return null; // one number has no variance
            Tensor x = Steps.Numbers().Normal([s[0], s[1], s[2], s[2]]);
            return new(8.0 * x.Length, () => x.BatchNormTraining().Output);
        }),
    ];

    // Counted: so many arrays of the whole size, read or written.
    private static SweepFamily Of(string name, int arrays, Func<Tensor, Tensor, Tensor> f, Func<int, int, Shape>? other = null) =>
        new(name, "GB/s", [("rows", Rows), ("length", Lengths)], s =>
        {
            Tensor x = Steps.Numbers().Normal([s[0], s[1]]), y = other is null ? x : Steps.Numbers().Normal(other(s[0], s[1]));
            return new(4.0 * arrays * s[0] * s[1], () => f(x, y));
        });
}
