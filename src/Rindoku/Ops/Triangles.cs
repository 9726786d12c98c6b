using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The lower triangle of matrices, with zeros above the diagonal.</summary>
    /// <param name="x">(..., n, m).</param>
    /// <param name="diagonal">Which diagonal is the last to be kept: 0 the main one, above it 1, 2, ...</param>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static Tensor Tril(this Tensor x, int diagonal = 0) => Triangle(x, diagonal, lower: true, nameof(Tril));

    /// <summary>The upper triangle of matrices, with zeros below the diagonal.</summary>
    /// <param name="x">(..., n, m).</param>
    /// <param name="diagonal">Which diagonal is the first to be kept: 0 the main one, above it 1, 2, ...</param>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static Tensor Triu(this Tensor x, int diagonal = 0) => Triangle(x, diagonal, lower: false, nameof(Triu));

    /// <summary>The diagonal of matrices: <c>y[i] = x[i, i + offset]</c>.</summary>
    /// <param name="x">(..., n, m).</param>
    /// <param name="offset">Above the main diagonal if positive, below if negative.</param>
    /// <returns>(..., k), k being the length of the diagonal.</returns>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static Tensor Diagonal(this Tensor x, int offset = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2, $"Diagonal: needs matrices (..., n, m), got {x.Shape}");
        int count = Math.Max(0, Math.Min(x.Shape[^2] + Math.Min(offset, 0), x.Shape[^1] - Math.Max(offset, 0)));
        Tensor y = Tensor.Uninitialized([.. x.Shape[..^2], count]);
        (int start, int[] strides) = DiagonalOf(x.Shape, offset);
        StridedCopy.Run(x.Span, start, strides, y.Writable, 0, y.Shape.Strides(), y.Shape.AsSpan());
        return Tape.Record("diagonal", y, new Edge(x, dy => dy.PlaceDiagonal(x.Shape, offset)));
    }

    /// <summary>Square matrices with the given diagonal and zeros elsewhere.</summary>
    /// <param name="x">(..., k).</param>
    /// <param name="offset">Above the main diagonal if positive, below if negative.</param>
    /// <returns>(..., n, n) with <c>n = k + |offset|</c>.</returns>
    /// <exception cref="ShapeException">x is a scalar.</exception>
    public static Tensor DiagEmbed(this Tensor x, int offset = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 1, $"DiagEmbed: needs diagonals (..., k), got {x.Shape}");
        int n = x.Shape[^1] + Math.Abs(offset);
        return x.PlaceDiagonal([.. x.Shape[..^1], n, n], offset);
    }

    private static Tensor PlaceDiagonal(this Tensor x, Shape shape, int offset)
    {
        Tensor y = Tensor.Zeros(shape);
        (int start, int[] strides) = DiagonalOf(shape, offset);
        StridedCopy.Run(x.Span, 0, x.Shape.Strides(), y.Writable, start, strides, x.Shape.AsSpan());
        return Tape.Record("diag_embed", y, new Edge(x, dy => dy.Diagonal(offset)));
    }

    private static (int Start, int[] Strides) DiagonalOf(Shape shape, int offset)
    {
        int columns = shape[^1];
        return (offset >= 0 ? offset : -offset * columns, [.. shape.Strides()[..^2], columns + 1]);
    }

    private static Tensor Triangle(Tensor x, int diagonal, bool lower, string method)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2, $"{method}: needs matrices (..., n, m), got {x.Shape}");
        Tensor y = Tensor.Uninitialized(x.Shape);
        Triangles.Run(x.Span, y.Writable, x.Shape[^2], x.Shape[^1], diagonal, lower);
        return Tape.Record(lower ? "tril" : "triu", y, new Edge(x, dy => Triangle(dy, diagonal, lower, method)));
    }
}
