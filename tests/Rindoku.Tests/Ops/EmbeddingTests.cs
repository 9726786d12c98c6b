using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class EmbeddingTests
{
    private static readonly Golden Golden = Golden.Family("lookup");

    [Fact] public void Embedding_matches_PyTorch() => Golden.Check("embedding", w => w.Embedding(Golden.Integers("embedding", "in1")).Square());

    [Fact]
    public void Embedding_with_a_padding_row_matches_PyTorch() =>
        Golden.Check("embedding_padding", w => w.Embedding(Golden.Integers("embedding_padding", "in1"), paddingIndex: 2).Square());

    [Fact]
    public void The_gradient_is_bitwise_equal_for_any_number_of_threads()
    {
        Tensor table = new Rng(seed: 1).Normal([20, 200]).Tracked(), dy = new Rng(seed: 2).Normal([5000, 200]);
        IntTensor indices = IntTensor.From([.. Enumerable.Range(0, 5000).Select(i => i * 7 % 20)], [5000]);
        Determinism.Check(() => Grad.Vjp(table.Embedding(indices), dy, [table]));
    }

    [Fact]
    public void No_indices_give_no_rows() => Assert.Equal([0, 3], Tensor.Zeros([2, 3]).Embedding(IntTensor.Of()).Shape);

    [Fact]
    public void An_index_outside_the_table_is_refused_by_its_place()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros([2, 3]).Embedding(IntTensor.Of(1, 2)));
        Assert.StartsWith("Embedding: index 2 at place 1 is none of the 2 rows of table (2, 3)", error.Message);
    }
}
