using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Thin singular value decompositions: <c>A = U diag(S) Vᵀ</c>.</summary>
    /// <param name="a">A, (..., m, n).</param>
    /// <returns>
    /// U, (..., m, k), and V, (..., n, k), with orthonormal columns, and S, (..., k), descending, for <c>k = min(m, n)</c>. The sign of a
    /// pair of vectors is chosen so that the number of largest magnitude of the longer one (U's if equal) is positive.
    /// </returns>
    /// <exception cref="ShapeException">A has fewer than two axes.</exception>
    /// <exception cref="LinearAlgebraException">A matrix holds NaN or infinity.</exception>
    /// <remarks>
    /// One-sided Jacobi rotations in double. The gradient of S is always there; that of U and V needs distinct singular values (to a
    /// millionth of the largest) and, unless A is square, none that is zero, else it throws a <see cref="LinearAlgebraException"/>;
    /// so does S's second gradient. Source: Townsend 2016, "Differentiating the singular value decomposition".
    /// </remarks>
    public static (Tensor U, Tensor S, Tensor V) Svd(this Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        ShapeException.Require(a.Rank >= 2, $"Svd: needs matrices (..., m, n), got {a.Shape}");
        int m = a.Shape[^2], n = a.Shape[^1], k = Math.Min(m, n);
        Tensor u = Tensor.Uninitialized(a.Shape.With(-1, k)), s = Tensor.Uninitialized(a.Shape[..^1].With(-1, k));
        Tensor v = Tensor.Uninitialized(Shape.Own([.. a.Shape.Sizes[..^2], n, k]));
        int failed = MatrixBatch.Svd(a.Span, u.Writable, s.Writable, v.Writable, m, n).Batch;
        if (failed >= 0) throw LinearAlgebraException.About(nameof(Svd), a.Shape, failed, "has no singular values: it holds NaN or infinity");

        SvdGradient gradient = new(a.Shape, u, s, v);
        Tape.Record("singular_vectors", u, new Edge(a, gradient.OfU));
        Tape.Record("singular_vectors", v, new Edge(a, gradient.OfV));
        Tape.Record("singular_values", s, new Edge(a, gradient.OfS));
        return (u, s, v);
    }

    /// <summary>The three gradient rules of a decomposition, in differentiable operations on its own results.</summary>
    private sealed class SvdGradient(Shape shape, Tensor u, Tensor s, Tensor v)
    {
        public Tensor OfS(Tensor ds) => (u * OnColumns(ds)).MatMul(v, transposeB: true);

        // U [(skew(Uᵀ dU) / E) S] Vᵀ + (I - U Uᵀ) dU S⁻¹ Vᵀ with Eᵢⱼ = Sⱼ² - Sᵢ²; the second part only for tall matrices.
        public Tensor OfU(Tensor du)
        {
            Tensor inner = u.MatMul(du, transposeA: true);
            Tensor left = u.MatMul(Turned(inner) * OnColumns(s));
            if (shape[^2] > shape[^1]) left += (du - u.MatMul(inner)) / OnColumns(Nonzero());
            return left.MatMul(v, transposeB: true);
        }

        // U [S (skew(Vᵀ dV) / E)] Vᵀ + U S⁻¹ dVᵀ (I - V Vᵀ); the second part only for wide matrices.
        public Tensor OfV(Tensor dv)
        {
            Tensor inner = v.MatMul(dv, transposeA: true);
            Tensor right = v.MatMul(Turned(inner) * OnColumns(s));
            if (shape[^1] > shape[^2]) right += (dv - v.MatMul(inner)) / OnColumns(Nonzero());
            return u.MatMul(right, transposeB: true);
        }

        private Tensor Turned(Tensor x)
        {
            RequireDistinct(nameof(Svd), "singular values", s.Span, s.Shape[^1], shape);
            return (x - x.Transpose(-2, -1)) * InverseDifferences(s * s);
        }

        private Tensor Nonzero()
        {
            int k = s.Shape[^1], rank = -1;
            for (int i = 0; i < s.Length && rank < 0; i++)
                if (s.Span[i] <= SameValue * s.Span[i / k * k]) rank = i;
            return rank < 0 ? s : throw LinearAlgebraException.About(nameof(Svd), shape, rank / k,
                $"has a zero singular value, number {rank % k}: there the gradient of its vectors does not exist");
        }
    }
}
