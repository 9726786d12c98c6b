using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

public sealed class MatMulTests
{
    private static readonly Golden Golden = Golden.Family("matmul");

    [Theory, InlineData("plain"), InlineData("row"), InlineData("column"), InlineData("dot"), InlineData("batch"), InlineData("batch_by_matrix"),
     InlineData("matrix_by_batch"), InlineData("batches_broadcast")]
    public void MatMul_matches_PyTorch(string name) => Golden.Check(name, (a, b) => a.MatMul(b));

    [Fact] public void MatMul_with_a_transposed_matches_PyTorch() => Golden.Check("transposed_a", (a, b) => a.MatMul(b, transposeA: true));
    [Fact] public void MatMul_with_b_transposed_matches_PyTorch() => Golden.Check("transposed_b", (a, b) => a.MatMul(b, transposeB: true));

    [Theory, InlineData("transposed_both"), InlineData("batch_by_matrix_transposed"), InlineData("batches_broadcast_transposed")]
    public void MatMul_with_both_transposed_matches_PyTorch(string name) => Golden.Check(name, (a, b) => a.MatMul(b, true, true));

    [Theory, InlineData("linear"), InlineData("linear_row")]
    public void Linear_matches_PyTorch(string name) => Golden.Check(name, x => x[0].Linear(x[1], x[2]));

    [Fact] public void Linear_without_bias_matches_PyTorch() => Golden.Check("linear_no_bias", (x, w) => x.Linear(w));

    [Fact]
    public void MatMul_over_an_empty_inner_axis_is_zero_and_of_an_empty_batch_is_empty()
    {
        Check.Same(Tensor.Zeros([2, 0]).MatMul(Tensor.Zeros([0, 3])), Tensor.Zeros([2, 3]));
        Assert.Equal([0, 2, 3], Tensor.Zeros([0, 2, 4]).MatMul(Tensor.Zeros([0, 4, 3])).Shape.AsSpan());
        Assert.Equal([0, 3], Tensor.Zeros([0, 4]).Linear(Tensor.Zeros([3, 4]), Tensor.Zeros([3])).Shape.AsSpan());
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused_with_both_shapes()
    {
        Assert.Equal("MatMul: (32, 64) x (128, 10): inner sizes 64 and 128 differ", Refusal(() => Tensor.Zeros([32, 64]).MatMul(Tensor.Zeros([128, 10]))));
        Assert.Equal("MatMul: (2, 3) x transposed (4, 5): inner sizes 3 and 5 differ",
            Refusal(() => Tensor.Zeros([2, 3]).MatMul(Tensor.Zeros([4, 5]), transposeB: true)));
        Assert.Contains("(2) and (3) do not broadcast", Refusal(() => Tensor.Zeros([2, 4, 5]).MatMul(Tensor.Zeros([3, 5, 6]))));
        Assert.Contains("both need at least one axis", Refusal(() => Tensor.Scalar(1).MatMul(Tensor.Zeros([3, 5]))));
        Assert.Equal("Linear: x (2, 3) with weight (5, 4): the last axis of x must be 4", Refusal(() => Tensor.Zeros([2, 3]).Linear(Tensor.Zeros([5, 4]))));
        Assert.Equal("Linear: weight (5, 4) needs a bias of (5), got (4)",
            Refusal(() => Tensor.Zeros([2, 4]).Linear(Tensor.Zeros([5, 4]), Tensor.Zeros([4]))));
    }

    private static string Refusal(Func<Tensor> f) => Assert.Throws<ShapeException>(f).Message;
}
