using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Lower Cholesky factors: the L with <c>A = L Lᵀ</c> and a positive diagonal.</summary>
    /// <param name="a">A, (..., n, n), symmetric and positive definite; only the lower triangle is read.</param>
    /// <returns>L, (..., n, n), zero above the diagonal.</returns>
    /// <exception cref="ShapeException">A is not square.</exception>
    /// <exception cref="LinearAlgebraException">A matrix is not positive definite; names it and the pivot.</exception>
    /// <remarks>
    /// Computed in double. Gradient, symmetric like A: <c>dA = sym(L⁻ᵀ Φ(Lᵀ dL) L⁻¹)</c>, Φ taking the lower triangle with half the
    /// diagonal. Source: Murray 2016, arXiv:1602.07527, equation 10.
    /// </remarks>
    public static Tensor Cholesky(this Tensor a)
    {
        RequireSquare(a, nameof(Cholesky));
        int n = a.Shape[^1];
        Tensor l = Tensor.Uninitialized(a.Shape);
        (int batch, int pivot) = MatrixBatch.Cholesky(a.Span, l.Writable, n);
        if (batch >= 0)
            throw LinearAlgebraException.About(nameof(Cholesky), a.Shape, batch,
                $"is not positive definite: pivot {pivot} is not positive. Add a small multiple of the identity if rounding may be the cause");
        return Tape.Record("cholesky", l, new Edge(a, dl =>
        {
            Tensor inner = l.MatMul(dl, transposeA: true) * LowerWithHalfDiagonal(n);
            Tensor left = l.TriangularSolve(inner, transposed: true);
            Tensor da = l.TriangularSolve(left.Transpose(-2, -1), transposed: true);
            return (da + da.Transpose(-2, -1)) * 0.5f;
        }));
    }

    private static Tensor LowerWithHalfDiagonal(int n) => Tensor.Generate([n, n], i => (i / n).CompareTo(i % n) switch { > 0 => 1, 0 => 0.5f, _ => 0 });
}
