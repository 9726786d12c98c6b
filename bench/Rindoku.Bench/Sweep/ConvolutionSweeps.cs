using Rindoku.Ops;

namespace Rindoku.Bench.Sweep;

/// <summary>Convolutions: few channels, single images and single places, grouped, dilated, strided, transposed, along one and three axes.</summary>
internal static class ConvolutionSweeps
{
    private static readonly int[] Channels = [1, 3, 7, 17, 33, 64, 65];

    public static IReadOnlyList<SweepFamily> All { get; } =
    [
        Images("conv2d", train: false, [1, 3], [1, 3, 7, 17, 31, 33, 65], Channels),
        Images("conv2d-gradients", train: true, [1, 3], [1, 3, 7, 17, 33], [1, 3, 17, 33, 64]),
        Kinds("conv2d-kinds", train: false),
        Kinds("conv2d-kinds-gradients", train: true),
        Groups("conv2d-groups", train: false),
        Groups("conv2d-groups-gradients", train: true),
        new("conv2d-transposed", "GFLOP/s",
            [("size", [1, 3, 7, 17, 33]), ("in", [3, 17, 64]), ("out", [3, 17, 64]), ("kernel", [2, 3, 4]), ("stride", [1, 2])], s => Transposed([2, s[1], s[0], s[0]], [s[1], s[2], s[3], s[3]], s[4])),
        Lines("conv1d", train: false, [1, 3, 7, 33, 129, 1000, 8000], [1, 3, 32, 33], [1, 17, 64], [1, 2, 8]),
        Lines("conv1d-gradients", train: true, [1, 7, 33, 129, 1000], [1, 32, 33], [17, 64], [1, 8]),
        new("conv3d", "GFLOP/s", [("size", [1, 3, 7, 17]), ("in", [1, 3, 17]), ("out", [1, 3, 17, 33]), ("kernel", [1, 3])], s =>
            Convolve(false, 3, [2, s[1], s[0], s[0], s[0]], [s[2], s[1], s[3], s[3], s[3]])),
        new("conv3d-gradients", "GFLOP/s", [("size", [1, 3, 7, 17]), ("in", [1, 3, 17]), ("out", [3, 17, 33]), ("kernel", [1, 3])], s =>
            Convolve(true, 3, [2, s[1], s[0], s[0], s[0]], [s[2], s[1], s[3], s[3], s[3]])),
    ];

    private static SweepFamily Images(string name, bool train, int[] batches, int[] sizes, int[] channels) => new(name, "GFLOP/s",
        [("batch", batches), ("size", sizes), ("in", channels), ("out", channels)],
        s => Convolve(train, 2, [s[0], s[2], s[1], s[1]], [s[3], s[2], 3, 3]));

    private static SweepFamily Kinds(string name, bool train) => new(name, "GFLOP/s",
        [("size", [7, 17, 33]), ("channels", [3, 32]), ("kernel", [1, 2, 3, 4, 5, 7]), ("stride", [1, 2, 3]), ("dilation", [1, 2, 3])], s =>
            s[2] == 1 && s[4] > 1 ? null : Convolve(train, 2, [2, s[1], s[0], s[0]], [32, s[1], s[2], s[2]], s[3], s[4]));

    private static SweepFamily Groups(string name, bool train) => new(name, "GFLOP/s",
        [("size", [1, 7, 17, 33]), ("channels", [32, 96]), ("groups", [1, 2, 4, 8, 16, 32, 96])],
        s => s[1] % s[2] != 0 ? null : Convolve(train, 2, [4, s[1], s[0], s[0]], [s[1], s[1] / s[2], 3, 3], groups: s[2]));

    private static SweepFamily Lines(string name, bool train, int[] lengths, int[] inputs, int[] outputs, int[] dilations) => new(name, "GFLOP/s",
        [("length", lengths), ("in", inputs), ("out", outputs), ("kernel", [1, 2, 3]), ("dilation", dilations)],
        s => s[3] == 1 && s[4] > 1 ? null : Convolve(train, 1, [1, s[1], s[0]], [s[2], s[1], s[3]], dilation: s[4]));

    // Padded so that with stride 1 the result has (about) the size of the input.
    private static SweepWork? Convolve(bool train, int rank, Shape input, Shape weight, int stride = 1, int dilation = 1, int groups = 1)
    {
        int padding = dilation * (weight[^1] - 1) / 2;
        if (input[^1] + 2 * padding < dilation * (weight[^1] - 1) + 1) return null;
        Tensor x = Steps.Numbers().Normal(input), w = Steps.Numbers().Normal(weight);
        Tensor Forward(Tensor x, Tensor w) => rank switch
        {
            1 => x.Conv1d(w, null, stride, padding, dilation, groups),
            2 => x.Conv2d(w, null, stride, padding, dilation, groups),
            _ => x.Conv3d(w, null, stride, padding, dilation, groups),
        };
        Tensor dy = Steps.Numbers().Normal(Forward(x, w).Shape);
        double products = (double)dy.Shape[0] * dy.Shape[1] * weight[1];
        for (int axis = 2; axis < input.Rank; axis++) products *= Inside(input[axis], dy.Shape[axis], weight[axis], stride, padding, dilation);
        if (products == 0) return null;
        double flops = 2 * products;
        if (!train) return new(flops, () => Forward(x, w));
        Tensor[] leaves = [x.Tracked(), w.Tracked()];
        return new(3 * flops, () => Grad.Vjp(Forward(leaves[0], leaves[1]), dy, leaves)[0]);
    }

    // The pairs of an output and a tap along an axis that read the input; the others are products with the zeros around it, which are no work.
    private static int Inside(int input, int output, int kernel, int stride, int padding, int dilation)
    {
        int count = 0;
        for (int i = 0; i < output; i++)
            for (int k = 0; k < kernel; k++)
                if ((uint)(i * stride + k * dilation - padding) < (uint)input) count++;
        return count;
    }

    private static SweepWork Transposed(Shape input, Shape weight, int stride)
    {
        Tensor x = Steps.Numbers().Normal(input), w = Steps.Numbers().Normal(weight);
        return new(2.0 * x.Length * weight.Count(1..), () => x.ConvTranspose2d(w, null, stride));
    }
}
