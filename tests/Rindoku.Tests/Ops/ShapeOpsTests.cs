using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
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

    [Fact] public void Flatten_matches_PyTorch() => Golden.Check("flatten", a => Square(a.Flatten(1, 2)));
    [Fact] public void Repeat_matches_PyTorch() => Golden.Check("repeat", a => Square(a.Repeat(2, 3, 2)));
    [Fact] public void RepeatInterleave_matches_PyTorch() => Golden.Check("repeat_interleave", a => Square(a.RepeatInterleave(3, 1)));
    [Fact] public void Roll_matches_PyTorch() => Golden.Check("roll", a => Square(a.Roll(2, 1)));
    [Fact] public void Roll_back_matches_PyTorch() => Golden.Check("roll_back", a => Square(a.Roll(-1, 0)));
    [Fact] public void Pad_matches_PyTorch() => Golden.Check("pad", a => Square(a.Pad([(3, 0), (1, 2)], value: 0.5f)));
    [Fact] public void Pad_by_reflection_matches_PyTorch() => Golden.Check("pad_reflect", a => Square(a.Pad([(2, 2), (3, 1)], PadMode.Reflect)));
    [Fact] public void Pad_by_replication_matches_PyTorch() => Golden.Check("pad_replicate", a => Square(a.Pad([(2, 2), (3, 1)], PadMode.Replicate)));
    [Fact] public void Pad_in_a_circle_matches_PyTorch() => Golden.Check("pad_circular", a => Square(a.Pad([(2, 2), (3, 1)], PadMode.Circular)));
    [Fact] public void Tril_matches_PyTorch() => Golden.Check("tril", a => Square(a.Tril()));
    [Fact] public void Tril_above_the_diagonal_matches_PyTorch() => Golden.Check("tril_above", a => Square(a.Tril(1)));
    [Fact] public void Triu_below_the_diagonal_matches_PyTorch() => Golden.Check("triu_below", a => Square(a.Triu(-2)));
    [Fact] public void Triu_matches_PyTorch() => Golden.Check("triu", a => Square(a.Triu(1)));
    [Fact] public void Diagonal_matches_PyTorch() => Golden.Check("diagonal", a => Square(a.Diagonal()));
    [Fact] public void Diagonal_above_matches_PyTorch() => Golden.Check("diagonal_above", a => Square(a.Diagonal(2)));
    [Fact] public void Diagonal_below_matches_PyTorch() => Golden.Check("diagonal_below", a => Square(a.Diagonal(-1)));
    [Fact] public void DiagEmbed_matches_PyTorch() => Golden.Check("diag_embed", a => Square(a.DiagEmbed()));
    [Fact] public void DiagEmbed_above_matches_PyTorch() => Golden.Check("diag_embed_above", a => Square(a.DiagEmbed(1)));
    [Fact] public void DiagEmbed_below_matches_PyTorch() => Golden.Check("diag_embed_below", a => Square(a.DiagEmbed(-2)));
    [Fact] public void Gather_matches_PyTorch() => Golden.Check("gather", a => Square(a.Gather(1, Index("gather"))));
    [Fact] public void Gather_along_the_last_axis_matches_PyTorch() => Golden.Check("gather_last", a => Square(a.Gather(-1, Index("gather_last"))));
    [Fact] public void Gather_with_a_shorter_index_matches_PyTorch() => Golden.Check("gather_short", a => Square(a.Gather(0, Index("gather_short"))));
    [Fact] public void TakeAlong_matches_PyTorch() => Golden.Check("take_along", a => Square(a.TakeAlong(1, Index("take_along"))));
    [Fact] public void ScatterAdd_matches_PyTorch() => Golden.Check("scatter_add", (a, b) => Square(a.ScatterAdd(1, Index("scatter_add"), b)));
    [Fact] public void ScatterAdd_along_the_first_axis_matches_PyTorch() => Golden.Check("scatter_add_first", (a, b) => Square(a.ScatterAdd(0, Index("scatter_add_first"), b)));
    [Fact] public void IndexSelect_matches_PyTorch() => Golden.Check("index_select", a => Square(a.IndexSelect(1, Index("index_select"))));
    [Fact] public void IndexAdd_matches_PyTorch() => Golden.Check("index_add", (a, b) => Square(a.IndexAdd(0, Index("index_add"), b)));
    [Fact] public void MaskedFill_matches_PyTorch() => Golden.Check("masked_fill", a => Square(a.MaskedFill(Index("masked_fill").ToTensor(), 2.5f)));
    [Fact] public void MaskedSelect_matches_PyTorch() => Golden.Check("masked_select", a => Square(a.MaskedSelect(Index("masked_select").ToTensor())));

    [Fact]
    public void Every_size_of_a_transposed_plane_is_right_for_any_thread_count()
    {
        foreach ((int outer, int rows, int columns) in ((int, int, int)[])[(1, 1, 5), (3, 7, 9), (2, 8, 8), (1, 16, 16), (2, 17, 33), (1, 3, 200), (4, 64, 100), (1, 700, 500)])
        {
            Tensor x = Tensor.Range(outer * rows * columns).Reshape(outer, rows, columns);
            Determinism.Check(() => [x.Transpose(1, 2)]);
            Tensor y = x.Transpose(1, 2);
            for (int i = 0; i < y.Length; i += 1 + y.Length / 999)
            {
                (int o, int place) = Math.DivRem(i, rows * columns);
                (int c, int r) = Math.DivRem(place, rows);
                Assert.Equal(x[o, r, c], y.Span[i]);
            }
        }
    }

    [Fact]
    public void Long_slices_are_right_for_any_thread_count()
    {
        Tensor x = Tensor.Range(200_002);
        foreach (Func<Tensor> f in (Func<Tensor>[])[() => x.Slice(0, .., 2), () => x.Slice(0, 1.., 3), () => x.Flip(0), () => Tensor.Concat([x, x])])
            Determinism.Check(() => [f()]);
        Assert.Equal(Enumerable.Range(0, 100_001).Select(i => 2f * i), x.Slice(0, .., 2).ToArray());
        Assert.Equal(Enumerable.Range(0, 200_002).Select(i => 200_001f - i), x.Flip(0).ToArray());
        Assert.All(Tensor.Full([200_002], 3).ToArray(), value => Assert.Equal(3, value));
    }

    [Fact]
    public void Indexing_of_large_tensors_gives_the_same_bits_for_any_thread_count()
    {
        Tensor x = new Rng(seed: 1).Normal([500, 130]);
        IntTensor index = IntTensor.From([.. new Rng(seed: 2).Permutation(4000).Select(i => i % 500)], [4000]);
        Tensor source = new Rng(seed: 3).Normal([4000, 130]);
        Determinism.Check(() => [x.IndexSelect(0, index)]);
        Determinism.Check(() => [x.IndexAdd(0, index, source)]);
        Determinism.Check(() => [x.ScatterAdd(0, index.Reshape([4000, 1]).Expand([4000, 130]), source)]);
    }

    [Fact]
    public void Slices_of_the_first_axis_share_memory_and_others_do_not()
    {
        Tensor x = Tensor.Range(12).Reshape(4, 3);
        Assert.Same(x.Storage, x.Slice(0, 1..3).Storage);
        Assert.Same(x.Storage, x.Select(0, 2).Storage);
        Assert.NotSame(x.Storage, x.Slice(1, 1..3).Storage);
        Assert.Equal([3f, 4, 5, 6, 7, 8], x.Slice(0, 1..3).ToArray());
    }

    [Fact]
    public void Empty_tensors_keep_their_shapes()
    {
        Tensor x = Tensor.Zeros([0, 3]);
        Assert.Equal([3, 0], x.T().Shape);
        Assert.Equal([0, 2], x.Slice(1, 0..2).Shape);
        Assert.Equal([2, 3], Tensor.Concat([x, Tensor.Ones([2, 3])]).Shape);
        Assert.Equal([0, 3], Tensor.Ones([2, 3]).Slice(0, 2..2).Shape);
        Assert.Equal([0, 3], Tensor.Ones([2, 3]).IndexSelect(0, IntTensor.Of()).Shape);
        Assert.Equal([2, 5], x.Reshape(0, 3).Pad(0, 1, 1).Pad(1, 1, 1).Shape);
        Assert.Equal([0, 4], x.Diagonal().DiagEmbed().Reshape(0, 4).Shape);
    }

    [Fact]
    public void Reflections_wider_than_the_axis_go_on()
    {
        Tensor x = Tensor.Of(1, 2, 3);
        Assert.Equal([1f, 2, 3, 2, 1, 2, 3, 2, 1, 2], x.Pad(0, 4, 3, PadMode.Reflect).ToArray());
        Assert.Equal([3f, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1], x.Pad(0, 4, 4, PadMode.Circular).ToArray());
    }

    [Fact]
    public void Integers_are_sliced_joined_compared_and_made_one_hot()
    {
        IntTensor x = IntTensor.From([1, 2, 3, 4, 5, 6], [2, 3]);
        Assert.Equal([3, 2, 6, 5], x.Slice(1, 1..3, -1).ToArray());
        Assert.Equal([4, 5, 6], x.Select(0, -1).ToArray());
        Assert.Equal([1, 2, 3, 1, 4, 5, 6, 4], IntTensor.Concat([x, x.Slice(1, ..1)], 1).ToArray());
        Assert.Equal([0f, 1, 0, 0, 0, 0], x.EqualTo(2).ToArray());
        Assert.Equal([1f, 1, 1, 1, 1, 1], x.EqualTo(x).ToArray());
        Assert.Equal([0f, 0, 1, 1, 0, 0], IntTensor.Of(2, 0).OneHot(3).ToArray());
        Assert.Equal([int.MinValue, -1, 0x7fc00001], IntTensor.Concat([IntTensor.Of(int.MinValue, -1), IntTensor.Of(0x7fc00001)]).ToArray());
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_shapes_in_the_message()
    {
        Tensor x = Tensor.Zeros([2, 3]);
        Refused("Permute: (0, 0) is not an order of the 2 axes of (2, 3)", () => x.Permute(0, 0));
        Refused("Transpose: axis 2 does not exist in shape (2, 3); axes go from -2 to 1", () => x.Transpose(0, 2));
        Refused("T: needs a matrix, got (3); use Transpose(-2, -1) for a batch of them", () => Tensor.Zeros([3]).T());
        Refused("Slice: range 1..5 does not lie in axis 1 of (2, 3)", () => x.Slice(1, 1..5));
        Refused("Slice: the step along axis 1 of (2, 3) is 0", () => x.Slice(1, .., 0));
        Refused("Narrow: 2 places from 2 on do not lie in axis 1 of (2, 3)", () => x.Narrow(1, 2, 2));
        Refused("Select: index 3 lies outside axis 1 of (2, 3)", () => x.Select(1, 3));
        Refused("Split: sizes (1, 1) add up to 2, axis 1 of (2, 3) has 3", () => x.Split([1, 1], 1)[0]);
        Refused("Concat: tensor 1 is (2, 2), tensor 0 is (2, 3); they may differ only in axis 0", () => Tensor.Concat([x, Tensor.Zeros([2, 2])]));
        Refused("Concat: needs at least one tensor", () => Tensor.Concat([]));
        Refused("Stack: tensor 1 is (3, 2), tensor 0 is (2, 3); all must have one shape", () => Tensor.Stack([x, Tensor.Zeros([3, 2])]));
        Refused("Squeeze: axis 1 of (2, 3) has size 3, not 1", () => x.Squeeze(1));
        Refused("Unsqueeze: no place 4 for a new axis in (2, 3); places go from -3 to 2", () => x.Unsqueeze(4));
        Refused("Repeat: (2) has fewer counts than (2, 3) has axes", () => x.Repeat(2));
        Refused("Pad: [(-1, 0)] has a negative width for (2, 3); use Slice to cut", () => x.Pad([(-1, 0)]));
        Refused("Pad: axis 0 of (1, 3) has too few places for Reflect, which needs at least 2", () => Tensor.Zeros([1, 3]).Pad(0, 1, 1, PadMode.Reflect));
        Refused("Tril: needs matrices (..., n, m), got (3)", () => Tensor.Zeros([3]).Tril());
        Refused("Gather: index 3 (number 1 of (2, 1)) lies outside axis 1 of (2, 3); indices go from 0 to 2", () => x.Gather(1, IntTensor.From([0, 3], [2, 1])));
        Refused("Gather: the index (3, 1) is longer than (2, 3) in axis 0, which is not picked along", () => x.Gather(1, IntTensor.Full([3, 1], 0)));
        Refused("ScatterAdd: the index is (2, 1), the source (2, 2); they must have one shape", () => x.ScatterAdd(1, IntTensor.Full([2, 1], 0), Tensor.Zeros([2, 2])));
        Refused("ScatterAdd: the index (1, 3) does not fit (2, 3); they may differ only in axis 1", () => x.ScatterAdd(1, IntTensor.Full([1, 3], 0), Tensor.Zeros([1, 3])));
        Refused("IndexSelect: index -1 (number 0 of (1)) lies outside axis 0 of (2, 3); indices go from 0 to 1", () => x.IndexSelect(0, IntTensor.Of(-1)));
        Refused("IndexAdd: the source is (2, 2); 2 places in axis 0 of (2, 3) need (2, 3)", () => x.IndexAdd(0, IntTensor.Of(0, 1), Tensor.Zeros([2, 2])));
        Refused("MaskedFill: the mask (4, 2, 3) does not broadcast to (2, 3)", () => x.MaskedFill(Tensor.Zeros([4, 2, 3]), 0));
        Refused("OneHot: label 3 (number 1 of (2)) lies outside 0 to 2", () => IntTensor.Of(0, 3).OneHot(3));
    }

    private static void Refused(string message, Func<Tensor> operation) => Assert.Equal(message, Assert.Throws<ShapeException>(operation).Message);

    private static IntTensor Index(string name) => Golden.Integers(name, "in1");

    private static Tensor Square(Tensor x) => x * x;
}
