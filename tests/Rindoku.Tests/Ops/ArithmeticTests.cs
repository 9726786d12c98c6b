using Rindoku.Kernels;
using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class ArithmeticTests
{
    private static readonly Golden Golden = Golden.Family("arithmetic");

    [Fact] public void Add_matches_PyTorch() => Golden.Check("add", (a, b) => a + b);
    [Fact] public void Add_of_a_row_matches_PyTorch() => Golden.Check("add_row", (a, b) => a + b);
    [Fact] public void Subtract_of_a_column_matches_PyTorch() => Golden.Check("subtract_column", (a, b) => a - b);
    [Fact] public void Multiply_matches_PyTorch() => Golden.Check("multiply", (a, b) => a * b);
    [Fact] public void Multiply_by_channel_matches_PyTorch() => Golden.Check("multiply_channel", (a, b) => a * b);
    [Fact] public void Multiply_where_both_stretch_matches_PyTorch() => Golden.Check("multiply_both", (a, b) => a * b);
    [Fact] public void Multiply_by_a_scalar_matches_PyTorch() => Golden.Check("multiply_scalar", (a, b) => a * b);
    [Fact] public void Divide_matches_PyTorch() => Golden.Check("divide", (a, b) => a / b);
    [Fact] public void Divide_by_a_row_matches_PyTorch() => Golden.Check("divide_row", (a, b) => a / b);
    [Fact] public void Negate_matches_PyTorch() => Golden.Check("negate", a => -a);
    [Fact] public void Silu_matches_PyTorch() => Golden.Check("silu", a => a.Silu());
    [Fact] public void Sigmoid_matches_PyTorch() => Golden.Check("sigmoid", a => a.Sigmoid());
    [Fact] public void Sum_matches_PyTorch() => Golden.Check("sum", a => (a * a).Sum());
    [Fact] public void Sum_over_the_first_axis_matches_PyTorch() => Golden.Check("sum_first", a => (a * a).Sum([0]));
    [Fact] public void Sum_over_the_last_axis_matches_PyTorch() => Golden.Check("sum_last_keep", a => (a * a).Sum([-1], keep: true));
    [Fact] public void Sum_over_outer_axes_matches_PyTorch() => Golden.Check("sum_outer", a => (a * a).Sum([0, 2, 3]));
    [Fact] public void Sum_over_the_middle_matches_PyTorch() => Golden.Check("sum_middle", a => (a * a).Sum([1]));
    [Fact] public void Expand_matches_PyTorch() => Golden.Check("expand", a => a.Expand([4, 3, 5]) * a.Expand([4, 3, 5]));

    [Fact]
    public void Shapes_that_do_not_broadcast_are_refused_with_both_shapes()
    {
        var error = Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 3]) + Tensor.Zeros([4]));
        Assert.Equal("add: (2, 3) and (4) do not broadcast: sizes 3 and 4 differ at axis -1, and neither is 1", error.Message);
    }

    [Fact]
    public void Every_length_and_width_and_thread_count_gives_the_same_bits()
    {
        foreach (int length in (int[])[.. Lengths.AroundVectorWidths, 40_000])
        {
            Tensor x = new Rng(seed: 1).Uniform([length], -4, 4);
            Tensor expected = x.Silu();
            foreach (int threads in (int[])[1, 2, 3, 8])
            {
                using Settings _ = new(Simd.Bits, threads);
                Check.Same(x.Silu(), expected);
            }
        }
    }
}
