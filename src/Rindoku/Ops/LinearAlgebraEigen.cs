using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    // Closer than this, next to the largest, values in float are one value: differences of them are rounding.
    private const float SameValue = 1e-6f;

    /// <summary>Eigenvalues and eigenvectors of symmetric matrices: <c>A = V diag(λ) Vᵀ</c>.</summary>
    /// <param name="a">A, (..., n, n), symmetric; only the lower triangle is read.</param>
    /// <returns>λ, (..., n), ascending, and V, (..., n, n), in columns; in each the number of largest magnitude is positive.</returns>
    /// <exception cref="ShapeException">A is not square.</exception>
    /// <exception cref="LinearAlgebraException">A matrix holds NaN or infinity.</exception>
    /// <remarks>
    /// Computed in double. Gradients, symmetric like A: <c>V diag(dλ) Vᵀ</c> and <c>V (F ∘ Vᵀ dV) Vᵀ</c> with
    /// <c>Fᵢⱼ = 1 / (λⱼ - λᵢ)</c>. Where two eigenvalues are equal (to a millionth of the largest) eigenvectors have no derivative: their
    /// gradient, and second gradients of the eigenvalues, throw a <see cref="LinearAlgebraException"/>; first gradients of eigenvalues
    /// do not. Source: Giles 2008, "An extended collection of matrix derivative results", section 3.1.
    /// </remarks>
    public static (Tensor Values, Tensor Vectors) SymmetricEigen(this Tensor a)
    {
        RequireSquare(a, nameof(SymmetricEigen));
        int n = a.Shape[^1];
        Tensor values = Tensor.Uninitialized(a.Shape[..^1]), vectors = Tensor.Uninitialized(a.Shape);
        int failed = MatrixBatch.SymmetricEigen(a.Span, values.Writable, vectors.Writable, n).Batch;
        if (failed >= 0) throw LinearAlgebraException.About(nameof(SymmetricEigen), a.Shape, failed, "has no eigenvalues: it holds NaN or infinity");

        Tape.Record("eigenvectors", vectors, new Edge(a, dv =>
        {
            RequireDistinct(nameof(SymmetricEigen), "eigenvalues", values.Span, n, a.Shape);
            Tensor inner = vectors.MatMul(dv, transposeA: true) * InverseDifferences(values);
            return Symmetric(vectors.MatMul(inner).MatMul(vectors, transposeB: true));
        }));
        Tape.Record("eigenvalues", values, new Edge(a, dy => (vectors * OnColumns(dy)).MatMul(vectors, transposeB: true)));
        return (values, vectors);
    }

    /// <summary><c>1 / (xⱼ - xᵢ)</c>, and 0 on the diagonal: (..., n) to (..., n, n).</summary>
    private static Tensor InverseDifferences(Tensor x)
    {
        Tensor one = Tensor.Eye(x.Shape[^1]);
        return (1 - one) / (OnColumns(x) - x.Unsqueeze(-1) + one);
    }

    private static void RequireDistinct(string operation, string what, ReadOnlySpan<float> values, int n, Shape shape)
    {
        for (int i = 0; i + 1 < values.Length; i++)
        {
            if (i % n == n - 1) continue; // the next one belongs to another matrix
            int batch = i / n;
            float largest = Math.Max(Math.Abs(values[batch * n]), Math.Abs(values[batch * n + n - 1]));
            if (Math.Abs(values[i + 1] - values[i]) <= SameValue * largest)
                throw LinearAlgebraException.About(operation, shape, batch, FormattableString.Invariant(
                    $"has equal {what} {i % n} and {i % n + 1} ({values[i]} and {values[i + 1]}): there the gradient of its vectors does not exist"));
        }
    }

    private static Tensor Symmetric(Tensor a) => (a + a.Transpose(-2, -1)) * 0.5f;

    // One number for each column of matrices: (..., n) to (..., 1, n).
    private static Tensor OnColumns(Tensor x) => x.Unsqueeze(-2);
}
