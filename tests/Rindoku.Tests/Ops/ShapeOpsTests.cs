using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

public sealed class ShapeOpsTests
{
    private static readonly Golden Golden = Golden.Family("shape");

    [Fact] public void Permute_matches_PyTorch() => Golden.Check("permute", a => Square(a.Permute(2, 0, 1)));
    [Fact] public void Permute_of_heads_matches_PyTorch() => Golden.Check("permute4", a => Square(a.Permute(0, 2, 1, 3)));
    [Fact] public void Permute_to_channels_last_matches_PyTorch() => Golden.Check("nchw_nhwc", a => Square(a.Permute(0, 2, 3, 1)));
    [Fact] public void Permute_to_channels_first_matches_PyTorch() => Golden.Check("nhwc_nchw", a => Square(a.Permute(0, -1, 1, 2)));
    [Fact] public void Transpose_matches_PyTorch() => Golden.Check("transpose", a => Square(a.Transpose(-2, -1)));
    [Fact] public void Transpose_of_outer_axes_matches_PyTorch() => Golden.Check("transpose_outer", a => Square(a.Transpose(0, 2)));
    [Fact] public void T_matches_PyTorch() => Golden.Check("t", a => Square(a.T()));
    [Fact] public void Slice_of_the_first_axis_matches_PyTorch() => Golden.Check("slice_first", a => Square(a.Slice(0, 1..3)));
    [Fact] public void Slice_of_the_last_axis_matches_PyTorch() => Golden.Check("slice_last", a => Square(a.Slice(-1, 1..^1)));
    [Fact] public void Slice_with_a_step_matches_PyTorch() => Golden.Check("slice_step", a => Square(a.Slice(1, 1..6, 2)));
    [Fact] public void Slice_with_a_negative_step_matches_PyTorch() => Golden.Check("slice_back", a => Square(a.Slice(1, 1..6, -2)));
    [Fact] public void Select_matches_PyTorch() => Golden.Check("select", a => Square(a.Select(1, -2)));
    [Fact] public void Flip_matches_PyTorch() => Golden.Check("flip", a => Square(a.Flip(0, 2)));
    [Fact] public void Concat_matches_PyTorch() => Golden.Check("concat", x => Square(Tensor.Concat(x, 1)));
    [Fact] public void Concat_of_first_axes_matches_PyTorch() => Golden.Check("concat_first", x => Square(Tensor.Concat(x)));
    [Fact] public void Stack_at_the_end_matches_PyTorch() => Golden.Check("stack", x => Square(Tensor.Stack(x, -1)));
    [Fact] public void Stack_at_the_start_matches_PyTorch() => Golden.Check("stack_first", x => Square(Tensor.Stack(x)));
    [Fact] public void Split_matches_PyTorch() => Golden.Check("split", a => a.Split([1, 4, 2], 1)[1] * a.Split([1, 4, 2], 1)[2].Sum([1], keep: true));
    [Fact] public void Chunk_matches_PyTorch() => Golden.Check("chunk", a => a.Chunk(3)[0] * a.Chunk(3)[2].Sum());

    private static Tensor Square(Tensor x) => x * x;
}
