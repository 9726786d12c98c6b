using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

public sealed class ConvTests
{
    private static readonly Golden Golden = Golden.Family("conv");

    private static void Matches(string name, Func<Tensor[], Tensor> f) => Golden.Check(name, f, rtol: 1e-4, atol: 1e-4);

    [Fact] public void Conv1d_matches_PyTorch() => Matches("conv1d", x => x[0].Conv1d(x[1], x[2]));

    [Fact]
    public void Conv1d_with_all_settings_matches_PyTorch() =>
        Matches("conv1d_all", x => x[0].Conv1d(x[1], x[2], stride: 2, padding: 3, dilation: 2, groups: 2));

    // Sequences are drawn a step at a time (DilatedStack): the ways that suit few and many places must add in the same order.
    [Theory, InlineData(1), InlineData(30), InlineData(1000), InlineData(1025)]
    public void A_pointwise_output_has_the_same_bits_however_many_there_are(int places)
    {
        Tensor x = new Rng(1).Normal([2, 20, 1500]), w = new Rng(2).Normal([33, 20, 1]), b = new Rng(3).Normal([33]);
        Check.Same(x.Slice(2, ..places).Conv1d(w, b), x.Conv1d(w, b).Slice(2, ..places));
    }

    [Fact] public void Conv2d_matches_PyTorch() => Matches("conv2d", x => x[0].Conv2d(x[1], padding: 1));
    [Fact] public void Conv2d_with_bias_matches_PyTorch() => Matches("conv2d_bias", x => x[0].Conv2d(x[1], x[2]));
    [Fact] public void Conv2d_with_stride_matches_PyTorch() => Matches("conv2d_stride", x => x[0].Conv2d(x[1], stride: 2, padding: 1));
    [Fact] public void Pointwise_Conv2d_matches_PyTorch() => Matches("conv2d_pointwise", x => x[0].Conv2d(x[1]));
    [Fact] public void Pointwise_Conv2d_with_stride_matches_PyTorch() => Matches("conv2d_pointwise_stride", x => x[0].Conv2d(x[1], stride: 2));
    [Fact] public void Depthwise_Conv2d_matches_PyTorch() => Matches("conv2d_depthwise", x => x[0].Conv2d(x[1], x[2], padding: 1, groups: 4));

    [Fact]
    public void Conv2d_with_settings_for_each_axis_matches_PyTorch() =>
        Matches("conv2d_axes", x => x[0].Conv2d(x[1], x[2], stride: (3, 2), padding: (0, 4), dilation: (2, 1), groups: 3));

    [Fact]
    public void Conv3d_matches_PyTorch() =>
        Matches("conv3d", x => x[0].Conv3d(x[1], x[2], stride: (1, 2, 1), padding: (1, 0, 2), dilation: (1, 1, 2)));

    [Fact]
    public void ConvTranspose1d_matches_PyTorch() =>
        Matches("transpose1d", x => x[0].ConvTranspose1d(x[1], x[2], stride: 3, padding: 1, outputPadding: 2, dilation: 2, groups: 2));

    [Fact]
    public void ConvTranspose2d_matches_PyTorch() =>
        Matches("transpose2d", x => x[0].ConvTranspose2d(x[1], x[2], stride: 2, padding: 1, outputPadding: 1));

    [Fact] public void Plain_ConvTranspose2d_matches_PyTorch() => Matches("transpose2d_plain", x => x[0].ConvTranspose2d(x[1]));

    [Fact]
    public void ConvTranspose2d_with_settings_for_each_axis_matches_PyTorch() =>
        Matches("transpose2d_axes", x => x[0].ConvTranspose2d(x[1], stride: (1, 3), padding: (2, 0), outputPadding: (0, 1), dilation: (2, 1)));

    [Fact]
    public void ConvTranspose3d_matches_PyTorch() =>
        Matches("transpose3d", x => x[0].ConvTranspose3d(x[1], x[2], stride: (2, 1, 2), padding: (0, 1, 1), outputPadding: (1, 0, 0)));

    [Fact]
    public void An_empty_batch_has_an_empty_output_and_no_weight_gradient()
    {
        Tensor w = Tensor.Ones([4, 3, 3, 3]).Tracked(), y = Tensor.Zeros([0, 3, 8, 8]).Conv2d(w, padding: 1);
        Assert.Equal([0, 4, 8, 8], y.Shape.AsSpan());
        Check.Same(Grad.Of(y.Sum(), w), Tensor.Zeros(w.Shape));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_shapes()
    {
        Tensor x = Tensor.Zeros([2, 3, 8, 8]);
        Assert.Equal("Conv2d: x (2, 3, 8, 8) with weight (4, 2, 3, 3) and 1 groups: x has 3 channels, needs 2",
            Refusal(() => x.Conv2d(Tensor.Zeros([4, 2, 3, 3]))));
        Assert.Equal("Conv2d: x must be (batch, channels, 2 sizes), got (3, 8, 8)", Refusal(() => Tensor.Zeros([3, 8, 8]).Conv2d(Tensor.Zeros([4, 3, 3, 3]))));
        Assert.Equal("Conv1d: the weight must be (channels, channels, 1 sizes), got (4, 3, 3, 3)",
            Refusal(() => Tensor.Zeros([1, 3, 8]).Conv1d(Tensor.Zeros([4, 3, 3, 3]))));
        Assert.Equal("Conv2d: weight (4, 3, 3, 3) needs a bias of (4), got (3)", Refusal(() => x.Conv2d(Tensor.Zeros([4, 3, 3, 3]), Tensor.Zeros([3]))));
        Assert.Equal("Conv2d: x (2, 3, 8, 8) with padding default is smaller than the weight (4, 3, 9, 3) with dilation default",
            Refusal(() => x.Conv2d(Tensor.Zeros([4, 3, 9, 3]))));
        Assert.Equal("Conv2d: stride 0 must be at least 1", Refusal(() => x.Conv2d(Tensor.Zeros([4, 3, 3, 3]), stride: 0)));
        Assert.Equal("Conv2d: padding (1, 2, 3) has 3 numbers; give one, or 2", Refusal(() => x.Conv2d(Tensor.Zeros([4, 3, 3, 3]), padding: (1, 2, 3))));
        Assert.Equal("Conv2d: weight (4, 1, 3, 3): 4 output channels do not divide into 3 groups",
            Refusal(() => x.Conv2d(Tensor.Zeros([4, 1, 3, 3]), groups: 3)));
        Assert.Equal("ConvTranspose2d: x (2, 3, 8, 8) with weight (4, 3, 3, 3): x has 3 channels, needs 4",
            Refusal(() => x.ConvTranspose2d(Tensor.Zeros([4, 3, 3, 3]))));
        Assert.Equal("ConvTranspose2d: outputPadding 2 must be less than stride 2 or dilation default",
            Refusal(() => x.ConvTranspose2d(Tensor.Zeros([3, 3, 3, 3]), stride: 2, outputPadding: 2)));
    }

    private static string Refusal(Func<Tensor> f) => Assert.Throws<ShapeException>(f).Message;
}
