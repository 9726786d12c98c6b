using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Solves <c>A X = B</c>.</summary>
    /// <param name="a">A, (..., n, n).</param>
    /// <param name="b">B, (..., n, k), or one vector (n).</param>
    /// <returns>X, (..., n, k), or (..., n) for a vector; the batch axes broadcast.</returns>
    /// <exception cref="ShapeException">A is not square, or the shapes do not fit.</exception>
    /// <exception cref="LinearAlgebraException">A matrix is singular to working precision; names it and the pivot.</exception>
    /// <remarks>LU factors with partial pivoting, in double. Gradients: <c>dB = A⁻ᵀ dX</c>, <c>dA = -dB Xᵀ</c>.</remarks>
    public static Tensor Solve(this Tensor a, Tensor b) => SolveBatched(a, b, nameof(Solve), SolveCore);

    /// <summary>Solves <c>op(A) X = B</c> for a triangular A; op may transpose.</summary>
    /// <param name="a">A, (..., n, n); only the named triangle is read.</param>
    /// <param name="b">B, (..., n, k), or one vector (n).</param>
    /// <param name="upper">Whether A is upper triangular.</param>
    /// <param name="transposed">Whether Aᵀ stands for A.</param>
    /// <returns>X, (..., n, k), or (..., n) for a vector; the batch axes broadcast.</returns>
    /// <exception cref="ShapeException">A is not square, or the shapes do not fit.</exception>
    /// <exception cref="LinearAlgebraException">There is a zero on a diagonal; names the matrix and the place.</exception>
    /// <remarks>Substitution in double. Gradients: <c>dB = op(A)⁻ᵀ dX</c> and, in A's triangle, <c>-dB Xᵀ</c> or its transpose.</remarks>
    public static Tensor TriangularSolve(this Tensor a, Tensor b, bool upper = false, bool transposed = false) =>
        SolveBatched(a, b, nameof(TriangularSolve), (x, y) => TriangularSolveCore(x, y, upper, transposed));

    /// <summary>Solves <c>L Lᵀ X = B</c>, given the lower Cholesky factor.</summary>
    /// <param name="factor">L, (..., n, n), lower triangular; see <see cref="Cholesky"/>.</param>
    /// <param name="b">B, (..., n, k), or one vector (n).</param>
    /// <returns>X, (..., n, k), or (..., n) for a vector; the batch axes broadcast.</returns>
    /// <exception cref="ShapeException">L is not square, or the shapes do not fit.</exception>
    /// <exception cref="LinearAlgebraException">There is a zero on a diagonal.</exception>
    public static Tensor CholeskySolve(this Tensor factor, Tensor b) => SolveBatched(factor, b, nameof(CholeskySolve),
        (l, y) => TriangularSolveCore(l, TriangularSolveCore(l, y, upper: false, transposed: false), upper: false, transposed: true));

    /// <summary>The inverse matrices, <c>A⁻¹</c>. To solve equations, <see cref="Solve"/> is faster and more accurate.</summary>
    /// <param name="a">A, (..., n, n).</param>
    /// <exception cref="ShapeException">A is not square.</exception>
    /// <exception cref="LinearAlgebraException">A matrix is singular to working precision; names it and the pivot.</exception>
    /// <remarks>Gradient: <c>dA = -A⁻ᵀ dY A⁻ᵀ</c>.</remarks>
    public static Tensor Inverse(this Tensor a)
    {
        RequireSquare(a, nameof(Inverse));
        int n = a.Shape[^1];
        Tensor y = Tensor.Uninitialized(a.Shape);
        (int batch, int pivot) = MatrixBatch.Solve(a.Span, Tensor.Eye(n).Expand(a.Shape).Span, y.Writable, n, n);
        if (batch >= 0) throw Singular(nameof(Inverse), a.Shape, batch, pivot);
        return Tape.Record("inverse", y, new Edge(a, dy => -y.MatMul(dy, transposeA: true).MatMul(y, transposeB: true)));
    }

    private static Tensor SolveCore(Tensor a, Tensor b)
    {
        Tensor x = Tensor.Uninitialized(b.Shape);
        (int batch, int pivot) = MatrixBatch.Solve(a.Span, b.Span, x.Writable, b.Shape[^2], b.Shape[^1]);
        if (batch >= 0) throw Singular(nameof(Solve), a.Shape, batch, pivot);
        return Tape.RecordFused("solve", x, (dx, wanted) =>
        {
            Tensor db = SolveTransposed(dx);
            return [wanted[0] ? GradientA(db) : null, db];
        }, new Edge(a, dx => GradientA(SolveTransposed(dx))), new Edge(b, SolveTransposed));

        Tensor SolveTransposed(Tensor dx) => SolveCore(a.Transpose(-2, -1), dx);
        Tensor GradientA(Tensor db) => -db.MatMul(x, transposeB: true);
    }

    private static Tensor TriangularSolveCore(Tensor a, Tensor b, bool upper, bool transposed)
    {
        Tensor x = Tensor.Uninitialized(b.Shape);
        (int batch, int pivot) = MatrixBatch.TriangularSolve(a.Span, b.Span, x.Writable, b.Shape[^2], b.Shape[^1], upper, transposed);
        if (batch >= 0) throw LinearAlgebraException.About(nameof(TriangularSolve), a.Shape, batch, $"is singular: there is a zero on its diagonal, at {pivot}");
        return Tape.RecordFused("triangular_solve", x, (dx, wanted) =>
        {
            Tensor db = Adjoint(dx);
            return [wanted[0] ? GradientA(db) : null, db];
        }, new Edge(a, dx => GradientA(Adjoint(dx))), new Edge(b, Adjoint));

        Tensor Adjoint(Tensor dx) => TriangularSolveCore(a, dx, upper, !transposed);
        Tensor GradientA(Tensor db)
        {
            Tensor full = transposed ? -x.MatMul(db, transposeB: true) : -db.MatMul(x, transposeB: true);
            return upper ? full.Triu() : full.Tril();
        }
    }

    // Brings matrices and right-hand sides to one batch shape; a vector becomes one column for the time being.
    private static Tensor SolveBatched(Tensor a, Tensor b, string operation, Func<Tensor, Tensor, Tensor> solve)
    {
        ArgumentNullException.ThrowIfNull(b);
        RequireSquare(a, operation);
        int n = a.Shape[^1];
        bool vector = b.Rank == 1;
        ShapeException.Require(b.Rank >= 1 && b.Shape[vector ? ^1 : ^2] == n,
            $"{operation}: matrices {a.Shape} and right-hand side {b.Shape}: needs (..., {n}, k) or ({n})");
        if (vector) b = b.Reshape(n, 1);
        Shape batch = Shape.Broadcast(a.Shape[..^2], b.Shape[..^2], operation);
        int columns = b.Shape[^1];
        Tensor x = solve(a.Expand(Shape.Own([.. batch.Sizes, n, n])), b.Expand(Shape.Own([.. batch.Sizes, n, columns])));
        return vector ? x.Reshape(Shape.Own([.. batch.Sizes, n])) : x;
    }

    private static LinearAlgebraException Singular(string operation, Shape shape, int batch, int pivot) =>
        LinearAlgebraException.About(operation, shape, batch, $"is singular: pivot {pivot} of its elimination is zero to working precision");

    private static void RequireSquare(Tensor a, string operation)
    {
        ArgumentNullException.ThrowIfNull(a);
        ShapeException.Require(a.Rank >= 2 && a.Shape[^1] == a.Shape[^2], $"{operation}: needs square matrices (..., n, n), got {a.Shape}");
    }
}
