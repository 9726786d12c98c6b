using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Rows of a table by their numbers: <c>y[..., :] = table[indices[...], :]</c>.</summary>
    /// <param name="table">(V, D).</param>
    /// <param name="indices">Any shape S; each from 0 to V - 1.</param>
    /// <param name="paddingIndex">A row that no gradient flows to, or null.</param>
    /// <returns>(S, D).</returns>
    /// <exception cref="ShapeException">The table has not two axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not a row.</exception>
    public static Tensor Embedding(this Tensor table, IntTensor indices, int? paddingIndex = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(indices);
        ShapeException.Require(table.Rank == 2, $"Embedding: the table must be (V, D), got {table.Shape}");
        int rows = table.Shape[0];
        IntTensor learned = IntTensor.Uninitialized(indices.Shape);
        for (int i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)rows)
                throw new ArgumentOutOfRangeException(nameof(indices), $"Embedding: index {indices[i]} at place {i} is none of the {rows} rows of table {table.Shape}");
            learned.Writable[i] = indices[i] == paddingIndex ? -1 : indices[i];
        }
        Tensor y = Tensor.Uninitialized(indices.Shape.Insert(-1, table.Shape[1]));
        TableKernel.Gather(table.Span, indices.Span, y.Writable, table.Shape[1]);
        return Tape.Record("embedding", y, new Edge(table, dy => AddRows(dy, learned, rows)));
    }

    // Adding rows up and reading rows are each other's gradients; negative indices are rows of zeros that take nothing.
    private static Tensor AddRows(Tensor x, IntTensor indices, int rows)
    {
        int width = x.Shape[^1];
        Tensor y = Tensor.Zeros([rows, width]);
        TableKernel.ScatterAdd(x.Span, indices.Span, y.Writable, width);
        return Tape.Record("embedding_gradient", y, new Edge(x, dy => ReadRows(dy, indices)));
    }

    private static Tensor ReadRows(Tensor table, IntTensor indices)
    {
        Tensor y = Tensor.Uninitialized(indices.Shape.Insert(-1, table.Shape[1]));
        TableKernel.Gather(table.Span, indices.Span, y.Writable, table.Shape[1]);
        return Tape.Record("embedding", y, new Edge(table, dy => AddRows(dy, indices, table.Shape[0])));
    }
}
