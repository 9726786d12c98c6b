using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class SamplingTests
{
    private static readonly Golden Golden = Golden.Family("sampling");

    [Theory]
    [InlineData("nearest_up", ResizeMode.Nearest, false, 9, 7)]
    [InlineData("nearest_down", ResizeMode.Nearest, false, 4, 3)]
    [InlineData("nearest_1d", ResizeMode.Nearest, false, 12)]
    [InlineData("nearest_3d", ResizeMode.Nearest, false, 5, 2, 4)]
    [InlineData("linear_1d", ResizeMode.Linear, false, 11)]
    [InlineData("linear_1d_corners", ResizeMode.Linear, true, 4)]
    [InlineData("bilinear_up", ResizeMode.Linear, false, 9, 7)]
    [InlineData("bilinear_down", ResizeMode.Linear, false, 4, 3)]
    [InlineData("bilinear_corners", ResizeMode.Linear, true, 9, 7)]
    [InlineData("bilinear_to_one", ResizeMode.Linear, true, 1, 1)]
    [InlineData("bilinear_from_one", ResizeMode.Linear, false, 3, 2)]
    [InlineData("bicubic_up", ResizeMode.Cubic, false, 9, 7)]
    [InlineData("bicubic_down", ResizeMode.Cubic, false, 4, 3)]
    [InlineData("bicubic_corners", ResizeMode.Cubic, true, 9, 7)]
    [InlineData("trilinear", ResizeMode.Linear, false, 5, 3, 4)]
    [InlineData("trilinear_corners", ResizeMode.Linear, true, 5, 3, 4)]
    public void Resize_matches_PyTorch(string name, ResizeMode mode, bool corners, params int[] sizes) =>
        Golden.Check(name, x => Square(x.Resize(sizes, mode, corners)));

    [Theory]
    [InlineData("nearest_scale", ResizeMode.Nearest)]
    [InlineData("bilinear_scale", ResizeMode.Linear)]
    [InlineData("bicubic_scale", ResizeMode.Cubic)]
    public void ResizeBy_matches_PyTorch(string name, ResizeMode mode) => Golden.Check(name, x => Square(x.ResizeBy([1.7, 0.6], mode)));

    [Theory]
    [InlineData("grid_zeros", GridPadding.Zeros, false)]
    [InlineData("grid_zeros_corners", GridPadding.Zeros, true)]
    [InlineData("grid_border", GridPadding.Border, false)]
    [InlineData("grid_border_corners", GridPadding.Border, true)]
    [InlineData("grid_reflection", GridPadding.Reflection, false)]
    [InlineData("grid_reflection_corners", GridPadding.Reflection, true)]
    [InlineData("grid_one_pixel", GridPadding.Zeros, false)]
    public void GridSample_matches_PyTorch(string name, GridPadding padding, bool corners) =>
        Golden.Check(name, (x, grid) => Square(x.GridSample(grid, padding: padding, alignCorners: corners)), rtol: 2e-4, atol: 1e-4);

    [Theory]
    [InlineData("grid_nearest_zeros", GridPadding.Zeros)]
    [InlineData("grid_nearest_border", GridPadding.Border)]
    [InlineData("grid_nearest_reflection", GridPadding.Reflection)]
    public void GridSample_of_the_nearest_pixel_matches_PyTorch(string name, GridPadding padding) =>
        Golden.Check(name, (x, grid) => Square(x.GridSample(grid, nearest: true, padding)));

    [Theory]
    [InlineData("roi", 0.5, 2, true)]
    [InlineData("roi_adaptive", 0.5, 0, true)]
    [InlineData("roi_unaligned", 0.5, 2, false)]
    [InlineData("roi_unaligned_adaptive", 1.0, 0, false)]
    public void RoiAlign_matches_the_reference(string name, double scale, int ratio, bool aligned) =>
        Golden.Check(name, x => Square(x.RoiAlign(Golden["roi", "boxes"], Golden.Integers("roi", "images"), 2, 3, scale, ratio, aligned)));

    [Fact] public void PixelShuffle_matches_PyTorch() => Golden.Check("pixel_shuffle", x => Square(x.PixelShuffle(2)));
    [Fact] public void PixelUnshuffle_matches_PyTorch() => Golden.Check("pixel_unshuffle", x => Square(x.PixelUnshuffle(3)));

    [Fact]
    public void Empty_batches_give_empty_results()
    {
        Assert.Equal<Shape>([0, 3, 4, 5], Tensor.Zeros([0, 3, 2, 2]).Resize([4, 5]).Shape);
        Assert.Equal<Shape>([0, 3, 4, 5], Tensor.Zeros([0, 3, 2, 2]).GridSample(Tensor.Zeros([0, 4, 5, 2])).Shape);
        Assert.Equal<Shape>([0, 3, 4, 5], Tensor.Zeros([2, 3, 6, 6]).RoiAlign(Tensor.Zeros([0, 4]), IntTensor.Range(0), 4, 5).Shape);
        Assert.Equal<Shape>([0, 1, 4, 4], Tensor.Zeros([0, 4, 2, 2]).PixelShuffle(2).Shape);
    }

    [Fact]
    public void Places_far_outside_read_padding_and_NaN_places_give_NaN()
    {
        Tensor x = Tensor.Full([1, 1, 3, 3], 2);
        Tensor grid = Tensor.From([1e30f, 0, -1e30f, 0, float.NaN, 0], [1, 1, 3, 2]);
        Assert.Equal([0, 0, float.NaN], x.GridSample(grid).ToArray());
        Assert.Equal([2, 2, float.NaN], x.GridSample(grid, padding: GridPadding.Border).ToArray());
    }

    [Fact]
    public void Thread_counts_do_not_change_a_bit()
    {
        Rng rng = new(seed: 3);
        Tensor x = rng.Normal([2, 8, 65, 63]), grid = rng.Uniform([2, 70, 71, 2], -1.2f, 1.2f);
        Determinism.Check(() => [x.Resize([97, 130], ResizeMode.Cubic), x.GridSample(grid), .. GridGradients(x, grid)]);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_the_shapes()
    {
        Refused(() => Tensor.Zeros([2, 3, 4, 5]).Resize([0, 3]), "Resize: (2, 3, 4, 5) to sizes (0, 3): every size must be at least 1");
        Refused(() => Tensor.Zeros([3]).Resize([4, 4]), "Resize: sizes (4, 4) for (3): there are not so many axes");
        Refused(() => Tensor.Zeros([1, 1, 4, 4]).ResizeBy([0.1, 1]), "Resize: (1, 1, 4, 4) by scales (0.1, 1): axis -2 would have size 0");
        Refused(() => Tensor.Zeros([1, 1, 0, 4]).Resize([2, 2]), "Resize: axis 2 of (1, 1, 0, 4) is empty: there is nothing to interpolate");
        Refused(() => Tensor.Zeros([1, 1, 4, 4]).GridSample(Tensor.Zeros([2, 3, 3, 2])),
            "GridSample: images (1, 1, 4, 4) and grid (2, 3, 3, 2): needs (N, C, H, W) and (N, Ho, Wo, 2) with the same N");
        Refused(() => Tensor.Zeros([1, 1, 4, 4]).RoiAlign(Tensor.Zeros([1, 5]), IntTensor.Range(1), 2, 2),
            "RoiAlign: maps (1, 1, 4, 4), boxes (1, 5), images (1): needs (N, C, H, W), (K, 4) and (K)");
        Refused(() => Tensor.Zeros([1, 1, 4, 4]).RoiAlign(Tensor.Zeros([1, 4]), IntTensor.Of(1), 2, 2),
            "RoiAlign: box 0 lies in map 1, but there are 1 of them in (1, 1, 4, 4)");
        Refused(() => Tensor.Zeros([6, 4, 4]).PixelShuffle(2), "PixelShuffle: (6, 4, 4) by 2: needs (..., channels, height, width) with channels a multiple of 4");
        Refused(() => Tensor.Zeros([6, 4, 5]).PixelUnshuffle(2), "PixelUnshuffle: (6, 4, 5) by 2: needs (..., channels, height, width) with both sides multiples of 2");
        Assert.Throws<NotSupportedException>(() => Tensor.Zeros([1, 1, 4, 4]).RoiAlign(Tensor.Zeros([1, 4]).Tracked(), IntTensor.Range(1), 2, 2));
    }

    private static Tensor Square(Tensor x) => x * x;

    private static Tensor[] GridGradients(Tensor x, Tensor grid)
    {
        Tensor[] leaves = [x.Tracked(), grid.Tracked()];
        return Grad.Vjp(leaves[0].GridSample(leaves[1]), Tensor.Ones([2, 8, 70, 71]), leaves);
    }

    private static void Refused(Func<Tensor> work, string message) => Assert.Equal(message, Assert.Throws<ShapeException>(work).Message);
}
