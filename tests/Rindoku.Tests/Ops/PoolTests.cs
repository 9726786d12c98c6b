using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

public sealed class PoolTests
{
    private static readonly Golden Golden = Golden.Family("pool");

    // Squared, so that there are second gradients.
    private static void Matches(string name, Func<Tensor, Tensor> f) => Golden.Check(name, x => f(x) is var y ? y * y : y);

    [Fact] public void MaxPool1d_matches_PyTorch() => Matches("max1d", x => x.MaxPool1d(3));
    [Fact] public void MaxPool2d_matches_PyTorch() => Matches("max2d", x => x.MaxPool2d(2));
    [Fact] public void Overlapping_MaxPool2d_matches_PyTorch() => Matches("max2d_overlap", x => x.MaxPool2d(3, stride: 2, padding: 1));

    [Fact]
    public void MaxPool2d_with_settings_for_each_axis_matches_PyTorch() =>
        Matches("max2d_dilation", x => x.MaxPool2d((3, 2), stride: (1, 2), padding: (1, 0), dilation: (2, 3)));

    [Fact] public void MaxPool2d_in_ceil_mode_matches_PyTorch() => Matches("max2d_ceil", x => x.MaxPool2d(3, stride: 2, padding: 1, ceilMode: true));
    [Fact] public void MaxPool3d_matches_PyTorch() => Matches("max3d", x => x.MaxPool3d((2, 3, 2), stride: (1, 2, 2), padding: (1, 1, 0)));
    [Fact] public void AveragePool1d_matches_PyTorch() => Matches("average1d", x => x.AveragePool1d(3, stride: 2, padding: 1));
    [Fact] public void AveragePool2d_matches_PyTorch() => Matches("average2d", x => x.AveragePool2d(2));

    [Fact]
    public void AveragePool2d_in_ceil_mode_matches_PyTorch() => Matches("average2d_ceil", x => x.AveragePool2d(3, stride: 2, padding: 1, ceilMode: true));

    [Fact]
    public void AveragePool2d_that_does_not_count_padding_matches_PyTorch() =>
        Matches("average2d_without_padding", x => x.AveragePool2d((3, 2), stride: 2, padding: 1, countIncludePad: false));

    [Fact] public void AveragePool3d_matches_PyTorch() => Matches("average3d", x => x.AveragePool3d((2, 3, 2), stride: (1, 2, 2), padding: (1, 1, 0)));
    [Fact] public void AdaptiveAveragePool1d_matches_PyTorch() => Matches("adaptive_average1d", x => x.AdaptiveAveragePool1d(4));
    [Fact] public void AdaptiveAveragePool2d_matches_PyTorch() => Matches("adaptive_average2d", x => x.AdaptiveAveragePool2d((3, 5)));
    [Fact] public void AdaptiveAveragePool2d_to_one_place_matches_PyTorch() => Matches("adaptive_average2d_one", x => x.AdaptiveAveragePool2d(1));
    [Fact] public void AdaptiveAveragePool3d_matches_PyTorch() => Matches("adaptive_average3d", x => x.AdaptiveAveragePool3d((2, 3, 4)));
    [Fact] public void AdaptiveMaxPool1d_matches_PyTorch() => Matches("adaptive_max1d", x => x.AdaptiveMaxPool1d(4));
    [Fact] public void AdaptiveMaxPool2d_matches_PyTorch() => Matches("adaptive_max2d", x => x.AdaptiveMaxPool2d((3, 5)));
    [Fact] public void AdaptiveMaxPool3d_matches_PyTorch() => Matches("adaptive_max3d", x => x.AdaptiveMaxPool3d((2, 3, 4)));
    [Fact] public void GlobalAveragePool_matches_PyTorch() => Matches("global_average", x => x.GlobalAveragePool());

    [Fact] public void Unfold_matches_PyTorch() => Matches("unfold", x => x.Unfold(3));

    [Fact]
    public void Unfold_with_all_settings_matches_PyTorch() =>
        Matches("unfold_all", x => x.Unfold((2, 3), dilation: (1, 2), padding: (1, 3), stride: (2, 3)));

    [Fact] public void Fold_matches_PyTorch() => Matches("fold", x => x.Fold((6, 7), 3));

    [Fact]
    public void Fold_with_all_settings_matches_PyTorch() =>
        Matches("fold_all", x => x.Fold((6, 7), (2, 3), dilation: (1, 2), padding: (1, 3), stride: (2, 3)));

    [Fact]
    public void MaxPool_passes_NaN_on_and_gives_the_gradient_to_the_first_of_equal_numbers()
    {
        Tensor x = Tensor.From([1, 1, 2, float.NaN, float.NegativeInfinity, float.NegativeInfinity], [1, 1, 6]).Tracked();
        Tensor y = x.MaxPool1d(2);
        Assert.Equal([1, float.NaN, float.NegativeInfinity], y.ToArray());
        Check.Same(Grad.Vjp(y, Tensor.From([1, 2, 3], y.Shape), [x])[0], Tensor.From([1, 0, 0, 2, 3, 0], x.Shape));
    }

    [Fact]
    public void Padding_is_never_the_maximum() =>
        Check.Same(Tensor.Full([1, 1, 2, 2], float.NegativeInfinity).MaxPool2d(3, stride: 1, padding: 1), Tensor.Full([1, 1, 2, 2], float.NegativeInfinity));

    [Fact]
    public void What_does_not_fit_is_refused_with_the_shapes()
    {
        Assert.Equal("MaxPool2d: x must be (batch, channels, 2 sizes), got (3, 4, 5)", Refusal(() => Tensor.Zeros([3, 4, 5]).MaxPool2d(2)));
        Assert.Equal("AveragePool2d: padding 2 must be at most half the kernel 3, or windows would lie outside of x",
            Refusal(() => Tensor.Zeros([1, 3, 4, 5]).AveragePool2d(3, padding: 2)));
        Assert.Equal("MaxPool2d: x (1, 3, 4, 5) is smaller than the window", Refusal(() => Tensor.Zeros([1, 3, 4, 5]).MaxPool2d(6)));
        Assert.Equal("AdaptiveAveragePool2d: output 0 must be at least 1", Refusal(() => Tensor.Zeros([1, 3, 4, 5]).AdaptiveAveragePool2d(0)));
        Assert.Equal("Fold: x (1, 9, 5) has 5 patches; an output of 4 with these settings has 4", Refusal(() => Tensor.Zeros([1, 9, 5]).Fold(4, 3)));
        Assert.Equal("Fold: x (1, 8, 4): 8 does not divide by the 9 places of a patch 3", Refusal(() => Tensor.Zeros([1, 8, 4]).Fold(4, 3)));
    }

    private static string Refusal(Func<Tensor> f) => Assert.Throws<ShapeException>(f).Message;
}
