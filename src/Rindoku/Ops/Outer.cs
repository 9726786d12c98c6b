namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Outer products: <c>y[i, j] = a[i] · b[j]</c>.</summary>
    /// <param name="a">(..., n).</param>
    /// <param name="b">(..., m).</param>
    /// <returns>(..., n, m); the batch axes broadcast.</returns>
    /// <exception cref="ShapeException">One is a scalar, or the batches do not broadcast.</exception>
    public static Tensor Outer(this Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ShapeException.Require(a.Rank > 0 && b.Rank > 0, $"Outer: {a.Shape} and {b.Shape}: both need at least one axis");
        return a.Reshape(a.Shape.Insert(-1, 1)) * b.Reshape(b.Shape.Insert(-2, 1));
    }

    /// <summary>Inner products of vectors: <c>y = Σ a[i] · b[i]</c>.</summary>
    /// <param name="a">(..., n).</param>
    /// <param name="b">(..., n).</param>
    /// <returns>(...); the batch axes broadcast.</returns>
    /// <exception cref="ShapeException">The lengths differ, one is a scalar, or the batches do not broadcast.</exception>
    public static Tensor Dot(this Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ShapeException.Require(a.Rank > 0 && b.Rank > 0 && a.Shape[^1] == b.Shape[^1], $"Dot: {a.Shape} and {b.Shape}: the last axes must have one size");
        return (a * b).Sum([-1]);
    }

    /// <summary>Traces: <c>y = Σ x[i, i]</c>.</summary>
    /// <param name="x">(..., n, m).</param>
    /// <returns>(...).</returns>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static Tensor Trace(this Tensor x) => x.Diagonal().Sum([-1]);
}
